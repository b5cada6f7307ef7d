//! Accept: a recipient claims an offered volume with its key.

use handover::domain::Volume;
use handover::domain::transfer::{Ending, State};

use crate::support::{Answer, TestServer, Value, apply, assert_answer, both_engines, copy, json, new_id, volume, with};

/// An accept by `bob` of the project `beta` on v2.
async fn accept(server: &TestServer, id: &str, key: impl Into<Value>) -> Answer {
    let path = format!("/v2/beta/os-volume-transfer/{id}/accept");
    server.post(&path, json!({"accept": {"auth_key": key.into()}})).by("bob:beta").await
}

#[apply(both_engines!)]
async fn the_right_key_gives_the_volume_to_the_caller(server: TestServer) {
    let volume = server.volume_with(json!({"size": 7, "metadata": {"colour": "red"}})).await;
    let offered = server.offer_of(&volume).await;
    let before = server.stored_volume(&volume).await;

    let answer = accept(&server, &offered.id, offered.key.clone()).await.is(202);

    let transfer = answer.transfer();
    assert_eq!(
        (&transfer["id"], &transfer["volume_id"], &transfer["name"]),
        (&json!(offered.id), &json!(volume), &Value::Null)
    );
    let after = server.stored_volume(&volume).await;
    assert_eq!(
        (after.project_id.as_str(), after.user_id.as_deref(), after.status.as_str()),
        ("beta", Some("bob"), "available")
    );
    assert!(after.updated_at > before.updated_at, "{:?} then {:?}", before.updated_at, after.updated_at);
    let Volume { project_id, user_id, status, updated_at, .. } = before.clone();
    assert_eq!(Volume { project_id, user_id, status, updated_at, ..after }, before, "nothing else of it changes");
    assert_answer("accept", &server, &answer);
}

#[apply(both_engines!)]
async fn the_donors_own_project_may_accept(server: TestServer) {
    let offered = server.offer().await;
    let path = format!("/v2/alpha/os-volume-transfer/{}/accept", offered.id);
    server.post(&path, json!({"accept": {"auth_key": offered.key}})).by("carol:alpha").await.is(202);
    let volume = server.stored_volume(&offered.volume_id).await;
    assert_eq!((volume.project_id.as_str(), volume.user_id.as_deref()), ("alpha", Some("carol")));
}

#[apply(both_engines!)]
async fn the_links_of_an_accepted_transfer_are_the_recipients(server: TestServer) {
    let offered = server.offer().await;
    let transfer = accept(&server, &offered.id, offered.key).await.is(202).transfer();
    let href = |tail: &str| format!("{}{tail}/beta/os-volume-transfer/{}", server.base, offered.id);
    assert_eq!(transfer["links"], json!([{"href": href("/v2"), "rel": "self"}, {"href": href(""), "rel": "bookmark"}]));
}

#[apply(both_engines!)]
async fn an_accepted_transfer_has_left_the_api_and_stays_as_history(server: TestServer) {
    let offered = server.offer().await;
    accept(&server, &offered.id, offered.key.clone()).await.is(202);
    for api in ["v2", "v3"] {
        for project in ["alpha", "beta"] {
            let one = format!("/{api}/{project}/os-volume-transfer/{}", offered.id);
            let token = format!("alice:{project}");
            let gone = format!("Transfer {} could not be found.", offered.id);
            assert!(server.get(&one).by(&token).await.fails(404, "EVS.5404").starts_with(&gone));
            assert!(server.delete(&one).by(&token).await.fails(404, "EVS.5404").starts_with(&gone));
            let body = json!({"accept": {"auth_key": offered.key}});
            assert!(server.post(&format!("{one}/accept"), body).by(&token).await.fails(404, "EVS.5404").starts_with(&gone));
            let list = format!("/{api}/{project}/os-volume-transfer");
            assert_eq!(server.get(&list).by(&token).await.is(200).json(), json!({"transfers": []}));
        }
    }
    let State::Ended { how, by } = server.stored_transfer(&offered.id).await.state else { panic!("still pending") };
    assert_eq!((how, by.project_id.as_str(), by.user_id.as_str()), (Ending::Accepted, "beta", "bob"));
}

#[apply(both_engines!)]
async fn a_wrong_key_leaves_the_offer_pending(server: TestServer) {
    let offered = server.offer().await;
    for key in
        ["0000000000000000", "nonsense", "", " ", &offered.key[1..], &offered.key.to_uppercase(), &format!("{} ", offered.key)]
    {
        if key == offered.key {
            continue; // a key without letters in it, upper-cased
        }
        for api in ["v2", "v3"] {
            let path = format!("/{api}/beta/os-volume-transfer/{}/accept", offered.id);
            let answer = server.post(&path, json!({"accept": {"auth_key": key}})).by("bob:beta").await;
            let message = answer.fails(400, "EVS.5400");
            let words = format!("Invalid auth key: Attempt to transfer {} with invalid auth key.", offered.id);
            assert!(message.starts_with(&words), "{message}");
        }
    }
    assert_eq!(server.stored_volume(&offered.volume_id).await.status.as_str(), "awaiting-transfer");
    server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(200);
    accept(&server, &offered.id, offered.key).await.is(202);
}

#[apply(both_engines!)]
async fn a_wrong_key_answers_in_cinders_words_on_both_dialects(server: TestServer) {
    let offered = server.offer().await;
    let body = json!({"accept": {"auth_key": "0000000000000000"}});
    let evs = server.post(&format!("/v2/beta/os-volume-transfer/{}/accept", offered.id), body.clone()).by("bob:beta").await;
    assert_answer("wrong-key-on-v2", &server, &evs);
    let openstack = server.post(&format!("/v3/beta/os-volume-transfer/{}/accept", offered.id), body).by("bob:beta").await;
    assert_answer("wrong-key-on-v3", &server, &openstack);
}

#[apply(both_engines!)]
async fn an_integer_key_is_compared_as_its_decimal_text(server: TestServer) {
    // no key of ours is all digits, but a seed's may be
    let volume = volume("alpha");
    let transfer = json!({"id": new_id(), "volume_id": volume["id"], "auth_key": "1234567890123456"});
    server.seed(json!({"volumes": [volume], "transfers": [transfer]})).await;
    let id = transfer["id"].as_str().unwrap();
    for wrong in [json!(1_234_567_890_123_457_u64), json!(0), json!(-1), json!(u64::MAX)] {
        let message = accept(&server, id, wrong.clone()).await.fails(400, "EVS.5400");
        assert!(message.starts_with("Invalid auth key: "), "{wrong}: {message}");
    }
    accept(&server, id, json!(1_234_567_890_123_456_u64)).await.is(202);
}

#[apply(both_engines!)]
async fn a_key_of_another_type_or_none_is_a_malformed_body(server: TestServer) {
    let offered = server.offer().await;
    let path = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
    for key in [json!(null), json!(true), json!(1.5), json!([offered.key]), json!({"key": offered.key})] {
        accept(&server, &offered.id, key).await.fails(400, "EVS.5400");
    }
    for body in [
        json!({}),
        json!({"accept": {}}),
        json!({"accept": null}),
        json!({"accept": offered.key}),
        json!([]),
        json!({"transfer": {}}),
    ] {
        let answer = server.post(&path, body).by("bob:beta").await;
        answer.fails(400, "EVS.5400");
        assert!(answer.message().starts_with("Malformed request body."), "{answer}");
    }
    accept(&server, &offered.id, offered.key).await.is(202);
}

#[apply(both_engines!)]
async fn an_unknown_transfer_could_not_be_found_whatever_the_key(server: TestServer) {
    for api in ["v2", "v3"] {
        for id in [new_id(), "nope".to_owned(), new_id().to_uppercase()] {
            let path = format!("/{api}/beta/os-volume-transfer/{id}/accept");
            let answer = server.post(&path, json!({"accept": {"auth_key": "0000000000000000"}})).by("bob:beta").await;
            let message = answer.fails(404, "EVS.5404");
            assert!(message.starts_with(&format!("Transfer {id} could not be found.")), "{message}");
        }
    }
}

#[apply(both_engines!)]
async fn any_form_of_the_id_is_accepted(server: TestServer) {
    for form in [|id: &str| id.to_uppercase(), |id: &str| id.replace('-', ""), |id: &str| format!("urn:uuid:{id}")] {
        let offered = server.offer().await;
        let transfer = accept(&server, &form(&offered.id), offered.key.clone()).await.is(202).transfer();
        assert_eq!(transfer["id"], offered.id);
    }
}

#[apply(both_engines!)]
async fn an_old_key_opens_nothing_when_its_volume_is_offered_again(server: TestServer) {
    let old = server.offer().await;
    server.delete(&format!("/v2/alpha/os-volume-transfer/{}", old.id)).await.is(202);
    let new = server.offer_of(&old.volume_id).await;
    accept(&server, &old.id, old.key.clone()).await.fails(404, "EVS.5404");
    accept(&server, &new.id, old.key).await.fails(400, "EVS.5400");
    accept(&server, &new.id, new.key).await.is(202);
}

#[apply(both_engines!)]
async fn a_volume_goes_from_project_to_project_with_a_key_each(server: TestServer) {
    let volume = server.volume().await;
    for (from, to) in [("alpha", "beta"), ("beta", "gamma"), ("gamma", "alpha")] {
        let offered = server.offer_by(from, &volume).await;
        let path = format!("/v3/{to}/volume-transfers/{}/accept", offered.id);
        server.post(&path, json!({"accept": {"auth_key": offered.key}})).by(&format!("bob:{to}")).await.is(202);
        assert_eq!(server.stored_volume(&volume).await.project_id.as_str(), to);
    }
}

#[apply(both_engines!)]
async fn an_offer_made_on_either_path_is_accepted_on_the_other(server: TestServer) {
    for (made, taken) in [
        ("/v3/alpha/volume-transfers", "/v2/beta/os-volume-transfer"),
        ("/v2/alpha/os-volume-transfer", "/v3/beta/volume-transfers"),
        ("/v3/alpha/os-volume-transfer", "/v3/volume-transfers"),
    ] {
        let volume = server.volume().await;
        let transfer = server.post(made, json!({"transfer": {"volume_id": volume}})).await.is(202).transfer();
        let path = format!("{taken}/{}/accept", transfer["id"].as_str().unwrap());
        server.post(&path, json!({"accept": {"auth_key": transfer["auth_key"]}})).by("bob:beta").await.is(202);
        assert_eq!(server.stored_volume(&volume).await.project_id.as_str(), "beta");
    }
}

#[apply(both_engines!)]
async fn the_rules_but_status_are_checked_again_after_the_key(server: TestServer) {
    let offered = server.offer().await;
    // a snapshot was taken meanwhile
    let stored = server.stored_volume(&offered.volume_id).await;
    let changed = with(
        volume("alpha"),
        json!({"id": offered.volume_id, "name": stored.name, "snapshots": [copy("available")], "frozen": true}),
    );
    let changed = with(changed, json!({"status": "awaiting-transfer"}));
    server.seed(json!({"volumes": [changed]})).await;

    let wrong = accept(&server, &offered.id, "0000000000000000").await;
    assert!(wrong.fails(400, "EVS.5400").starts_with("Invalid auth key: "), "the key comes first: {wrong}");
    assert!(wrong.json()["error"].get("reasons").is_none(), "{wrong}");
    let refused = accept(&server, &offered.id, offered.key.clone()).await;
    refused.fails(400, "EVS.5400");
    assert_eq!(refused.reasons(), ["frozen", "has_snapshots"]);
    server.get(&format!("/v2/alpha/os-volume-transfer/{}", offered.id)).await.is(200);
    assert_eq!(server.stored_volume(&offered.volume_id).await.project_id.as_str(), "alpha");
}

#[apply(both_engines!)]
async fn an_offer_made_by_a_clock_ahead_of_ours_ends_no_earlier_than_it_was_made(server: TestServer) {
    let (one, id) = (volume("alpha"), new_id());
    let transfer = json!({"id": id, "volume_id": one["id"], "auth_key": "k", "created_at": "2099-01-01T00:00:00"});
    server.seed(json!({"volumes": [one], "transfers": [transfer]})).await;
    let path = format!("/v2/beta/os-volume-transfer/{id}/accept");
    server.post(&path, json!({"accept": {"auth_key": "k"}})).by("bob:beta").await.is(202);
    // and the invariants, which are checked when the server is dropped, say that it is so of every ended transfer
    assert_eq!(server.stored_transfer(&id).await.offer.made.at.to_string(), "2099-01-01T00:00:00.000000");
}
