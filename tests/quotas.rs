//! Quotas over the API: whole answers, who may, what holds, what is refused.

use crate::support::{Answer, Ask, Dialect, Engine, TestServer, Value, apply, both_engines, copy, json, volume, with};

fn put(server: &TestServer, path: &str, body: &Value) -> Ask {
    server.ask("PUT", path).by("admin:ops").json(body)
}

/// Sets limits of a project, which must succeed; the answer's set.
async fn set(server: &TestServer, project: &str, limits: &Value) -> Value {
    let path = format!("/v3/ops/os-quota-sets/{project}");
    put(server, &path, &json!({"quota_set": limits})).await.is(200).json()["quota_set"].clone()
}

async fn quota_set(server: &TestServer, project: &str, tail: &str) -> Value {
    let path = format!("/v3/ops/os-quota-sets/{project}{tail}");
    server.get(&path).by("admin:ops").await.is(200).json()["quota_set"].clone()
}

/// A quota set in which only these limits are.
fn limits(some: Value) -> Value {
    let none = json!({
        "volumes": -1, "snapshots": -1, "gigabytes": -1, "per_volume_gigabytes": -1, "backups": -1, "backup_gigabytes": -1,
        "groups": -1,
    });
    with(none, some)
}

/// The same with whose it is.
fn quota(id: &str, some: Value) -> Value {
    with(json!({"id": id}), limits(some))
}

#[apply(both_engines!)]
async fn a_projects_limits_are_shown_with_usage_and_without(server: TestServer) {
    let copies = json!({"snapshots": [with(copy("available"), json!({"size": 2}))], "backups": [copy("available")]});
    server.volume_with(with(copies, json!({"size": 3}))).await;
    set(&server, "alpha", &json!({"volumes": 10, "backup_gigabytes": 0})).await;
    let expected = json!({"quota_set": quota("alpha", json!({"volumes": 10, "backup_gigabytes": 0}))});
    let used = |limit: i64, in_use: i64| json!({"limit": limit, "in_use": in_use, "reserved": 0});
    let with_usage = json!({"quota_set": {
        "id": "alpha", "volumes": used(10, 1), "snapshots": used(-1, 1), "gigabytes": used(-1, 5),
        "per_volume_gigabytes": used(-1, 0), "backups": used(-1, 1), "backup_gigabytes": used(0, 1), "groups": used(-1, 0),
    }});
    for base in ["/v2/alpha", "/v3/alpha", "/v3"] {
        let path = format!("{base}/os-quota-sets/alpha");
        for tail in ["", "?usage=False", "?usage=0", "?usage="] {
            assert_eq!(server.get(&format!("{path}{tail}")).await.is(200).json(), expected, "{path}{tail}");
        }
        for tail in ["?usage=True", "?usage=true", "?usage=1"] {
            assert_eq!(server.get(&format!("{path}{tail}")).await.is(200).json(), with_usage, "{path}{tail}");
        }
    }
    server.get("/v3/alpha/os-quota-sets/alpha?usage=perhaps").await.fails(400, "EVS.5400");
}

#[apply(both_engines!)]
async fn a_project_that_nobody_has_heard_of_has_the_defaults_and_nothing(server: TestServer) {
    assert_eq!(quota_set(&server, "nobody", "").await, quota("nobody", json!({})));
    let shown = quota_set(&server, "nobody", "?usage=True").await;
    assert_eq!(shown["gigabytes"], json!({"limit": -1, "in_use": 0, "reserved": 0}));
}

#[apply(both_engines!)]
async fn a_projects_own_limit_goes_before_the_default_classs_and_that_before_the_settings(engine: Engine) {
    let server = TestServer::with(engine, &["--quotas=volumes=1,snapshots=2,backups=3"]).await;
    let of_settings = json!({"volumes": 1, "snapshots": 2, "backups": 3});
    let class = "/v3/ops/os-quota-class-sets/default";
    let shown = server.get(class).by("admin:ops").await.is(200).json();
    assert_eq!(shown, json!({"quota_class_set": quota("default", of_settings.clone())}));

    let of_class = with(of_settings, json!({"snapshots": 20, "backups": 30}));
    let answer = put(&server, class, &json!({"quota_class_set": {"snapshots": 20, "backups": 30}})).await.is(200);
    assert_eq!(answer.json(), json!({"quota_class_set": limits(of_class.clone())}), "without an id, as Cinder answers");
    assert_eq!(set(&server, "alpha", &json!({"backups": 300})).await, limits(with(of_class.clone(), json!({"backups": 300}))));

    assert_eq!(quota_set(&server, "alpha", "").await, quota("alpha", with(of_class.clone(), json!({"backups": 300}))));
    for tail in ["", "/defaults"] {
        assert_eq!(quota_set(&server, "beta", tail).await, quota("beta", of_class.clone()));
    }
    assert_eq!(quota_set(&server, "alpha", "/defaults").await, quota("alpha", of_class.clone()));

    let answer = server.delete("/v3/ops/os-quota-sets/alpha").by("admin:ops").await.is(200);
    assert_eq!(answer.text(), "");
    assert_eq!(quota_set(&server, "alpha", "").await, quota("alpha", of_class));
    server.delete("/v2/ops/os-quota-sets/alpha").by("admin:ops").await.is(200); // there is nothing more to take back
}

#[apply(both_engines!)]
async fn a_limit_that_is_not_named_stays(server: TestServer) {
    set(&server, "alpha", &json!({"volumes": 1, "groups": 2})).await;
    let all = json!({"volumes": 1, "groups": 7, "gigabytes": -1, "snapshots": 0});
    assert_eq!(set(&server, "alpha", &json!({"groups": 7, "gigabytes": -1, "snapshots": 0})).await, limits(all.clone()));
    // what clients send along
    assert_eq!(set(&server, "alpha", &json!({"tenant_id": "alpha", "id": "alpha"})).await, limits(all.clone()));
    assert_eq!(put(&server, "/v3/ops/os-quota-class-sets/default", &json!({"quota_class_set": {}})).await.is(200).status, 200);
    assert_eq!(quota_set(&server, "alpha", "").await, quota("alpha", all));
}

#[apply(both_engines!)]
async fn admins_who_set_different_limits_at_once_do_not_undo_each_other(server: TestServer) {
    let words = ["volumes", "snapshots", "gigabytes", "per_volume_gigabytes", "backups", "backup_gigabytes", "groups"];
    for round in 0..4 {
        let sets: Vec<Value> = words.iter().map(|word| json!({*word: round})).collect();
        futures_util::future::join_all(sets.iter().map(|limits| set(&server, "alpha", limits))).await;
        let all = words.iter().fold(json!({}), |all, word| with(all, json!({*word: round})));
        assert_eq!(quota_set(&server, "alpha", "").await, quota("alpha", all));
    }
}

/// The message of a body that is refused.
async fn malformed(server: &TestServer, path: &str, body: &Value) -> String {
    put(server, path, body).await.fails(400, "EVS.5400")
}

#[apply(both_engines!)]
async fn a_body_that_is_wrong_is_400_with_the_name_of_what_is(server: TestServer) {
    let sets = "/v3/ops/os-quota-sets/alpha";
    let number = "give a whole number from -1 (no limit) to 2147483647.";
    for (limit, said) in [
        (json!(-2), format!("volumes is -2; {number}")),
        (json!(2_147_483_648_u64), format!("volumes is 2147483648; {number}")),
        (json!(1.5), format!("volumes is a number that is not in plain digits; {number}")),
        (json!("ten"), format!("volumes is \"ten\"; {number}")),
        (json!("+1"), format!("volumes is \"+1\"; {number}")),
        (json!(""), format!("volumes is \"\"; {number}")),
        (json!(null), format!("volumes is null; {number}")),
        (json!(true), format!("volumes is true; {number}")),
        (json!([1]), format!("volumes is [1]; {number}")),
    ] {
        assert_eq!(malformed(&server, sets, &json!({"quota_set": {"volumes": limit}})).await, said);
    }
    let said = malformed(&server, sets, &json!({"quota_set": {"volumes": 1, "volums": 2, "force": true}})).await;
    assert!(said.starts_with("Unknown field `") && said.contains("`quota_set.volums`"), "{said}");
    assert!(said.contains("`quota_set.force`") && said.ends_with("; leave it out."), "{said}");
    let said = malformed(&server, "/v2/ops/os-quota-sets/alpha", &json!({"quota_set": {}})).await;
    assert!(said.starts_with("`quota_set` is empty; give a limit for one of volumes, "), "{said}");
    // what says nothing is something all the same
    for body in [json!({"quota_set": {"id": null}}), json!({"quota_set": {"tenant_id": null}})] {
        server.put("/v3/ops/os-quota-sets/alpha", body).by("admin:ops").await.is(200);
    }
    // of the path first
    let bad = json!({"quota_set": {"volums": 1}});
    server.put("/v2/ops/os-quota-sets/bad%20id", bad.clone()).by("admin:ops").await.fails(400, "EVS.0001");
    server.put("/v3/ops/os-quota-sets/bad%20id", bad.clone()).by("admin:ops").await.fails(404, "EVS.5404");
    server.put("/v3/ops/os-quota-class-sets/nope", bad).by("admin:ops").await.fails(404, "EVS.5404");
    for body in [json!({}), json!([]), json!({"quota_set": 1}), json!({"quota_set": {"volumes": 1}, "more": 1})] {
        malformed(&server, sets, &body).await;
    }
    let class = "/v3/ops/os-quota-class-sets/default";
    malformed(&server, class, &json!({"quota_class_set": {"tenant_id": "alpha"}})).await;
    malformed(&server, class, &json!({"quota_set": {"volumes": 1}})).await;
    assert_eq!(quota_set(&server, "alpha", "").await, quota("alpha", json!({})), "nothing was set");
    // digits are as good as a number
    let set = set(&server, "alpha", &json!({"volumes": "007", "snapshots": "-1", "gigabytes": "2147483647"})).await;
    assert_eq!(set, limits(json!({"volumes": 7, "gigabytes": 2_147_483_647})));
}

/// A request that a policy refuses, in both dialects.
async fn forbidden(server: &TestServer, policy: &str, ask: impl Fn(&str) -> Ask) {
    for base in ["/v2/alpha", "/v3/alpha", "/v3"] {
        let message = ask(base).await.fails(403, "EVS.5403");
        let said = format!("Policy doesn't allow {policy} to be performed.");
        assert!(message.starts_with(&said), "{message}");
    }
    assert_eq!(quota_set(server, "alpha", "").await, quota("alpha", json!({})));
}

#[apply(both_engines!)]
async fn a_project_sees_its_own_quotas_and_only_an_admin_sets_any(server: TestServer) {
    for tail in ["/alpha", "/alpha/defaults"] {
        server.get(&format!("/v3/alpha/os-quota-sets{tail}")).await.is(200);
    }
    let show = "volume_extension:quotas:show";
    for tail in ["/beta", "/beta?usage=True", "/beta/defaults"] {
        forbidden(&server, show, |base| server.get(&format!("{base}/os-quota-sets{tail}"))).await;
    }
    let body = json!({"quota_set": {"volumes": 1}});
    for project in ["alpha", "beta"] {
        let path = |base: &str| format!("{base}/os-quota-sets/{project}");
        forbidden(&server, "volume_extension:quotas:update", |base| server.ask("PUT", &path(base)).json(&body)).await;
        forbidden(&server, "volume_extension:quotas:delete", |base| server.delete(&path(base))).await;
    }
    let class = |base: &str| format!("{base}/os-quota-class-sets/default");
    forbidden(&server, "volume_extension:quota_classes:get", |base| server.get(&class(base))).await;
    let body = json!({"quota_class_set": {"volumes": 1}});
    forbidden(&server, "volume_extension:quota_classes:update", |base| server.ask("PUT", &class(base)).json(&body)).await;
}

/// The three requests that name a project in the path's end.
async fn of_each_method(server: &TestServer, path: &str) -> Vec<Answer> {
    let body = json!({"quota_set": {"volumes": 1}});
    vec![
        server.get(path).by("admin:ops").await,
        server.get(&format!("{path}/defaults")).by("admin:ops").await,
        server.delete(path).by("admin:ops").await,
        put(server, path, &body).await,
    ]
}

#[apply(both_engines!)]
async fn what_can_be_no_project_or_class_is_not_there(server: TestServer) {
    for target in ["a%20b", "a%2Fb", &"p".repeat(65)] {
        for answer in of_each_method(&server, &format!("/v2/ops/os-quota-sets/{target}")).await {
            let message = answer.fails(400, "EVS.0001");
            assert!(message.starts_with("The project whose quotas are asked for must be 1 to 64 letters"), "{message}");
        }
        for answer in of_each_method(&server, &format!("/v3/ops/os-quota-sets/{target}")).await {
            let message = answer.fails_in(Dialect::Openstack, 404, "");
            assert!(message.starts_with("Project ") && message.contains(" could not be found. "), "{message}");
        }
    }
    for base in ["/v2/ops", "/v3/ops"] {
        let path = format!("{base}/os-quota-class-sets/gold");
        let body = json!({"quota_class_set": {"volumes": 1}});
        for answer in [server.get(&path).by("admin:ops").await, put(&server, &path, &body).await] {
            let message = answer.fails(404, "EVS.5404");
            assert_eq!(message, "Quota class gold could not be found. The one that there is is default.");
        }
    }
}

#[apply(both_engines!)]
async fn limits_are_absolute_and_their_totals_what_there_is(server: TestServer) {
    let copies = json!({"snapshots": [with(copy("available"), json!({"size": 2}))], "backups": [copy("available")]});
    server.volume_with(with(copies, json!({"size": 3}))).await;
    set(&server, "alpha", &json!({"volumes": 10, "gigabytes": 100, "snapshots": 5, "groups": 1})).await;
    let expected = json!({"limits": {"rate": [], "absolute": {
        "maxTotalVolumes": 10, "maxTotalSnapshots": 5, "maxTotalVolumeGigabytes": 100, "maxTotalBackups": -1,
        "maxTotalBackupGigabytes": -1, "totalVolumesUsed": 1, "totalSnapshotsUsed": 1, "totalGigabytesUsed": 5,
        "totalBackupsUsed": 1, "totalBackupGigabytesUsed": 1,
    }}});
    for base in ["/v2/alpha", "/v3/alpha", "/v3"] {
        assert_eq!(server.get(&format!("{base}/limits")).await.is(200).json(), expected);
    }
}

#[apply(both_engines!)]
async fn an_admin_asks_for_another_projects_limits_from_3_39(server: TestServer) {
    set(&server, "alpha", &json!({"volumes": 10})).await;
    for (path, token, version, volumes) in [
        ("/v3/ops/limits?project_id=alpha", "admin:ops", Some("3.39"), 10),
        ("/v3/ops/limits?tenant_id=alpha", "admin:ops", Some("latest"), 10),
        ("/v3/ops/limits?project_id=alpha", "admin:ops", Some("3.38"), -1),
        ("/v2/ops/limits?project_id=alpha", "admin:ops", None, -1),
        ("/v3/beta/limits?project_id=alpha", "bob:beta", Some("3.39"), -1),
        ("/v3/beta/limits?project_id=a%20b", "bob:beta", Some("3.39"), -1),
    ] {
        let shown = server.get(path).by(token).at_or_none(version).await.is(200).json();
        assert_eq!(shown["limits"]["absolute"]["maxTotalVolumes"], volumes, "{path} {version:?}");
    }
    let answer = server.get("/v3/ops/limits?tenant_id=a%20b").by("admin:ops").at("3.39").await;
    assert!(answer.fails(400, "EVS.5400").starts_with("tenant_id is `a b`; give a project's id: "), "{answer}");
}

#[apply(both_engines!)]
async fn usage_moves_with_an_accepted_transfer(server: TestServer) {
    server.volumes("beta", 1).await;
    let volume = server.volume_with(json!({"size": 4})).await;
    let offered = server.offer_of(&volume).await;
    let in_use = async |project: &str| {
        let shown = quota_set(&server, project, "?usage=True").await;
        (shown["volumes"]["in_use"].as_i64().unwrap(), shown["gigabytes"]["in_use"].as_i64().unwrap())
    };
    assert_eq!([in_use("alpha").await, in_use("beta").await], [(1, 4), (1, 1)]);
    server.accept_by("beta", &offered).await.is(202);
    assert_eq!([in_use("alpha").await, in_use("beta").await], [(0, 0), (2, 5)]);
}

#[apply(both_engines!)]
async fn a_limit_may_be_lower_than_what_there_is_and_holds_for_what_comes(server: TestServer) {
    server.seed(json!({"volumes": [volume("beta"), volume("beta")]})).await;
    let offered = server.offer().await;
    assert_eq!(set(&server, "beta", &json!({"volumes": 1})).await, limits(json!({"volumes": 1})));
    assert_eq!(set(&server, "beta", &json!({"volumes": 0})).await, limits(json!({"volumes": 0})));
    server.accept_by("beta", &offered).await.fails(413, "EVS.5413");
    set(&server, "beta", &json!({"volumes": 2})).await;
    server.accept_by("beta", &offered).await.fails(413, "EVS.5413");
    set(&server, "beta", &json!({"volumes": 3})).await;
    server.accept_by("beta", &offered).await.is(202);
}
