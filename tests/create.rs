//! Create: the request of the founding page, what it answers, and what it does to the volume.

use handover::clock::Clock;
use handover::domain::Time;
use handover::system::System;

use crate::support::{Engine, TestServer, apply, assert_answer, both_engines, json, new_id, volume, with};

const CREATE: &str = "/v2/alpha/os-volume-transfer";
const KEYS: [&str; 6] = ["auth_key", "created_at", "id", "links", "name", "volume_id"];

fn body(volume_id: &str) -> serde_json::Value {
    json!({"transfer": {"volume_id": volume_id}})
}

#[apply(both_engines!)]
async fn the_founding_pages_request_gets_the_founding_pages_answer(engine: Engine) {
    let server = TestServer::with(engine, &["--public-url", "https://localhost"]).await;
    let id = "c86b9af4-151d-4ead-b62c-5fb967af0e37";
    server.seed(json!({"volumes": [with(volume("firstproject"), json!({"id": id}))]})).await;

    let path = "/v2/firstproject/os-volume-transfer";
    let asked = json!({"transfer": {"volume_id": id, "name": "first volume"}});
    let answer = server.post(path, asked).by("alice:firstproject").await.is(202);

    assert_eq!(answer.transfer()["volume_id"], id);
    let id = answer.transfer()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.transfer()["links"],
        json!([
            {"rel": "self", "href": format!("https://localhost/v2/firstproject/os-volume-transfer/{id}")},
            {"rel": "bookmark", "href": format!("https://localhost/firstproject/os-volume-transfer/{id}")},
        ])
    );
    assert_answer("the-founding-pages-create", &server, &answer);
}

#[apply(both_engines!)]
async fn all_six_operations_work_under_both_versions_and_both_names(server: TestServer) {
    for base in [
        "/v2/alpha/os-volume-transfer", "/v3/alpha/os-volume-transfer", "/v3/alpha/volume-transfers", "/v3/os-volume-transfer",
        "/v3/volume-transfers",
    ] {
        let volumes = server.volumes("alpha", 2).await;
        let offered = server.post(base, body(&volumes[0])).await.is(202).transfer();
        let id = offered["id"].as_str().unwrap();
        let kept = server.post(base, body(&volumes[1])).await.is(202).transfer();
        server.get(&format!("{base}/{id}")).await.is(200);
        assert!(server.get(base).await.is(200).ids().contains(&id.to_owned()));
        assert!(server.get(&format!("{base}/detail")).await.is(200).ids().contains(&id.to_owned()));
        let accept = format!("{}/{id}/accept", base.replace("alpha", "beta"));
        server.post(&accept, json!({"accept": {"auth_key": offered["auth_key"]}})).by("bob:beta").await.is(202);
        let answer = server.delete(&format!("{base}/{}", kept["id"].as_str().unwrap())).await.is(202);
        assert!(answer.body.is_empty(), "{answer}");
    }
}

#[apply(both_engines!)]
async fn volume_transfers_is_no_resource_of_v2(server: TestServer) {
    server.get("/v2/alpha/volume-transfers").await.fails(404, "EVS.5404");
    let volume = server.volume().await;
    server.post("/v2/alpha/volume-transfers", body(&volume)).await.fails(404, "EVS.5404");
    server.get("/v2/os-volume-transfer").await.fails(404, "EVS.5404");
}

#[apply(both_engines!)]
async fn any_form_of_a_uuid_names_the_volume_and_the_canonical_one_is_answered(server: TestServer) {
    for form in [
        |id: &str| id.to_owned(),
        |id: &str| id.to_uppercase(),
        |id: &str| id.replace('-', ""),
        |id: &str| id.replace('-', "").to_uppercase(),
        |id: &str| format!("{{{id}}}"),
        |id: &str| format!("urn:uuid:{id}"),
        |id: &str| format!("URN:UUID:{}", id.to_uppercase()),
    ] {
        let volume = server.volume().await;
        let sent = form(&volume);
        let answer = server.post(CREATE, body(&sent)).await.is(202);
        assert_eq!(answer.transfer()["volume_id"], *volume, "sent {sent}");
    }
}

#[apply(both_engines!)]
async fn what_is_no_uuid_is_no_volume_id(server: TestServer) {
    let volume = server.volume().await;
    for sent in [
        json!("nope"),
        json!(""),
        json!(format!(" {volume}")),
        json!(format!("{volume} ")),
        json!(format!("{volume}\n")),
        json!(volume[1..]),
        json!(format!("{volume}0")),
        json!(format!("g{}", &volume[1..])),
        json!(format!("{{{volume}")),
        json!(7),
        json!(null),
        json!(true),
        json!([volume]),
        json!({"id": volume}),
    ] {
        for api in ["/v2", "/v3"] {
            let asked = json!({"transfer": {"volume_id": sent}});
            server.post(&format!("{api}/alpha/os-volume-transfer"), asked).await.fails(400, "EVS.1002");
        }
    }
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
}

#[apply(both_engines!)]
async fn an_auth_key_is_sixteen_hexadecimal_digits_and_shown_once(server: TestServer) {
    let mut keys = std::collections::HashSet::new();
    for volume in server.volumes("alpha", 8).await {
        let transfer = server.post(CREATE, body(&volume)).await.is(202).transfer();
        let (id, key) = (transfer["id"].as_str().unwrap(), transfer["auth_key"].as_str().unwrap());
        assert!(key.len() == 16 && key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{key}");
        assert!(keys.insert(key.to_owned()), "{key} was given twice");
        for path in [format!("{CREATE}/{id}"), CREATE.to_owned(), format!("{CREATE}/detail")] {
            let shown = server.get(&path).await.is(200);
            assert!(!shown.text().contains(key) && !shown.text().contains("auth_key"), "{shown}");
        }
        let stored = server.stored_transfer(id).await;
        assert!(stored.pending_hash().unwrap().starts_with("$argon2id$"), "{stored:?}");
    }
}

#[apply(both_engines!)]
async fn created_at_is_utc_with_six_digits_and_no_zone(server: TestServer) {
    let volume = server.volume().await;
    let before = System.now();
    let transfer = server.post(CREATE, body(&volume)).await.is(202).transfer();
    let shown = transfer["created_at"].as_str().unwrap();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let form = "dddd-dd-ddTdd:dd:dd.dddddd";
    assert!(
        shown.len() == 26
            && form.bytes().zip(shown.chars()).all(|(f, c)| if f == b'd' {
                digits(&c.to_string())
            } else {
                c == char::from(f)
            }),
        "{shown}"
    );
    let at = Time::parse(shown).unwrap();
    assert!(before <= at && at <= System.now(), "{before} <= {at}");
    let shown_again = server.get(&format!("{CREATE}/{}", transfer["id"].as_str().unwrap())).await.is(200).transfer();
    assert_eq!(shown_again["created_at"], transfer["created_at"]);
}

#[apply(both_engines!)]
async fn the_links_name_os_volume_transfer_on_either_resource_and_the_version_asked(server: TestServer) {
    for (path, tail) in [
        ("/v2/alpha/os-volume-transfer", "/v2/alpha"),
        ("/v3/alpha/os-volume-transfer", "/v3/alpha"),
        ("/v3/alpha/volume-transfers", "/v3/alpha"),
        ("/v3/os-volume-transfer", "/v3"),
        ("/v3/volume-transfers", "/v3"),
    ] {
        let volume = server.volume().await;
        let transfer = server.post(path, body(&volume)).await.is(202).transfer();
        let id = transfer["id"].as_str().unwrap();
        let links = json!([
            {"href": format!("{}{tail}/os-volume-transfer/{id}", server.base), "rel": "self"},
            {"href": format!("{}{}/os-volume-transfer/{id}", server.base, &tail[3..]), "rel": "bookmark"},
        ]);
        assert_eq!(transfer["links"], links, "{path}");
        let shown = server.get(&format!("{path}/{id}")).await.is(200).transfer();
        assert_eq!(shown["links"], links, "{path}");
        let listed = server.get(&format!("{path}?id={id}")).await.is(200).transfers();
        assert_eq!(listed[0]["links"], links, "{path}");
    }
}

#[apply(both_engines!)]
async fn an_answer_has_the_pages_keys_and_no_other(server: TestServer) {
    for api in ["v2", "v3"] {
        let volume = server.volume().await;
        let transfer = server.post(&format!("/{api}/alpha/os-volume-transfer"), body(&volume)).await.is(202).transfer();
        let mut keys: Vec<_> = transfer.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, KEYS);
    }
}

#[apply(both_engines!)]
async fn the_volume_goes_from_available_to_awaiting_transfer_and_nothing_else_of_it_changes(server: TestServer) {
    let fields =
        json!({"size": 7, "metadata": {"colour": "red"}, "description": "keep", "created_at": "2015-02-25T03:56:53.081642"});
    let volume = server.volume_with(fields).await;
    let before = server.stored_volume(&volume).await;
    server.offer_of(&volume).await;
    let after = server.stored_volume(&volume).await;
    assert_eq!((before.status.as_str(), after.status.as_str()), ("available", "awaiting-transfer"));
    assert!(after.updated_at > before.updated_at, "{:?} then {:?}", before.updated_at, after.updated_at);
    assert_eq!(handover::domain::Volume { status: before.status.clone(), updated_at: before.updated_at, ..after }, before);
}

#[apply(both_engines!)]
async fn a_volume_that_no_quota_counts_is_offered_as_well(server: TestServer) {
    let free = server.volume_with(json!({"consumes_quota": false})).await;
    server.offer_of(&free).await;
}

#[apply(both_engines!)]
async fn a_volume_on_offer_is_not_offered_again(server: TestServer) {
    let offered = server.offer().await;
    for api in ["v2", "v3"] {
        let answer = server.post(&format!("/{api}/alpha/os-volume-transfer"), body(&offered.volume_id)).await;
        assert!(answer.fails(400, "EVS.5400").starts_with("Invalid volume: status must be available"), "{answer}");
        assert_eq!(answer.reasons(), ["status"]);
    }
    assert_eq!(server.get(CREATE).await.is(200).ids(), [offered.id]);
}

#[apply(both_engines!)]
async fn a_volume_that_is_not_there_or_another_projects_could_not_be_found(server: TestServer) {
    let theirs = server.volumes("omega", 1).await.remove(0);
    for api in ["v2", "v3"] {
        for volume in [new_id(), theirs.clone()] {
            let answer = server.post(&format!("/{api}/alpha/os-volume-transfer"), body(&volume)).await;
            let message = answer.fails(404, "EVS.5404");
            assert!(message.starts_with(&format!("Volume {volume} could not be found.")), "{message}");
        }
    }
    assert_eq!(server.stored_volume(&theirs).await.status.as_str(), "available");
}

#[apply(both_engines!)]
async fn no_snapshots_is_a_field_of_volume_transfers_from_3_55_only(server: TestServer) {
    let takes = |path: &str, version: Option<&str>| path.ends_with("volume-transfers") && version.is_some_and(|v| v >= "3.55");
    for (path, version) in [
        ("/v2/alpha/os-volume-transfer", None),
        ("/v2/alpha/os-volume-transfer", Some("3.55")),
        ("/v3/alpha/os-volume-transfer", None),
        ("/v3/alpha/os-volume-transfer", Some("3.55")),
        ("/v3/alpha/os-volume-transfer", Some("3.71")),
        ("/v3/alpha/volume-transfers", None),
        ("/v3/alpha/volume-transfers", Some("3.54")),
        ("/v3/alpha/volume-transfers", Some("3.55")),
        ("/v3/alpha/volume-transfers", Some("3.71")),
    ] {
        let volume = server.volume().await;
        let asked = json!({"transfer": {"volume_id": volume, "no_snapshots": true}});
        let answer = server.post(path, asked).at_or_none(version).await;
        if takes(path, version) {
            assert_eq!(answer.is(202).transfer()["no_snapshots"], true);
        } else {
            let message = answer.fails(400, "EVS.5400");
            assert!(message.contains("no_snapshots"), "{message}");
        }
    }
}

#[apply(both_engines!)]
async fn no_snapshots_is_a_boolean_or_its_word_and_nothing_else(server: TestServer) {
    let path = "/v3/alpha/volume-transfers";
    let volume = server.volume().await;
    let ask = |value: serde_json::Value| {
        let asked = json!({"transfer": {"volume_id": volume, "no_snapshots": value}});
        server.post(path, asked).at("3.55")
    };
    for (value, means) in [
        (json!(true), true),
        (json!("true"), true),
        (json!("yes"), true),
        (json!("on"), true),
        (json!("1"), true),
        (json!(false), false),
        (json!("false"), false),
        (json!("no"), false),
        (json!("off"), false),
        (json!("0"), false),
    ] {
        let transfer = ask(value.clone()).await.is(202).transfer();
        assert_eq!(transfer["no_snapshots"], means, "{value}");
        let one = format!("{path}/{}", transfer["id"].as_str().unwrap());
        assert_eq!(server.get(&one).at("3.55").await.is(200).transfer()["no_snapshots"], means, "{value}");
        server.delete(&one).await.is(202);
    }
    for value in [json!(1), json!(0), json!(null), json!("maybe"), json!(""), json!(1.0), json!([]), json!({})] {
        let message = ask(value.clone()).await.fails(400, "EVS.5400");
        assert!(message.contains("no_snapshots"), "{value}: {message}");
    }
}

#[apply(both_engines!)]
async fn a_create_without_volume_id_says_so(server: TestServer) {
    for api in ["v2", "v3"] {
        let answer = server.post(&format!("/{api}/alpha/os-volume-transfer"), json!({"transfer": {"name": "x"}})).await;
        assert!(answer.fails(400, "EVS.5400").contains("volume_id"), "{answer}");
    }
}

#[apply(both_engines!)]
async fn an_admin_offers_any_projects_volume_and_its_project_is_the_donor(server: TestServer) {
    let volume = server.volume().await;
    let body = json!({"transfer": {"volume_id": volume, "name": "gift"}});
    // of anyone else it does not exist
    server.post("/v3/beta/os-volume-transfer", body.clone()).by("bob:beta").await.fails(404, "EVS.5404");
    let made = server.post("/v3/ops/os-volume-transfer", body).by("admin:ops").at("3.57").await.is(202).transfer();
    assert_eq!(made["source_project_id"], "alpha");
    assert!(made["links"][0]["href"].as_str().unwrap().contains("/v3/ops/os-volume-transfer/"), "{made}");
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "awaiting-transfer");
    let id = made["id"].as_str().unwrap();
    assert_eq!(server.get("/v3/alpha/os-volume-transfer").await.is(200).ids(), [id]);
    assert_eq!(server.get("/v3/ops/os-volume-transfer").by("admin:ops").await.is(200).ids(), Vec::<String>::new());
    server.get(&format!("/v3/alpha/os-volume-transfer/{id}")).await.is(200);
    let accept = json!({"accept": {"auth_key": made["auth_key"]}});
    server.post(&format!("/v3/beta/os-volume-transfer/{id}/accept"), accept).by("bob:beta").await.is(202);
    assert_eq!(server.stored_volume(&volume).await.project_id.as_str(), "beta");
    let transfer = server.stored_transfer(id).await;
    assert_eq!((transfer.offer.made.project_id.as_str(), transfer.offer.made.user_id.as_str()), ("alpha", "admin"));
}

#[apply(both_engines!)]
async fn a_status_that_no_call_ends_names_the_admins_reset_and_never_waiting(server: TestServer) {
    for status in ["reserved", "uploading", "deleting", "maintenance", "error", "downloading", "restoring-backup", "creating"] {
        let id = server.volume_with(json!({"status": status})).await;
        let offer = json!({"transfer": {"volume_id": id}});
        let action = format!("/v3/alpha/volumes/{id}/action");
        for refused in [
            server.post("/v2/alpha/os-volume-transfer", offer),
            server.post(&action, json!({"os-extend": {"new_size": 99}})),
            server.post(&action, json!({"os-reserve": null})),
            server.post("/v3/alpha/snapshots", json!({"snapshot": {"volume_id": id}})),
        ] {
            let message = refused.await.fails(400, "EVS.5400");
            assert!(
                message.contains("os-reset_status") && !message.to_lowercase().contains("wait until"),
                "{status}: {message}"
            );
        }
    }
}
