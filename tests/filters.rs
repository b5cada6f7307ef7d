//! Filters of the lists that have Cinder's generalized ones: unknown names, parts of texts, times as people write them.

use crate::support::{Ask, TestServer, Value, apply, both_engines, copy, json, new_id, volume, with};

/// Three volumes, each with a snapshot and a backup of its name.
async fn named(server: &TestServer) {
    let record = |(n, name): (usize, &str)| {
        let made = json!({"name": name, "created_at": format!("2020-01-0{}T12:00:00", n + 1)});
        let [snapshot, backup] = [with(copy("available"), made.clone()), with(copy("available"), made.clone())];
        with(volume("alpha"), with(made, json!({"snapshots": [snapshot], "backups": [backup]})))
    };
    let volumes: Vec<Value> = ["old-data", "new-data", "50%_off"].into_iter().enumerate().map(record).collect();
    server.seed(json!({"volumes": volumes})).await;
}

fn list(server: &TestServer, kind: &str, query: &str, version: &str) -> Ask {
    server.get(&format!("/v3/alpha/{kind}/detail?{query}")).at(version)
}

async fn names(server: &TestServer, kind: &str, query: &str, version: &str) -> Vec<String> {
    let mut names: Vec<String> = list(server, kind, query, version)
        .await
        .is(200)
        .rows(kind.split('/').next().unwrap())
        .iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[apply(both_engines!)]
async fn a_filter_that_a_list_does_not_know_is_named_with_those_that_it_knows(server: TestServer) {
    named(&server).await;
    for kind in ["volumes", "snapshots", "backups"] {
        for unknown in ["host=x", "nmae=old-data", "created_at=gt:2020-01-01", "name~=old"] {
            let message = list(&server, kind, unknown, "3.31").await.fails(400, "EVS.5400");
            let name = unknown.split('=').next().unwrap();
            let said = format!("Invalid filters {name} are found in query options. This list is narrowed by name, status");
            assert!(message.contains(&said), "{kind}: {message}");
            assert_eq!(names(&server, kind, unknown, "3.30").await.len(), 3, "before, it was ignored");
        }
        let known = "limit=5&offset=0&sort_key=created_at&sort_dir=asc&all_tenants=1&project_id=alpha&with_count=True&name=old-data&host=";
        assert_eq!(names(&server, kind, known, "3.71").await, ["old-data"], "{kind}");
        assert_eq!(names(&server, kind, "sort=name", "3.31").await.len(), 3);
    }
    server.get("/v2/alpha/volumes/detail?host=x").await.is(200);
    server.get("/v3/alpha/volume-transfers?host=x").at("3.71").await.is(200);
    server.get("/v3/alpha/cloudvolumes/detail?host=x").at("3.71").await.is(200);
    list(&server, "volumes", "id~=x", "3.71").await.fails(400, "EVS.5400");
}

#[apply(both_engines!)]
async fn a_part_of_a_text_is_found_byte_by_byte(server: TestServer) {
    named(&server).await;
    for kind in ["volumes", "snapshots", "backups"] {
        for (query, expected) in [
            ("name~=data", &["new-data", "old-data"][..]),
            ("name~=old", &["old-data"]),
            ("name~=OLD", &[]),
            ("name~=%25_", &["50%_off"]),
            ("name~=%25&name=old-data", &[]),
            ("status~=vail&name~=new", &["new-data"]),
            ("name~=%00", &[]),
        ] {
            assert_eq!(names(&server, kind, query, "3.34").await, expected, "{kind}?{query}");
        }
    }
    let grouped = with(volume("alpha"), json!({"group_id": "11111111-2222-4333-8444-555555555555", "name": "grouped"}));
    server.seed(json!({"volumes": [grouped]})).await;
    assert_eq!(names(&server, "volumes", "group_id~=2222-4333", "3.34").await, ["grouped"]);
    assert_eq!(names(&server, "volumes", "limit=1&name~=data&sort=name:asc", "3.34").await, ["new-data"]);
}

#[apply(both_engines!)]
async fn times_are_read_in_every_form_of_iso_8601(server: TestServer) {
    named(&server).await;
    for time in [
        "2020-01-02", "20200102", "2020-01-02T00:00", "2020-01-02%2000:00:00", "2020-01-02+00:00", "20200102T000000Z",
        "2020-01-02T08:00:00%2B0800", "2020-01-02T08:00:00+08:00", "2020-01-01T16:00-08:00",
    ] {
        for kind in ["volumes", "snapshots", "backups"] {
            let found = names(&server, kind, &format!("created_at=gt:{time}"), "3.60").await;
            assert_eq!(found, ["50%_off", "new-data"], "{kind} {time}");
        }
    }
    for wrong in ["yesterday", "2020-02-30", "2020-01-02T25:00"] {
        let message = list(&server, "volumes", &format!("created_at=gt:{wrong}"), "3.60").await.fails(400, "EVS.5400");
        assert!(message.contains("Give a time of ISO 8601"), "{message}");
    }
    for kind in ["snapshots", "backups"] {
        assert_eq!(names(&server, kind, "updated_at=gt:2020-01-01", "3.60").await.len(), 0, "none was changed");
    }
    assert_eq!(names(&server, "volumes", &format!("id={}", new_id()), "3.60").await.len(), 0);
}

#[apply(both_engines!)]
async fn no_part_is_looked_for_in_what_is_no_text_of_its_own(server: TestServer) {
    let volume =
        with(volume("alpha"), json!({"os-vol-host-attr:host": "a@needle#c", "volume_image_metadata": {"k": "needle"}}));
    server.seed(json!({"volumes": [volume]})).await;
    for query in ["server_id~=needle", "dedicated_storage_name~=needle"] {
        let rows = server.get(&format!("/v3/alpha/cloudvolumes/detail?{query}")).at("3.34").await.is(200).rows("volumes");
        assert_eq!(rows.len(), 1, "EVS's list ignores what it does not know");
        list(&server, "volumes", query, "3.34").await.fails(400, "EVS.5400");
    }
    let message = server.get("/v3/alpha/types?extra_specs=zz").at("3.52").await.fails(400, "EVS.5400");
    assert!(message.starts_with("extra_specs is `zz`"), "{message}");
}
