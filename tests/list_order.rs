//! The order of a list: the keys, their directions, and what holds without any.

use crate::list::{PATHS, fails, rows, seed, seeded};
use crate::support::{TestServer, apply, both_engines, json};

#[apply(both_engines!)]
async fn each_key_sorts_either_way_and_a_key_alone_descends(server: TestServer) {
    let seeds = seeded(&server, &[Some("b"), None, Some("a"), Some("B"), Some("\u{e9}")]).await;
    let ids = |order: &[usize]| -> Vec<String> { order.iter().map(|at| seeds[*at].0.clone()).collect() };
    let mut by_volume: Vec<usize> = (0..5).collect();
    by_volume.sort_by_key(|at| &seeds[*at].1);
    let by_name = [1, 3, 2, 0, 4]; // null, B, a, b, é: bytes
    let by_age = [0, 1, 2, 3, 4];
    let reversed = |order: &[usize]| -> Vec<usize> { order.iter().rev().copied().collect() };
    for path in PATHS {
        for (key, ascending) in [
            ("id", &by_age[..]),
            ("created_at", &by_age),
            ("name", &by_name),
            ("display_name", &by_name),
            ("volume_id", &by_volume),
        ] {
            let descending = reversed(ascending);
            for (query, expected) in [
                (format!("sort={key}:asc"), ascending),
                (format!("sort={key}:desc"), &descending),
                (format!("sort={key}"), &descending),
                (format!("sort_key={key}"), &descending),
                (format!("sort_key={key}&sort_dir=asc"), ascending),
                (format!("sort_key={key}&sort_dir=desc"), &descending),
            ] {
                assert_eq!(rows(&server, path, &query).await, ids(expected), "{path}?{query}");
            }
        }
        assert_eq!(rows(&server, path, "sort_dir=desc").await, ids(&reversed(&by_age)), "{path}: of created_at");
        assert_eq!(rows(&server, path, "sort_dir=asc").await, ids(&by_age), "{path}: of created_at");
    }
}

#[apply(both_engines!)]
async fn several_keys_sort_by_weight_and_ties_go_by_id(server: TestServer) {
    let seeds = seeded(&server, &[Some("b"), Some("a"), Some("b"), Some("a"), None]).await;
    let ids = |order: &[usize]| -> Vec<String> { order.iter().map(|at| seeds[*at].0.clone()).collect() };
    for path in PATHS {
        for (query, order) in [
            ("sort=name:asc", [4, 1, 3, 0, 2]),
            ("sort=name:asc,created_at:desc", [4, 3, 1, 2, 0]),
            ("sort=name:desc,created_at:asc", [0, 2, 1, 3, 4]),
            ("sort=name,id", [2, 0, 3, 1, 4]),
        ] {
            assert_eq!(rows(&server, path, query).await, ids(&order), "{path}?{query}");
        }
    }
}

#[apply(both_engines!)]
async fn an_unknown_key_or_direction_is_refused_and_so_are_two_ways_of_sorting(server: TestServer) {
    for path in PATHS {
        for query in ["sort=colour", "sort=colour:asc", "sort=id,colour", "sort_key=colour", "sort_key=ID", "sort=id:asc,"] {
            fails(&server, path, query, "EVS.1039").await;
        }
        for query in ["sort=id:up", "sort_key=id&sort_dir=up", "sort_dir=ASC", "sort=id:asc:desc"] {
            fails(&server, path, query, "EVS.1040").await;
        }
        for query in ["sort=id&sort_key=id", "sort=id&sort_dir=asc", "sort=id&sort_key=id&sort_dir=asc"] {
            server.get(&format!("{path}?{query}")).await.is(400);
        }
    }
}

#[apply(both_engines!)]
async fn the_default_order_is_age_and_descends_on_volume_transfers_from_3_59(server: TestServer) {
    // two of the same moment go by id
    let (mut volumes, mut transfers) = (Vec::new(), Vec::new());
    for (number, second) in [(3, 1), (1, 1), (2, 0)] {
        let (volume, mut transfer) = seed("alpha", number, None);
        transfer["created_at"] = json!(format!("2015-02-25T03:56:{second:02}.000000"));
        volumes.push(volume);
        transfers.push(transfer);
    }
    server.seed(json!({"volumes": volumes, "transfers": transfers})).await;
    let id = |number: usize| format!("{number:08x}-0000-4000-8000-000000000000");
    let ascending = [id(2), id(1), id(3)];
    let descending = [id(3), id(1), id(2)];
    for path in PATHS {
        for (version, from_3_59) in
            [(None, false), (Some("3.58"), false), (Some("3.59"), true), (Some("3.71"), true), (Some("latest"), true)]
        {
            let expected = if from_3_59 && path.contains("volume-transfers") { &descending } else { &ascending };
            let answer = server.get(path).at_or_none(version).await.is(200);
            assert_eq!(answer.ids(), expected, "{path} at {version:?}");
        }
    }
}
