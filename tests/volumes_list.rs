//! Lists of volumes: filters, orders, pages, and who sees what. What all lists share is tested with the transfers.

use crate::support::{Answer, TestServer, Value, apply, assert_answer, both_engines, json, new_id, volume, with};

const PATHS: [&str; 6] = [
    "/v2/alpha/volumes", "/v2/alpha/volumes/detail", "/v3/alpha/volumes", "/v3/alpha/volumes/detail", "/v3/volumes",
    "/v3/volumes/detail",
];

fn id(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

/// Volumes of `alpha` with these fields, made a second apart; their ids rise.
async fn seeded(server: &TestServer, fields: &[Value]) {
    let seed = |(number, fields): (usize, &Value)| {
        let own = json!({"id": id(number), "created_at": format!("2026-01-01T00:00:{number:02}")});
        with(with(volume("alpha"), own), fields.clone())
    };
    let volumes: Vec<Value> = fields.iter().enumerate().map(seed).collect();
    server.seed(json!({"volumes": volumes})).await;
}

/// The numbers of the volumes that a query lists.
async fn numbers(server: &TestServer, path: &str, query: &str) -> Vec<usize> {
    numbered(&server.get(&format!("{path}?{query}")).at("3.71").await.is(200))
}

fn numbered(answer: &Answer) -> Vec<usize> {
    let number = |row: &Value| usize::from_str_radix(&row["id"].as_str().unwrap()[..8], 16).unwrap();
    answer.rows("volumes").iter().map(number).collect()
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[apply(both_engines!)]
async fn rows_are_shown_whole(server: TestServer) {
    seeded(&server, &[json!({"name": "first"}), json!({"name": null})]).await;
    assert_answer("volumes-on-v2", &server, &server.get(PATHS[0]).await);
    assert_answer("volumes-with-details-on-v2", &server, &server.get(PATHS[1]).await);
    assert_answer("volumes-counted-page", &server, &server.get("/v3/alpha/volumes?limit=1&with_count=True").at("3.45").await);
}

#[apply(both_engines!)]
async fn the_newest_comes_first_and_of_one_moment_the_greatest_id(server: TestServer) {
    let moment = json!({"created_at": "2026-01-01T00:00:01"});
    seeded(&server, &[json!({}), moment.clone(), moment, json!({})]).await;
    for path in PATHS {
        assert_eq!(numbers(&server, path, "").await, [3, 2, 1, 0], "{path}");
    }
}

#[apply(both_engines!)]
async fn a_volume_without_a_name_goes_before_one_whose_name_is_empty(server: TestServer) {
    let names = [json!({"name": ""}), json!({"name": null}), json!({"name": ""}), json!({"name": null}), json!({"name": "="})];
    seeded(&server, &names).await;
    for path in PATHS {
        assert_eq!(numbers(&server, path, "sort=name:asc").await, [1, 3, 0, 2, 4], "{path}");
        let behind = format!("sort=name:asc&marker={}", id(3));
        assert_eq!(numbers(&server, path, &behind).await, [0, 2, 4], "{path}");
    }
}

#[apply(both_engines!)]
async fn each_filter_compares_what_it_names(server: TestServer) {
    let group = new_id();
    seeded(&server, &[
        json!({"name": "a", "size": 5, "bootable": true, "user_id": "carol", "metadata": {"k": "v", "l": "it's"}}),
        json!({"name": "b", "status": "in-use", "availability_zone": "az1", "multiattach": true, "description": "words"}),
        json!({"name": "a", "status": "error", "volume_type": "SSD", "encrypted": true, "metadata": {"k": "w"}}),
        json!({"name": null, "snapshot_id": group, "source_volid": group, "group_id": group, "consistency_group_id": group}),
        json!({"name": null, "migration_status": "success", "replication_status": "disabled"}),
    ])
    .await;
    for (query, expected) in [
        ("name=a", &[2, 0][..]),
        ("name=a&status=error", &[2]),
        ("name=A", &[]),
        ("status=in-use", &[1]),
        ("status=null", &[]),
        ("availability_zone=az1", &[1]),
        ("volume_type=SSD", &[2]),
        ("user_id=carol", &[0]),
        ("description=words", &[1]),
        ("size=5", &[0]),
        ("size=five", &[]),
        ("bootable=true", &[0]),
        ("bootable=False", &[4, 3, 2, 1]),
        ("bootable=1", &[0]),
        ("multiattach=yes", &[1]),
        ("encrypted=T", &[2]),
        ("migration_status=success", &[4]),
        ("replication_status=disabled", &[4]),
        (&format!("group_id={group}"), &[3]),
        (&format!("consistencygroup_id={group}"), &[3]),
        (&format!("snapshot_id={group}"), &[3]),
        (&format!("source_volid={group}"), &[3]),
        (&format!("id={}", id(1)), &[1]),
        (&format!("id={}", id(1).replace('-', "").to_uppercase()), &[1]),
        ("id=nobody", &[]),
        ("name=%00", &[]),
        ("name=", &[4, 3, 2, 1, 0]),
        ("sort=name:asc&status=available&limit=2", &[3, 4]),
    ] {
        for path in PATHS {
            assert_eq!(numbers(&server, path, query).await, expected, "{path}?{query}");
        }
    }
    for (metadata, expected) in [
        ("{'k': 'v'}", &[0][..]),
        ("{'k': 'v', 'l': \"it's\"}", &[0]),
        (r#"{"k": "w"}"#, &[2]),
        ("{u'k': u'w'}", &[2]),
        ("{'k': 'v', 'm': 'x'}", &[]),
        (r"{'k': '\x00'}", &[]),
        ("{}", &[4, 3, 2, 1, 0]),
    ] {
        for path in PATHS {
            assert_eq!(numbers(&server, path, &format!("metadata={}", encoded(metadata))).await, expected, "{metadata}");
        }
    }
}

#[apply(both_engines!)]
async fn a_filter_that_is_none_is_refused(server: TestServer) {
    for query in [
        "bootable=maybe", "multiattach=2", "encrypted=x", "metadata=k", "metadata=%7B%27k%27%3A+1%7D",
        "metadata=%7B%22k%22%3A+1%7D", "metadata=%7B%27k%27%3A+%27v%27", "metadata=%5B%5D", "name=a&name=b",
    ] {
        for path in PATHS {
            let answer = server.get(&format!("{path}?{query}")).await;
            let message = answer.fails(400, "EVS.5400");
            assert!(message.contains(query.split('=').next().unwrap()), "{path}?{query}: {message}");
        }
    }
}

#[apply(both_engines!)]
async fn times_are_compared_from_3_60_on(server: TestServer) {
    let changed = json!({"updated_at": "2026-02-01T00:00:00.000001"});
    seeded(&server, &[json!({}), changed, json!({}), json!({})]).await;
    for (query, expected) in [
        ("created_at=gt:2026-01-01T00:00:01", &[3, 2][..]),
        ("created_at=gte:2026-01-01T00:00:01,lt:2026-01-01T00:00:03", &[2, 1]),
        ("created_at=lte:2026-01-01T01:00:01%2B01:00", &[1, 0]),
        ("created_at=eq:2026-01-01T00:00:02.000000", &[2]),
        ("created_at=neq:2026-01-01T00:00:02", &[3, 1, 0]),
        ("updated_at=gte:2026-02-01T00:00:00.000001", &[1]),
        ("updated_at=gt:2026-02-01T00:00:00.000001", &[]),
    ] {
        assert_eq!(numbers(&server, "/v3/alpha/volumes", query).await, expected, "{query}");
        let before = server.get(&format!("/v3/alpha/volumes?{query}")).at("3.30").await.is(200);
        assert_eq!(numbered(&before), [3, 2, 1, 0], "{query}");
        server.get(&format!("/v3/alpha/volumes?{query}")).at("3.59").await.fails(400, "EVS.5400");
    }
    for (query, says) in [
        ("created_at=2026-01-01T00:00:00", "Invalid `2026-01-01T00` operator."),
        ("created_at=after:2026-01-01T00:00:00", "Invalid `after` operator."),
        ("updated_at=gt:", "Invalid `` value."),
        ("updated_at=gt:yesterday", "Invalid `yesterday` value."),
    ] {
        let message = server.get(&format!("/v3/alpha/volumes?{query}")).at("3.60").await.fails(400, "EVS.5400");
        assert!(message.starts_with(says), "{query}: {message}");
    }
}

#[apply(both_engines!)]
async fn each_key_sorts_either_way_nulls_first_and_ties_go_by_id(server: TestServer) {
    seeded(
        &server,
        &[
            json!({"name": "b", "size": 20, "availability_zone": "az2", "bootable": true, "updated_at": "2026-02-02T00:00:00"}),
            json!({"name": null, "size": 3, "status": "error", "volume_type": "SAS", "updated_at": "1969-02-02T00:00:00"}),
            json!({"name": "a", "size": 100, "availability_zone": "az1", "volume_type": "SATA"}),
        ],
    )
    .await;
    for (key, ascending) in [
        ("id", [0, 1, 2]),
        ("created_at", [0, 1, 2]),
        ("name", [1, 2, 0]),
        ("display_name", [1, 2, 0]),
        ("size", [1, 0, 2]),
        ("status", [0, 2, 1]),
        ("availability_zone", [1, 2, 0]),
        ("bootable", [1, 2, 0]),
        ("volume_type", [0, 1, 2]),
        ("updated_at", [2, 1, 0]),
    ] {
        for path in PATHS {
            assert_eq!(numbers(&server, path, &format!("sort={key}:asc")).await, ascending, "{key}");
            let mut descending = ascending;
            descending.reverse();
            assert_eq!(numbers(&server, path, &format!("sort_key={key}")).await, descending, "{key}");
            // page by page it is the same
            let mut walked = Vec::new();
            let mut next = Some(format!("{path}?limit=1&sort={key}:asc"));
            while let Some(path) = next {
                let answer = server.get(&path).await.is(200);
                walked.extend(numbered(&answer));
                next = answer.json()["volumes_links"][0]["href"].as_str().map(|href| href.replace(&server.base, ""));
            }
            assert_eq!(walked, ascending, "{path} by {key}");
        }
    }
    for path in PATHS {
        server.get(&format!("{path}?sort=colour")).await.fails(400, "EVS.1039");
    }
}

#[apply(both_engines!)]
async fn a_walk_keeps_the_other_parameters_and_ends_without_a_link(server: TestServer) {
    let names = ["a", "b", "a", "a", "b", "a"].map(|name| json!({"name": name, "metadata": {"k": "v"}}));
    seeded(&server, &names).await;
    for path in PATHS {
        let query = format!("name=a&limit=2&metadata={}", encoded("{'k': 'v'}"));
        let first = server.get(&format!("{path}?{query}&offset=1")).await.is(200);
        assert_eq!(numbered(&first), [3, 2]);
        let href = format!("{}{path}?{query}&marker={}", server.base, id(2));
        assert_eq!(first.json()["volumes_links"], json!([{"rel": "next", "href": href}]), "{path}");
        let last = server.get(href.strip_prefix(&server.base).unwrap()).await.is(200);
        assert_eq!((numbered(&last), last.json().get("volumes_links")), (vec![0], None));
        // a last page that happens to be full leads to an empty one: Cinder's clients know it so
        let full = server.get(&format!("{path}?name=b&limit=2")).await.is(200);
        let next = full.json()["volumes_links"][0]["href"].as_str().unwrap().replace(&server.base, "");
        assert_eq!(server.get(&next).await.is(200).json(), json!({"volumes": []}));
        assert_eq!(
            server
                .get(&format!("{path}?limit=0"))
                .await
                .is(if path.starts_with("/v2") { 400 } else { 200 })
                .json()
                .get("volumes_links"),
            None
        );
    }
}

#[apply(both_engines!)]
async fn a_marker_that_is_no_volume_of_the_callers_is_none(server: TestServer) {
    let theirs = server.volumes("beta", 1).await.remove(0);
    for marker in [&*theirs, &*new_id(), "x"] {
        for path in PATHS {
            let answer = server.get(&format!("{path}?marker={marker}")).await;
            let status = if path.starts_with("/v2") { 400 } else { 404 };
            let message = answer.fails(status, "EVS.1024");
            assert!(message.starts_with(&format!("Volume {marker} could not be found.")), "{message}");
        }
    }
}

#[apply(both_engines!)]
async fn a_project_sees_its_own_and_an_admin_who_asks_for_all_sees_all(server: TestServer) {
    let (mine, theirs) = (server.volume().await, server.volumes("beta", 1).await.remove(0));
    let ids = async |path: &str, by: &str| -> Vec<String> {
        let rows = server.get(path).by(by).await.is(200).rows("volumes");
        let mut ids: Vec<String> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        ids
    };
    let mut both = vec![mine.clone(), theirs.clone()];
    both.sort_unstable();
    for path in ["/v2/ops/volumes", "/v3/ops/volumes/detail"] {
        assert_eq!(ids(&format!("{path}?all_tenants=True"), "admin:ops").await, both);
        assert_eq!(ids(&format!("{path}?all_tenants=1&project_id=beta"), "admin:ops").await, [&*theirs]);
        assert_eq!(ids(&format!("{path}?all_tenants=1&project_id=b/d"), "admin:ops").await, [""; 0]);
        assert_eq!(ids(path, "admin:ops").await, [""; 0]);
        let of_beta = path.replace("ops", "beta");
        assert_eq!(ids(&format!("{of_beta}?all_tenants=1&project_id=alpha"), "bob:beta").await, [&*theirs]);
    }
}

#[apply(both_engines!)]
async fn the_count_is_of_all_pages_where_it_is_asked_for(server: TestServer) {
    seeded(&server, &["a", "b", "a", "a"].map(|name| json!({"name": name}))).await;
    let count = async |query: &str, version: &str, by: &str, project: &str| {
        let path = format!("/v3/{project}/volumes/detail?{query}");
        server.get(&path).by(by).at(version).await.is(200).json().get("count").cloned()
    };
    for (query, expected) in [
        ("with_count=true", Some(json!(4))),
        ("with_count=True&name=a&limit=1", Some(json!(3))),
        ("with_count=1&limit=0", Some(json!(4))),
        ("with_count=1&id=nobody", Some(json!(0))),
        ("with_count=false", None),
        ("", None),
    ] {
        assert_eq!(count(query, "3.45", "alice:alpha", "alpha").await, expected, "{query}");
    }
    assert_eq!(count("with_count=true", "3.44", "alice:alpha", "alpha").await, None);
    assert_eq!(count("with_count=true&all_tenants=1", "3.45", "admin:ops", "ops").await, Some(json!(4)));
    assert_eq!(count("with_count=true&all_tenants=1&project_id=beta", "3.45", "admin:ops", "ops").await, Some(json!(0)));
    assert_eq!(count("with_count=true", "3.45", "admin:ops", "ops").await, Some(json!(0)));
    server.get("/v3/alpha/volumes?with_count=maybe").at("3.45").await.fails(400, "EVS.5400");
}
