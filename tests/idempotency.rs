//! Requests that name themselves: a retry gets the first answer, whatever has become of the transfer since, and nothing is
//! done twice.

use std::collections::HashSet;
use std::time::Duration;

use crate::support::idempotency::{CLIENT_TOKEN, IDEMPOTENCY_KEY, assert_same, names};
use crate::support::{Engine, Offered, TestServer, alter, apply, assert_answer, both_engines, count, json, new_id, until};

const CLAIMS: &str = "SELECT count(*) AS n FROM idempotency_keys";
const SEALED: &str = "SELECT count(*) AS n FROM idempotency_keys WHERE sealed IS NOT NULL";

/// Waits until so many names are known, and so many of them with an answer.
async fn until_known(server: &TestServer, claims: i64, sealed: i64) {
    let known = async || (count(&server.database.url, CLAIMS).await, count(&server.database.url, SEALED).await);
    until("what is over is tidied", async || known().await == (claims, sealed)).await;
}

#[apply(both_engines!)]
async fn a_retried_create_gets_the_same_transfer_and_key_and_makes_no_other(server: TestServer) {
    for (path, version) in [
        ("/v2/alpha/os-volume-transfer", None),
        ("/v3/alpha/os-volume-transfer", None),
        ("/v3/volume-transfers", Some("3.55")),
        ("/v3/alpha/volume-transfers", Some("3.71")),
    ] {
        for (header, name) in names() {
            let volume = server.volume().await;
            let body = json!({"transfer": {"volume_id": volume, "name": "盘"}});
            let ask = || server.post(path, body.clone()).at_or_none(version).header(header, &name);
            let first = ask().await.is(202);
            for _ in 0..2 {
                assert_same(&first, &ask().await);
            }
            let listed = server.get(&format!("/v2/alpha/os-volume-transfer?volume_id={volume}")).await.is(200);
            assert_eq!(listed.ids(), [Offered::of(&first).id]);
            let Offered { id, key, .. } = Offered::of(&ask().await);
            server.accept_named((header, &name), &id, &key).await.is(202);
        }
    }
}

#[apply(both_engines!)]
async fn a_retried_accept_gets_the_same_answer_and_takes_nothing_twice(server: TestServer) {
    for (header, name) in names() {
        let Offered { id, key, volume_id } = server.offer().await;
        let ask = || server.accept_named((header, &name), &id, &key);
        let first = ask().await.is(202);
        assert_same(&first, &ask().await);
        assert_eq!(server.stored_volume(&volume_id).await.project_id.as_str(), "beta");
        // by anybody else, and without the name, it is over
        server.accept_named((header, &new_id()), &id, &key).await.fails(404, "EVS.5404");
        server.accept_named(("X-Other", "x"), &id, &key).await.fails(404, "EVS.5404");
        // and stays so when the volume has gone on
        server.offer_by("beta", &volume_id).await;
        assert_same(&first, &ask().await);
        assert_eq!(server.stored_volume(&volume_id).await.status.as_str(), "awaiting-transfer");
    }
}

#[apply(both_engines!)]
async fn a_retried_delete_gets_the_same_answer_and_withdraws_nothing_twice(server: TestServer) {
    for (header, name) in names() {
        let Offered { id, volume_id, .. } = server.offer().await;
        let ask = || server.delete_named((header, &name), &id);
        let first = ask().await.is(202);
        assert!(first.body.is_empty(), "{first}");
        assert_same(&first, &ask().await);
        server.delete_named((header, &new_id()), &id).await.fails(404, "EVS.5404");
        // a new offer of the volume is not touched
        let renewed = server.offer_of(&volume_id).await;
        assert_same(&first, &ask().await);
        server.get(&format!("/v2/alpha/os-volume-transfer/{}", renewed.id)).await.is(200);
    }
}

#[apply(both_engines!)]
async fn a_create_is_answered_again_when_its_transfer_is_over(server: TestServer) {
    let (header, name) = (IDEMPOTENCY_KEY, "over");
    let volume = server.volume().await;
    let first = server.create_named((header, name), &volume).await.is(202);
    let Offered { id, key, .. } = Offered::of(&first);
    server.accept_named((header, "taken"), &id, &key).await.is(202);
    assert_same(&first, &server.create_named((header, name), &volume).await);
    assert_eq!(server.stored_volume(&volume).await.project_id.as_str(), "beta");
    server.get(&format!("/v2/alpha/os-volume-transfer/{id}")).await.fails(404, "EVS.5404");
}

#[apply(both_engines!)]
async fn a_name_that_was_given_to_another_request_is_refused_and_nothing_is_done(server: TestServer) {
    for (header, name) in names() {
        let (volume, other) = (server.volume().await, server.volume().await);
        let create =
            |path: &str, fields: serde_json::Value| server.post(path, json!({"transfer": fields})).header(header, &name);
        let path = "/v3/alpha/volume-transfers";
        let fields = json!({"volume_id": volume, "name": "n"});
        let first = create(path, fields.clone()).at("3.60").await.is(202);
        let Offered { id, key, .. } = Offered::of(&first);
        for answer in [
            create(path, json!({"volume_id": other, "name": "n"})).at("3.60").await,
            create(path, json!({"volume_id": volume, "name": "m"})).at("3.60").await,
            create(path, json!({"volume_id": volume})).at("3.60").await,
            create(path, fields.clone()).at("3.61").await,
            create("/v3/volume-transfers", fields.clone()).at("3.60").await,
            create("/v3/alpha/os-volume-transfer", fields.clone()).at("3.60").await,
            create("/v2/alpha/os-volume-transfer", fields.clone()).await,
            server.delete(&format!("{path}/{id}")).at("3.60").header(header, &name).await,
            server.post(&format!("{path}/{id}/accept"), json!({"accept": {"auth_key": key}})).header(header, &name).await,
        ] {
            let message = answer.fails(400, "EVS.2219");
            assert!(message.contains(header) && !message.contains(&name), "{answer}");
        }
        assert_eq!(server.stored_volume(&other).await.status.as_str(), "available");
        // what does not matter: the order of keys
        let text = format!(r#"{{"transfer": {{"name":"n",  "volume_id":"{volume}"}}}}"#);
        assert_same(&first, &server.post_text(path, text).at("3.60").header(header, &name).await);
    }
}

#[apply(both_engines!)]
async fn the_record_and_the_key_are_part_of_an_accept(server: TestServer) {
    let name = (IDEMPOTENCY_KEY, "accept");
    let (one, other) = (server.offer().await, server.offer().await);
    let first = server.accept_named(name, &one.id, &one.key).await.is(202);
    server.accept_named(name, &one.id, &other.key).await.fails(400, "EVS.2219");
    server.accept_named(name, &other.id, &other.key).await.fails(400, "EVS.2219");
    // any form of its id is the same record
    assert_same(&first, &server.accept_named(name, &one.id.to_uppercase().replace('-', ""), &one.key).await);
    assert_eq!(server.stored_volume(&other.volume_id).await.status.as_str(), "awaiting-transfer");
}

#[apply(both_engines!)]
async fn a_caller_has_names_of_its_own(server: TestServer) {
    for (header, name) in names() {
        let create = |token: &str, volume: &str| {
            let project = token.split_once(':').unwrap().1;
            let body = json!({"transfer": {"volume_id": volume}});
            server.post(&format!("/v2/{project}/os-volume-transfer"), body).by(token).header(header, &name)
        };
        let mut ids = HashSet::new();
        for token in ["alice:alpha", "carol:alpha", "alice:beta", "bob:beta", "admin:alpha"] {
            let volume = server.volumes(token.split_once(':').unwrap().1, 1).await.remove(0);
            let first = create(token, &volume).await.is(202);
            assert_same(&first, &create(token, &volume).await);
            ids.insert(Offered::of(&first).id);
            // nobody gets another's answer
            let answer = create("mallory:alpha", &volume).await;
            assert!(answer.status == 404 || answer.reasons() == ["status"], "{answer}");
        }
        assert_eq!(ids.len(), 5);
    }
}

#[apply(both_engines!)]
async fn each_header_names_by_itself_and_every_form_of_a_uuid_is_the_same_token(server: TestServer) {
    let (id, volumes) = (new_id(), server.volumes("alpha", 2).await);
    let first = server.create_named((CLIENT_TOKEN, &id), &volumes[0]).await.is(202);
    let other = server.create_named((IDEMPOTENCY_KEY, &id), &volumes[1]).await.is(202);
    for form in [id.to_uppercase(), id.replace('-', ""), format!("{{{id}}}"), format!("urn:uuid:{id}")] {
        assert_same(&first, &server.create_named((CLIENT_TOKEN, &form), &volumes[0]).await);
    }
    assert_same(&other, &server.create_named((&IDEMPOTENCY_KEY.to_lowercase(), &id), &volumes[1]).await);
    // an Idempotency-Key is taken as it stands
    server.create_named((IDEMPOTENCY_KEY, &id.to_uppercase()), &volumes[1]).await.fails(400, "EVS.5400");
    assert_eq!(count(&server.database.url, CLAIMS).await, 2);
}

#[apply(both_engines!)]
async fn a_refusal_leaves_no_trace_and_the_retry_is_tried_anew(server: TestServer) {
    for (header, name) in names() {
        let name = (header, &*name);
        let volume = server.volume_with(json!({"frozen": true})).await;
        for _ in 0..2 {
            assert_eq!(server.create_named(name, &volume).await.is(400).reasons(), ["frozen"]);
        }
        let mine = server.volume_with(json!({"id": volume, "frozen": false})).await;
        let first = server.create_named(name, &mine).await.is(202);
        assert_same(&first, &server.create_named(name, &mine).await);

        let (Offered { id, key, .. }, take) = (Offered::of(&first), (header, &*new_id()));
        server.accept_named(take, &id, "wrong").await.fails(400, "EVS.5400");
        let accepted = server.accept_named(take, &id, &key).await.is(202);
        assert_same(&accepted, &server.accept_named(take, &id, &key).await);

        let unknown = new_id();
        server.delete_named((header, &new_id()), &unknown).await.fails(404, "EVS.5404");
        server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {}})).header(header, &new_id()).await.is(400);
    }
    assert_eq!(count(&server.database.url, CLAIMS).await, 4, "successes alone are kept");
}

#[apply(both_engines!)]
async fn after_eight_hours_a_retry_is_refused_and_the_answer_is_wiped(server: TestServer) {
    let (name, volume) = ((IDEMPOTENCY_KEY, "late"), server.volume().await);
    let first = server.create_named(name, &volume).await.is(202);
    server.clock.advance(Duration::from_mins(8 * 60 - 1));
    assert_same(&first, &server.create_named(name, &volume).await);
    server.clock.advance(Duration::from_mins(1));
    let answer = server.create_named(name, &volume).await;
    assert!(answer.fails(400, "EVS.2220").contains(IDEMPOTENCY_KEY), "{answer}");
    // also where it could be done again
    server.delete(&format!("/v2/alpha/os-volume-transfer/{}", Offered::of(&first).id)).await.is(202);
    server.create_named(name, &volume).await.fails(400, "EVS.2220");
    server.create_named(name, &server.volume().await).await.fails(400, "EVS.2219");
    // what never was on offer has no first answer, and costs no look for one
    server.create_named(name, &new_id()).await.fails(404, "EVS.5404");
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
    // by itself the answer is wiped, and the name is not
    server.clock.advance(Duration::from_mins(2));
    until_known(&server, 1, 0).await;
    server.create_named(name, &volume).await.fails(400, "EVS.2220");
}

#[apply(both_engines!)]
async fn after_thirty_days_a_name_is_forgotten_and_its_use_is_a_new_request(server: TestServer) {
    let (name, volume) = ((IDEMPOTENCY_KEY, "old"), server.volume().await);
    server.create_named(name, &volume).await.is(202);
    server.clock.advance(Duration::from_mins(30 * 24 * 60 - 2));
    until_known(&server, 1, 0).await;
    server.create_named(name, &volume).await.fails(400, "EVS.2220");
    server.clock.advance(Duration::from_mins(4));
    until_known(&server, 0, 0).await;
    let answer = server.create_named(name, &volume).await.is(400);
    assert_eq!(answer.reasons(), ["status"], "it is on offer already, as for anybody who asks");
    server.create_named(name, &server.volume().await).await.is(202);
}

#[apply(both_engines!)]
async fn a_sealed_answer_that_was_tampered_with_is_a_fault_and_never_an_answer(server: TestServer) {
    let volumes = server.volumes("alpha", 2).await;
    for volume in &volumes {
        server.create_named((IDEMPOTENCY_KEY, volume), volume).await.is(202);
    }
    alter(&server.database.url, "UPDATE idempotency_keys SET sealed = substr(sealed, 2)").await;
    for volume in &volumes {
        server.create_named((IDEMPOTENCY_KEY, volume), volume).await.fails(500, "EVS.5500");
    }
}

#[apply(both_engines!)]
async fn a_restart_with_another_cost_of_hashing_changes_nothing(engine: Engine) {
    let database = std::sync::Arc::new(crate::support::Database::fresh(engine));
    let server = TestServer::over(database.clone(), &["--hash=token"]).await;
    let volume = server.volume().await;
    let first = server.create_named((IDEMPOTENCY_KEY, "k"), &volume).await.is(202);
    drop(server);
    let server = TestServer::over(database, &["--hash=owasp", "--rules=openstack", "--dialect=openstack"]).await;
    assert_same(&first, &server.create_named((IDEMPOTENCY_KEY, "k"), &volume).await);
}

#[apply(both_engines!)]
async fn each_refusal_of_a_name_is_shown_whole_in_each_dialect(server: TestServer) {
    for api in ["v2", "v3"] {
        let (volume, other, name) = (server.volume().await, server.volume().await, format!("name-{api}"));
        let create = |header: &str, name: &str, volume: &str| {
            let body = json!({"transfer": {"volume_id": volume}});
            server.post(&format!("/{api}/alpha/os-volume-transfer"), body).header(header, name)
        };
        create(IDEMPOTENCY_KEY, &name, &volume).await.is(202);
        let taken = create(IDEMPOTENCY_KEY, &name, &other).await;
        server.clock.advance(Duration::from_mins(8 * 60 - 1));
        server.clock.advance(Duration::from_mins(1));
        for (shown, answer) in [
            ("name taken", taken),
            ("too late", create(IDEMPOTENCY_KEY, &name, &volume).await),
            ("no client token", create(CLIENT_TOKEN, "nope", &volume).await),
            ("no idempotency key", create(IDEMPOTENCY_KEY, "a b", &volume).await),
            ("two names", create(IDEMPOTENCY_KEY, "a", &volume).header(CLIENT_TOKEN, &new_id()).await),
        ] {
            assert_answer(&format!("{}-on-{api}", shown.replace(' ', "-")), &server, &answer);
        }
    }
}
