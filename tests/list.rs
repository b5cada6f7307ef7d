//! List: the parameters' table row by row. Orders are in `list_order`, walks through pages in `pages`.

use crate::support::{Answer, NOBODYS_HASH, TestServer, Value, apply, assert_answer, both_engines, json, new_id, volume};

/// Every path of a list.
pub const PATHS: [&str; 10] = [
    "/v2/alpha/os-volume-transfer",
    "/v2/alpha/os-volume-transfer/detail",
    "/v3/alpha/os-volume-transfer",
    "/v3/alpha/os-volume-transfer/detail",
    "/v3/alpha/volume-transfers",
    "/v3/alpha/volume-transfers/detail",
    "/v3/os-volume-transfer",
    "/v3/os-volume-transfer/detail",
    "/v3/volume-transfers",
    "/v3/volume-transfers/detail",
];

fn is_v2(path: &str) -> bool {
    path.starts_with("/v2")
}

/// A pending transfer of a volume of `project`'s, as a seed; ids rise with `number`.
pub fn seed(project: &str, number: usize, name: Option<&str>) -> (Value, Value) {
    let volume = volume(project);
    let transfer = json!({
        "id": format!("{number:08x}-0000-4000-8000-000000000000"),
        "volume_id": volume["id"],
        "name": name,
        "created_at": format!("2015-02-25T03:56:{number:02}.000000"),
        "auth_key": "9266c59563c84664",
    });
    (volume, transfer)
}

/// Seeds transfers of `alpha` with these names, a second apart; their ids and volumes in that order.
pub async fn seeded(server: &TestServer, names: &[Option<&str>]) -> Vec<(String, String)> {
    let seeds: Vec<_> = names.iter().enumerate().map(|(number, name)| seed("alpha", number, *name)).collect();
    let (volumes, transfers): (Vec<_>, Vec<_>) = seeds.into_iter().unzip();
    server.seed(json!({"volumes": volumes, "transfers": transfers})).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    transfers.iter().map(|transfer| (text(&transfer["id"]), text(&transfer["volume_id"]))).collect()
}

pub async fn rows(server: &TestServer, path: &str, query: &str) -> Vec<String> {
    server.get(&format!("{path}?{query}")).await.is(200).ids()
}

pub async fn fails(server: &TestServer, path: &str, query: &str, evs_code: &str) -> Answer {
    let answer = server.get(&format!("{path}?{query}")).await;
    answer.fails(400, evs_code);
    answer
}

#[apply(both_engines!)]
async fn summary_rows_and_detail_rows_have_their_keys(server: TestServer) {
    seeded(&server, &[Some("first volume"), None]).await;
    assert_answer("list", &server, &server.get(PATHS[0]).await.is(200));
    assert_answer("list-with-details", &server, &server.get(PATHS[1]).await.is(200));
    assert_answer("list-on-v3", &server, &server.get(PATHS[4]).await.is(200));
}

#[apply(both_engines!)]
async fn an_empty_list_has_no_link(server: TestServer) {
    for path in PATHS {
        assert_eq!(server.get(path).await.is(200).json(), json!({"transfers": []}), "{path}");
    }
}

#[apply(both_engines!)]
async fn a_project_sees_its_own_only(server: TestServer) {
    let (mine, theirs) = (server.offer().await, server.volumes("beta", 1).await.remove(0));
    let theirs = server.offer_by("beta", &theirs).await;
    for path in PATHS {
        assert_eq!(server.get(path).await.is(200).ids(), [&*mine.id], "{path}");
        let path = path.replace("alpha", "beta");
        assert_eq!(server.get(&path).by("bob:beta").await.is(200).ids(), [&*theirs.id], "{path}");
    }
}

#[apply(both_engines!)]
async fn an_admin_sees_every_project_with_all_tenants_and_project_id_narrows_it(server: TestServer) {
    let mine = server.offer().await;
    let theirs = server.volumes("beta", 1).await.remove(0);
    let theirs = server.offer_by("beta", &theirs).await;
    for path in PATHS.map(|path| path.replace("alpha", "ops")) {
        let ids = async |query: &str| server.get(&format!("{path}?{query}")).by("admin:ops").await.is(200).ids();
        for yes in ["1", "true", "True", "TRUE", "yes", "YES", "on", "t", "T", "y", "Y"] {
            assert_eq!(ids(&format!("all_tenants={yes}")).await, [&*mine.id, &*theirs.id], "{path} {yes}");
        }
        for no in ["0", "false", "no", "off", "", "maybe"] {
            assert_eq!(ids(&format!("all_tenants={no}")).await, [""; 0], "{path} {no}");
        }
        assert_eq!(ids("all_tenants=1&project_id=beta").await, [&*theirs.id], "{path}");
        assert_eq!(ids("all_tenants=1&project_id=nobody").await, [""; 0], "{path}");
        assert_eq!(ids("").await, [""; 0], "{path}");
    }
}

#[apply(both_engines!)]
async fn all_tenants_is_ignored_from_anyone_else(server: TestServer) {
    let mine = server.offer().await;
    let theirs = server.volumes("beta", 1).await.remove(0);
    server.offer_by("beta", &theirs).await;
    for path in PATHS {
        for query in ["all_tenants=1", "all_tenants=1&project_id=beta", "project_id=beta"] {
            assert_eq!(rows(&server, path, query).await, [&*mine.id], "{path} {query}");
        }
    }
}

#[apply(both_engines!)]
async fn limit_cuts_the_page_and_is_an_integer(server: TestServer) {
    let seeds = seeded(&server, &[None; 3]).await;
    for path in PATHS {
        assert_eq!(rows(&server, path, "limit=2").await, [&*seeds[0].0, &*seeds[1].0], "{path}");
        assert_eq!(rows(&server, path, "limit=3").await.len(), 3, "{path}");
        assert_eq!(rows(&server, path, "limit=1000").await.len(), 3, "{path}");
        assert_eq!(rows(&server, path, "limit=0002").await.len(), 2, "{path}");
        for bad in ["x", "-1", "1.5", "%2B2", "+2", "%202", "2%20", "1e1", "0x1", "%D9%A1", "99999999999999999999999x"] {
            fails(&server, path, &format!("limit={bad}"), "EVS.1023").await;
        }
    }
}

#[apply(both_engines!)]
async fn v2_refuses_a_limit_of_0_or_over_1000_and_v3_takes_them(server: TestServer) {
    let seeds = seeded(&server, &[None; 3]).await;
    for path in PATHS {
        if is_v2(path) {
            fails(&server, path, "limit=0", "EVS.1023").await;
            for over in ["1001", "2147483648", "99999999999999999999999"] {
                fails(&server, path, &format!("limit={over}"), "EVS.2142").await;
            }
        } else {
            assert_eq!(server.get(&format!("{path}?limit=0")).await.is(200).json(), json!({"transfers": []}), "{path}");
            for over in ["1001", "2147483648", "99999999999999999999999"] {
                assert_eq!(rows(&server, path, &format!("limit={over}")).await.len(), seeds.len(), "{path}");
            }
        }
    }
}

#[apply(both_engines!)]
async fn a_thousand_rows_are_the_default_and_the_cap(server: TestServer) {
    let seeds: Vec<_> = (0..1001).map(|_| volume("alpha")).collect();
    let transfer = |volume: &Value| json!({"id": new_id(), "volume_id": volume["id"], "auth_key_hash": NOBODYS_HASH});
    server.seed(json!({"volumes": seeds, "transfers": seeds.iter().map(transfer).collect::<Vec<_>>()})).await;
    for path in ["/v2/alpha/os-volume-transfer", "/v3/alpha/volume-transfers"] {
        let answer = server.get(path).await.is(200);
        assert_eq!(answer.ids().len(), 1000);
        assert!(answer.json()["transfers_links"][0]["href"].as_str().unwrap().contains("marker="), "{path}");
    }
    let capped = server.get("/v3/alpha/volume-transfers?limit=1001").await.is(200);
    assert_eq!(capped.ids().len(), 1000);
    assert!(capped.json().get("transfers_links").is_some());
}

#[apply(both_engines!)]
async fn offset_skips_rows_and_is_an_integer(server: TestServer) {
    let seeds = seeded(&server, &[None; 3]).await;
    for path in PATHS {
        assert_eq!(rows(&server, path, "offset=1").await, [&*seeds[1].0, &*seeds[2].0], "{path}");
        assert_eq!(rows(&server, path, "offset=0").await.len(), 3, "{path}");
        assert_eq!(rows(&server, path, "offset=2147483647").await, [""; 0], "{path}");
        assert_eq!(rows(&server, path, "offset=1&limit=1").await, [&*seeds[1].0], "{path}");
        for bad in ["x", "-1", "1.5", "2147483648", "99999999999999999999", "+2", "%202", "1e1"] {
            let answer = fails(&server, path, &format!("offset={bad}"), "EVS.5400").await;
            if is_v2(path) {
                assert!(answer.message().starts_with("offset param must be an integer."), "{answer}");
            }
        }
    }
}

#[apply(both_engines!)]
async fn a_marker_is_the_row_that_the_page_begins_after(server: TestServer) {
    let seeds = seeded(&server, &[None; 4]).await;
    for path in PATHS {
        let marker = &seeds[1].0;
        for form in [marker.clone(), marker.to_uppercase(), marker.replace('-', "")] {
            assert_eq!(rows(&server, path, &format!("marker={form}")).await, [&*seeds[2].0, &*seeds[3].0], "{path} {form}");
        }
        assert_eq!(rows(&server, path, &format!("marker={marker}&offset=1")).await, [&*seeds[3].0], "{path}");
        assert_eq!(rows(&server, path, &format!("marker={}", seeds[3].0)).await, [""; 0], "{path}");
        assert_eq!(rows(&server, path, &format!("marker={marker}&sort=id")).await, [&*seeds[0].0], "{path}");
    }
}

#[apply(both_engines!)]
async fn a_marker_that_has_been_accepted_or_deleted_still_marks(server: TestServer) {
    let seeds = seeded(&server, &[None; 4]).await;
    let body = json!({"accept": {"auth_key": "9266c59563c84664"}});
    server.post(&format!("/v2/beta/os-volume-transfer/{}/accept", seeds[1].0), body).by("bob:beta").await.is(202);
    server.delete(&format!("/v2/alpha/os-volume-transfer/{}", seeds[2].0)).await.is(202);
    for path in PATHS {
        assert_eq!(rows(&server, path, &format!("marker={}", seeds[1].0)).await, [&*seeds[3].0], "{path}");
        assert_eq!(rows(&server, path, &format!("marker={}", seeds[2].0)).await, [&*seeds[3].0], "{path}");
    }
}

#[apply(both_engines!)]
async fn a_marker_of_nobodys_or_anothers_is_refused_alike(server: TestServer) {
    let theirs = server.volumes("beta", 1).await.remove(0);
    let theirs = server.offer_by("beta", &theirs).await;
    for path in PATHS {
        for marker in [new_id(), "nope".to_owned(), theirs.id.clone()] {
            let answer = server.get(&format!("{path}?marker={marker}")).await;
            if is_v2(path) {
                answer.fails(400, "EVS.1024");
            } else {
                let message = answer.fails(404, "EVS.5404");
                assert!(message.starts_with(&format!("Transfer {marker} could not be found.")), "{message}");
            }
        }
    }
    // to an admin who asks for all of them it is a marker
    let path = format!("/v3/ops/volume-transfers?all_tenants=1&marker={}", theirs.id);
    assert_eq!(server.get(&path).by("admin:ops").await.is(200).ids(), [""; 0]);
}

#[apply(both_engines!)]
async fn filters_are_exact_and_what_none_can_have_gives_an_empty_list(server: TestServer) {
    let seeds = seeded(&server, &[Some("a"), Some("b"), Some("a"), Some("a b"), None]).await;
    let ids = |order: &[usize]| -> Vec<String> { order.iter().map(|at| seeds[*at].0.clone()).collect() };
    for path in PATHS {
        for (query, order) in [
            ("name=a".to_owned(), &[0, 2][..]),
            ("name=a%20b".to_owned(), &[3]),
            ("name=a+b".to_owned(), &[3]),
            ("name=A".to_owned(), &[]),
            ("name=a%25".to_owned(), &[]),
            ("name=%00".to_owned(), &[]),
            ("name=a%00".to_owned(), &[]),
            (format!("id={}", seeds[1].0), &[1]),
            (format!("id={}", seeds[1].0.to_uppercase()), &[1]),
            (format!("id={}", new_id()), &[]),
            ("id=nope".to_owned(), &[]),
            (format!("volume_id={}", seeds[3].1), &[3]),
            (format!("volume_id={}", seeds[3].1.replace('-', "")), &[3]),
            ("volume_id=nope".to_owned(), &[]),
            (format!("name=a&id={}", seeds[0].0), &[0]),
            (format!("name=b&id={}", seeds[0].0), &[]),
        ] {
            assert_eq!(rows(&server, path, &query).await, ids(order), "{path}?{query}");
        }
    }
}

#[apply(both_engines!)]
async fn the_same_known_parameter_twice_is_refused(server: TestServer) {
    for path in PATHS {
        for query in
            ["limit=1&limit=2", "limit=1&limit=1", "name=a&name=a", "marker=&marker=", "n%61me=a&name=a", "sort=id&sort=id"]
        {
            server.get(&format!("{path}?{query}")).await.fails(400, "EVS.5400");
        }
        // what is not read counts as little twice as once
        server.get(&format!("{path}?colour=1&colour=2&name~=a&name~=a")).await.is(200);
    }
}

#[apply(both_engines!)]
async fn an_empty_value_is_as_absent_and_anything_unknown_is_ignored(server: TestServer) {
    let seeds = seeded(&server, &[Some("a"), None]).await;
    let both = [&*seeds[0].0, &*seeds[1].0];
    for path in PATHS {
        let empty = "limit=&marker=&offset=&name=&id=&volume_id=&sort=&sort_key=&sort_dir=&all_tenants=&project_id=";
        assert_eq!(rows(&server, path, empty).await, both, "{path}");
        assert_eq!(rows(&server, path, "limit&marker").await, both, "{path}");
        assert_eq!(rows(&server, path, "colour=red&status=available&with_count=1&created_at=2015").await, both, "{path}");
        assert_eq!(rows(&server, path, "&&").await, both, "{path}");
    }
}

#[apply(both_engines!)]
async fn a_query_that_is_no_utf8_is_refused(server: TestServer) {
    for path in PATHS {
        for query in ["name=%FF", "%FF=a"] {
            server.get(&format!("{path}?{query}")).await.fails(400, "EVS.5400");
        }
    }
}

#[apply(both_engines!)]
async fn a_further_page_has_a_next_link_and_only_then(server: TestServer) {
    let seeds = seeded(&server, &[Some("a"); 4]).await;
    for path in PATHS {
        let query = "sort=name:asc,id:asc&limit=2&offset=1&name=a&colour=r%C3%A9d";
        let answer = server.get(&format!("{path}?{query}")).await.is(200);
        assert_eq!(answer.ids(), [&*seeds[1].0, &*seeds[2].0], "{path}");
        let links = answer.json()["transfers_links"].clone();
        assert_eq!(links.as_array().map(Vec::len), Some(1), "{answer}");
        assert_eq!(links[0]["rel"], "next");
        let next = links[0]["href"].as_str().unwrap();
        let asked = next.strip_prefix(&format!("{}{path}?", server.base)).unwrap_or_else(|| panic!("{next} of {path}"));
        let mut parameters: Vec<&str> = asked.split('&').collect();
        parameters.sort_unstable();
        let marker = format!("marker={}", seeds[2].0);
        assert_eq!(parameters, ["colour=r%C3%A9d", "limit=2", &*marker, "name=a", "sort=name:asc,id:asc"], "{path}");

        let last = server.get(&format!("{path}?{asked}")).await.is(200);
        assert_eq!(last.ids(), [&*seeds[3].0], "{path}");
        assert!(last.json().get("transfers_links").is_none(), "{last}");
        let full = server.get(&format!("{path}?limit=4")).await.is(200);
        assert!(full.json().get("transfers_links").is_none(), "a last page that happens to be full: {full}");
    }
}

#[apply(both_engines!)]
async fn a_list_without_a_project_in_the_path_is_the_callers_and_its_links_hold_none(server: TestServer) {
    let seeds = seeded(&server, &[None; 2]).await;
    let answer = server.get("/v3/volume-transfers?limit=1").await.is(200);
    assert_eq!(answer.ids(), [&*seeds[0].0]);
    let href = |tail: &str| format!("{}{tail}", server.base);
    let id = &seeds[0].0;
    assert_eq!(
        answer.transfers()[0]["links"],
        json!([
            {"href": href(&format!("/v3/os-volume-transfer/{id}")), "rel": "self"},
            {"href": href(&format!("/os-volume-transfer/{id}")), "rel": "bookmark"},
        ])
    );
    let next = href(&format!("/v3/volume-transfers?limit=1&marker={id}"));
    assert_eq!(answer.json()["transfers_links"], json!([{"rel": "next", "href": next}]));
}
