//! The summary of volumes: how many, how large, and with which metadata.

use crate::support::{Engine, TestServer, apply, both_engines, json, volume, with};

async fn seeded(server: &TestServer) {
    let of = |project: &str, size: i64, metadata| with(volume(project), json!({"size": size, "metadata": metadata}));
    server
        .seed(json!({"volumes": [
            of("alpha", 1, json!({"stage": "test", "owner": "é"})), of("alpha", 20, json!({"stage": "live"})),
            of("alpha", 3, json!({"stage": "test"})), of("beta", 400, json!({"owner": "bob"})),
        ]}))
        .await;
}

#[apply(both_engines!)]
async fn it_has_metadata_from_3_36_on(server: TestServer) {
    seeded(&server).await;
    let alphas = json!({"total_count": 3, "total_size": 24});
    let metadata = json!({"metadata": {"owner": ["é"], "stage": ["live", "test"]}});
    for (version, expected) in [("3.12", alphas.clone()), ("3.35", alphas.clone()), ("3.36", with(alphas, metadata))] {
        let summary = server.get("/v3/alpha/volumes/summary").at(version).await.is(200).one("volume-summary");
        assert_eq!(summary, expected, "{version}");
    }
}

#[apply(both_engines!)]
async fn an_admin_who_asks_for_all_sees_all_and_nobody_else_does(server: TestServer) {
    seeded(&server).await;
    let ask = async |path: &str, by: &str| server.get(path).by(by).at("3.71").await.is(200).one("volume-summary");
    let everything = json!({
        "total_count": 4, "total_size": 424, "metadata": {"owner": ["bob", "é"], "stage": ["live", "test"]},
    });
    assert_eq!(ask("/v3/ops/volumes/summary?all_tenants=True", "admin:ops").await, everything);
    let nothing = json!({"total_count": 0, "total_size": 0, "metadata": {}});
    assert_eq!(ask("/v3/ops/volumes/summary", "admin:ops").await, nothing);
    assert_eq!(ask("/v3/volumes/summary?all_tenants=1", "mallory:omega").await, nothing);
}

#[apply(both_engines!)]
async fn it_follows_whatever_volumes_become_and_counts_no_snapshot(engine: Engine) {
    let server = TestServer::with(engine, &["--rules=openstack"]).await;
    let totals = async |project: &str| {
        let summary = server.get(&format!("/v3/{project}/volumes/summary")).by(&format!("admin:{project}")).at("3.71").await;
        let summary = summary.is(200).one("volume-summary");
        (summary["total_count"].as_i64().unwrap(), summary["total_size"].as_i64().unwrap(), summary["metadata"].clone())
    };
    let new = json!({"volume": {"size": 5, "metadata": {"tier": "gold"}}});
    let volume = server.post("/v3/alpha/volumes", new).await.is(202).one("volume");
    let path = format!("/v3/alpha/volumes/{}", volume["id"].as_str().unwrap());
    let gold = json!({"tier": ["gold"]});
    assert_eq!(totals("alpha").await, (1, 5, gold.clone()));

    let snapshot = json!({"snapshot": {"volume_id": volume["id"], "force": true}});
    server.post("/v3/alpha/snapshots", snapshot).await.is(202);
    server.post(&format!("{path}/action"), json!({"os-extend": {"new_size": 8}})).await.is(202);
    assert_eq!(totals("alpha").await, (1, 8, gold.clone()));

    let offered = server.offer_of(volume["id"].as_str().unwrap()).await;
    server.accept_by("beta", &offered).await.is(202);
    assert_eq!([totals("alpha").await, totals("beta").await], [(0, 0, json!({})), (1, 8, gold)]);

    let path = path.replace("alpha", "beta");
    server.ask("PUT", &format!("{path}/metadata")).by("admin:beta").json(&json!({"metadata": {}})).await.is(200);
    assert_eq!(totals("beta").await, (1, 8, json!({})));
    server.delete(&format!("{path}?cascade=true")).by("admin:beta").await.is(202);
    assert_eq!(totals("beta").await, (0, 0, json!({})));
}

#[apply(both_engines!)]
async fn before_3_12_it_is_an_id_that_nobody_has(server: TestServer) {
    for (path, version) in [("/v2/alpha", None), ("/v3/alpha", None), ("/v3/alpha", Some("3.11")), ("/v3", Some("3.0"))] {
        let answer = server.get(&format!("{path}/volumes/summary")).at_or_none(version).await;
        let message = answer.fails(404, "EVS.5404");
        let expected =
            if path == "/v2/alpha" { "Volume summary could not be found." } else { "Ask at microversion 3.12 or later." };
        assert!(message.contains(expected), "{message}");
    }
}
