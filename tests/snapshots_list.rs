//! Lists of snapshots: filters, order, pages and counts; Cinder's and EVS's. What all lists share is in `list` and `pages`.

use crate::support::{Answer, TestServer, Value, apply, both_engines, copy, ids, json, new_id, volume, with};

const LISTS: [&str; 6] = [
    "/v2/alpha/snapshots",
    "/v2/alpha/snapshots/detail",
    "/v3/alpha/snapshots",
    "/v3/snapshots/detail",
    "/v2/alpha/cloudsnapshots/detail",
    "/v3/alpha/cloudsnapshots/detail",
];

/// A snapshot made at this second.
fn seed(second: usize, fields: Value) -> Value {
    let id = format!("{second:08x}-0000-4000-8000-000000000000");
    with(with(copy("available"), json!({"id": id, "created_at": format!("2026-01-01T00:00:{second:02}.000000")})), fields)
}

/// Three snapshots of two volumes of alpha's, oldest first, and the volumes' ids; one more is beta's.
async fn seeded(server: &TestServer) -> ([String; 3], [String; 2]) {
    let snapshots = [
        seed(1, json!({"name": "b", "size": 3, "metadata": {"k": "1", "l": "2"}, "updated_at": "2026-01-02T00:00:00"})),
        seed(2, json!({"name": "a", "status": "error", "size": 20, "metadata": {"k": "1"}})),
        seed(3, json!({"name": null, "size": 1, "updated_at": "2026-01-01T00:00:00"})),
    ];
    let dss = json!({"dedicated_storage": "dss", "dedicated_storage_id": "d1", "dedicated_storage_name": "mine"});
    let dss = with(dss, json!({"enterprise_project_id": "e1"}));
    let volumes = [
        with(volume("alpha"), json!({"availability_zone": "az1", "snapshots": [snapshots[0]]})),
        with(with(volume("alpha"), dss), json!({"availability_zone": "az2", "snapshots": [snapshots[1], snapshots[2]]})),
        with(volume("beta"), json!({"snapshots": [seed(4, json!({}))]})),
    ];
    server.seed(json!({"volumes": volumes})).await;
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    (snapshots.each_ref().map(id), [id(&volumes[0]), id(&volumes[1])])
}

fn listed(answer: &Answer) -> Vec<String> {
    let rows = Value::Array(answer.rows("snapshots"));
    ids(&rows).into_iter().map(ToOwned::to_owned).collect()
}

#[apply(both_engines!)]
async fn each_filter_narrows_the_list(server: TestServer) {
    let ([one, two, three], [first, second]) = seeded(&server).await;
    for path in LISTS {
        for (query, expected) in [
            (String::new(), vec![&three, &two, &one]),
            ("name=a".to_owned(), vec![&two]),
            ("status=available".to_owned(), vec![&three, &one]),
            (format!("volume_id={first}"), vec![&one]),
            (format!("volume_id={}&status=error", second.to_uppercase()), vec![&two]),
            (format!("id={three}"), vec![&three]),
            ("name=nobody".to_owned(), vec![]),
            ("volume_id=nope".to_owned(), vec![]),
            ("all_tenants=1&project_id=beta".to_owned(), vec![&three, &two, &one]),
        ] {
            let answer = server.get(&format!("{path}?{query}")).await.is(200);
            assert_eq!(listed(&answer), expected.into_iter().cloned().collect::<Vec<_>>(), "{path}?{query}");
        }
    }
}

#[apply(both_engines!)]
async fn metadata_narrows_from_3_22(server: TestServer) {
    let ([one, two, three], _) = seeded(&server).await;
    for (query, expected) in [
        ("metadata={'k':'1'}", vec![&two, &one]),
        ("metadata=%7B%22k%22%3A%20%221%22%2C%20%22l%22%3A%20%222%22%7D", vec![&one]),
        ("metadata={'k':'2'}", vec![]),
        ("metadata={}", vec![&three, &two, &one]),
    ] {
        let answer = server.get(&format!("/v3/alpha/snapshots?{query}")).at("3.22").await.is(200);
        assert_eq!(listed(&answer), expected.into_iter().cloned().collect::<Vec<_>>(), "{query}");
        let before = server.get(&format!("/v3/alpha/snapshots?{query}")).at("3.21").await.is(200);
        assert_eq!(listed(&before).len(), 3, "{query} is unknown before");
    }
    server.get("/v3/alpha/snapshots?metadata=k").at("3.22").await.fails(400, "EVS.5400");
}

#[apply(both_engines!)]
async fn each_key_sorts_and_pages_follow_it(server: TestServer) {
    let (all, volumes) = seeded(&server).await;
    let by_volume = if volumes[0] < volumes[1] { [0, 1, 2] } else { [1, 2, 0] };
    for (key, ascending) in [
        ("id", [0, 1, 2]),
        ("name", [2, 1, 0]),
        ("status", [0, 2, 1]),
        ("volume_id", by_volume),
        ("size", [2, 0, 1]),
        ("created_at", [0, 1, 2]),
        ("updated_at", [1, 2, 0]),
    ] {
        let expected: Vec<String> = ascending.iter().map(|at| all[*at].clone()).collect();
        for path in LISTS {
            let query = format!("sort={key}:asc");
            assert_eq!(listed(&server.get(&format!("{path}?{query}")).await.is(200)), expected, "{path}?{query}");
            // page by page, by the links alone
            let mut walked = Vec::new();
            let mut next = Some(format!("{path}?{query}&limit=1"));
            while let Some(at) = next {
                let answer = server.get(&at).await.is(200);
                walked.extend(listed(&answer));
                let link = answer.json()["snapshots_links"][0]["href"].as_str().map(ToOwned::to_owned);
                next = link.map(|href| href.strip_prefix(&server.base).unwrap().to_owned());
            }
            assert_eq!(walked, expected, "{path} by {key}, a row a page");
        }
    }
    for path in LISTS {
        server.get(&format!("{path}?sort_key=colour")).await.fails(400, "EVS.1039");
    }
}

#[apply(both_engines!)]
async fn a_marker_that_is_none_of_the_callers_is_refused(server: TestServer) {
    seeded(&server).await;
    let theirs = server.listed("beta", "snapshots").await.remove(0);
    for marker in [&theirs, &new_id(), "nope"] {
        server.get(&format!("/v2/alpha/snapshots?marker={marker}")).await.fails(400, "EVS.1024");
        let message = server.get(&format!("/v3/alpha/snapshots?marker={marker}")).await.fails(404, "EVS.5404");
        assert!(message.starts_with(&format!("Snapshot {marker} could not be found.")), "{message}");
    }
}

#[apply(both_engines!)]
async fn an_admin_sees_all_and_one_projects(server: TestServer) {
    let ([one, two, three], _) = seeded(&server).await;
    let theirs = server.listed("beta", "snapshots").await.remove(0);
    for (query, expected) in [
        ("all_tenants=True", vec![&theirs, &three, &two, &one]),
        ("all_tenants=1&project_id=beta", vec![&theirs]),
        ("project_id=beta", vec![]),
    ] {
        for path in LISTS.map(|path| path.replace("alpha", "ops")) {
            let answer = server.get(&format!("{path}?{query}")).by("admin:ops").await.is(200);
            assert_eq!(listed(&answer), expected.iter().map(|id| (*id).clone()).collect::<Vec<_>>(), "{path}?{query}");
        }
    }
}

#[apply(both_engines!)]
async fn a_count_is_of_all_pages_and_told_from_3_45_where_it_is_asked(server: TestServer) {
    seeded(&server).await;
    let count = async |query: &str, at: &str| {
        let answer = server.get(&format!("/v3/alpha/snapshots{query}")).at(at).await.is(200).json();
        answer.get("count").map(|count| count.as_i64().unwrap())
    };
    assert_eq!(count("?with_count=true&limit=1", "3.45").await, Some(3));
    assert_eq!(count("/detail?with_count=True&status=error&limit=0", "3.71").await, Some(1));
    assert_eq!(count("?with_count=true&id=nope", "3.45").await, Some(0));
    assert_eq!(count("?limit=1", "3.71").await, None);
    assert_eq!(count("?with_count=false", "3.71").await, None);
    assert_eq!(count("?with_count=true", "3.44").await, None);
    server.get("/v3/alpha/snapshots?with_count=maybe").at("3.45").await.fails(400, "EVS.5400");
}

#[apply(both_engines!)]
async fn evs_lists_with_what_the_volume_is_and_counts(server: TestServer) {
    let ([one, two, three], [first, second]) = seeded(&server).await;
    let answer = server.get("/v2/alpha/cloudsnapshots/detail?limit=2&sort=created_at:asc").await.is(200).json();
    let extended =
        |id: &str| json!({format!("os-extended-snapshot-attributes:{id}"): if id == "progress" { "100%" } else { "alpha" }});
    let extended = with(extended("progress"), extended("project_id"));
    let of_evs = json!({"dedicated_storage_id": null, "dedicated_storage_name": null, "service_type": "EVS"});
    let of_dss = json!({"dedicated_storage_id": "d1", "dedicated_storage_name": "mine", "service_type": "DSS"});
    let expected = [
        json!({
            "id": one, "name": "b", "description": null, "volume_id": first, "status": "available", "size": 3,
            "metadata": {"k": "1", "l": "2"}, "created_at": "2026-01-01T00:00:01.000000",
            "updated_at": "2026-01-02T00:00:00.000000",
        }),
        json!({
            "id": two, "name": "a", "description": null, "volume_id": second, "status": "error", "size": 20,
            "metadata": {"k": "1"}, "created_at": "2026-01-01T00:00:02.000000", "updated_at": null,
        }),
    ];
    let [one_row, two_row] = expected.map(|row| with(row, extended.clone()));
    assert_eq!(answer["snapshots"], json!([with(one_row.clone(), of_evs), with(two_row, of_dss)]));
    assert_eq!(answer["count"], 3);
    assert!(answer["snapshots_links"][0]["href"].as_str().is_some_and(|href| href.contains("cloudsnapshots/detail?")));
    let shown = server.get(&format!("/v2/alpha/cloudsnapshots/{one}")).await.is(200).one("snapshot");
    assert_eq!(shown, one_row, "alone it has the keys that Cinder's has");

    for (query, expected) in [
        ("availability_zone=az1", vec![&one]),
        ("service_type=DSS", vec![&three, &two]),
        ("service_type=EVS", vec![&one]),
        ("service_type=DESS", vec![]),
        ("service_type=NFS", vec![]),
        ("dedicated_storage_id=d1&name=a", vec![&two]),
        ("dedicated_storage_name=min", vec![&three, &two]),
        ("enterprise_project_id=e1", vec![&three, &two]),
        ("enterprise_project_id=0", vec![&one]),
        ("enterprise_project_id=all_granted_eps", vec![&three, &two, &one]),
    ] {
        for path in ["/v2/alpha/cloudsnapshots/detail", "/v3/cloudsnapshots/detail"] {
            let answer = server.get(&format!("{path}?{query}")).await.is(200);
            assert_eq!(listed(&answer), expected.iter().map(|id| (*id).clone()).collect::<Vec<_>>(), "{path}?{query}");
            assert_eq!(answer.json()["count"], expected.len(), "{path}?{query}");
        }
    }
}
