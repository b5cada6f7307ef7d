//! Delete: the donor or an admin withdraws an offer, and its volume is available again.

use handover::domain::Volume;
use handover::domain::transfer::{Ending, State};

use crate::support::{TestServer, apply, assert_answer, both_engines, json};

const BASE: &str = "/v2/alpha/os-volume-transfer";

#[apply(both_engines!)]
async fn a_withdrawn_offer_leaves_its_volume_available_and_otherwise_as_it_was(server: TestServer) {
    let offered = server.offer().await;
    let before = server.stored_volume(&offered.volume_id).await;

    let answer = server.delete(&format!("{BASE}/{}", offered.id)).await.is(202);

    assert!(answer.body.is_empty(), "{answer}");
    let after = server.stored_volume(&offered.volume_id).await;
    assert_eq!(after.status.as_str(), "available");
    assert!(after.updated_at > before.updated_at);
    assert_eq!(Volume { status: before.status.clone(), updated_at: before.updated_at, ..after }, before);
    assert_answer("delete", &server, &answer);
}

#[apply(both_engines!)]
async fn a_withdrawn_offer_has_left_the_api_and_stays_as_history(server: TestServer) {
    let offered = server.offer().await;
    let one = format!("{BASE}/{}", offered.id);
    server.delete(&one).by("carol:alpha").await.is(202);
    server.get(&one).await.fails(404, "EVS.5404");
    server.delete(&one).await.fails(404, "EVS.5404");
    let accept = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
    server.post(&accept, json!({"accept": {"auth_key": offered.key}})).by("bob:beta").await.fails(404, "EVS.5404");
    assert_eq!(server.get(BASE).await.is(200).json(), json!({"transfers": []}));
    let State::Ended { how, by } = server.stored_transfer(&offered.id).await.state else { panic!("still pending") };
    assert_eq!((how, by.project_id.as_str(), by.user_id.as_str()), (Ending::Deleted, "alpha", "carol"));
}

#[apply(both_engines!)]
async fn a_volume_can_be_offered_again_after_a_delete(server: TestServer) {
    let first = server.offer().await;
    server.delete(&format!("{BASE}/{}", first.id)).await.is(202);
    let second = server.offer_of(&first.volume_id).await;
    assert_ne!((&first.id, &first.key), (&second.id, &second.key));
}

#[apply(both_engines!)]
async fn an_admin_deletes_from_the_admins_own_project(server: TestServer) {
    for path in ["/v2/ops/os-volume-transfer", "/v3/ops/volume-transfers", "/v3/os-volume-transfer"] {
        let offered = server.offer().await;
        server.delete(&format!("{path}/{}", offered.id)).by("admin:ops").await.is(202);
        let volume = server.stored_volume(&offered.volume_id).await;
        assert_eq!((volume.project_id.as_str(), volume.status.as_str()), ("alpha", "available"));
    }
}

#[apply(both_engines!)]
async fn a_stranger_deletes_nothing(server: TestServer) {
    let offered = server.offer().await;
    let path = format!("/v2/omega/os-volume-transfer/{}", offered.id);
    server.delete(&path).by("mallory:omega").await.fails(404, "EVS.5404");
    server.get(&format!("{BASE}/{}", offered.id)).await.is(200);
    assert_eq!(server.stored_volume(&offered.volume_id).await.status.as_str(), "awaiting-transfer");
}

#[apply(both_engines!)]
async fn any_form_of_the_id_is_deleted(server: TestServer) {
    for form in [|id: &str| id.to_uppercase(), |id: &str| id.replace('-', ""), |id: &str| format!("%7B{id}%7D")] {
        let offered = server.offer().await;
        server.delete(&format!("{BASE}/{}", form(&offered.id))).await.is(202);
    }
}

#[apply(both_engines!)]
async fn a_body_on_delete_is_ignored(server: TestServer) {
    for (body, content_type) in
        [("{no JSON", "application/json"), ("<xml/>", "text/xml"), ("{\"a\":1}", "application/json"), ("", "text/plain")]
    {
        for api in ["v2", "v3"] {
            let offered = server.offer().await;
            let path = format!("/{api}/alpha/os-volume-transfer/{}", offered.id);
            let answer = server.delete(&path).header("Content-Type", content_type).body(body).await.is(202);
            assert!(answer.body.is_empty(), "{answer}");
        }
    }
    let offered = server.offer().await;
    let line = format!("DELETE {BASE}/{} HTTP/1.1", offered.id);
    server.raw(&line, &["Content-Length: 0"], b"").await.is(202);
}
