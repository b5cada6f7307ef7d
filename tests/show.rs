//! Show: to the donor's project and to admins; to everyone else there is no such record.

use crate::support::{Answer, TestServer, apply, assert_answer, both_engines, json, new_id};

const BASES: [&str; 3] = ["/v2/alpha/os-volume-transfer", "/v3/alpha/os-volume-transfer", "/v3/alpha/volume-transfers"];

#[apply(both_engines!)]
async fn the_donors_project_sees_what_it_offered(server: TestServer) {
    let volume = server.volume().await;
    let asked = json!({"transfer": {"volume_id": volume, "name": "first volume"}});
    let created = server.post(BASES[0], asked).await.is(202).transfer();
    let mut expected = created.clone();
    expected.as_object_mut().unwrap().remove("auth_key");

    let answer = server.get(&format!("{}/{}", BASES[0], created["id"].as_str().unwrap())).by("carol:alpha").await.is(200);

    assert_eq!(answer.transfer(), expected);
    assert_answer("show", &server, &answer);
}

#[apply(both_engines!)]
async fn an_admin_sees_it_from_the_admins_own_project(server: TestServer) {
    let offered = server.offer().await;
    for path in ["/v2/ops/os-volume-transfer", "/v3/ops/volume-transfers", "/v3/os-volume-transfer"] {
        let transfer = server.get(&format!("{path}/{}", offered.id)).by("admin:ops").await.is(200).transfer();
        assert_eq!(transfer["volume_id"], offered.volume_id);
    }
}

#[apply(both_engines!)]
async fn a_strangers_record_is_answered_byte_for_byte_as_an_unknown_one(server: TestServer) {
    let offered = server.offer().await;
    let theirs = server.volumes("alpha", 1).await.remove(0);
    let unknown = new_id();
    for base in BASES.map(|base| base.replace("alpha", "omega")) {
        for method in ["GET", "DELETE", "HEAD"] {
            let ask = |id: &str| server.ask(method, &format!("{base}/{id}")).by("mallory:omega");
            let (known, not) = (ask(&offered.id).await.is(404), ask(&unknown).await.is(404));
            assert_eq!(without(&known, &offered.id), without(&not, &unknown), "{method} {base}");
        }
        // nor does a create tell whether somebody has such a volume
        let ask = |id: &str| server.post(&base, json!({"transfer": {"volume_id": id}})).by("mallory:omega");
        let (known, not) = (ask(&theirs).await.is(404), ask(&unknown).await.is(404));
        assert_eq!(without(&known, &theirs), without(&not, &unknown), "POST {base}");
    }
    server.get(&format!("{}/{}", BASES[0], offered.id)).await.is(200);
}

#[apply(both_engines!)]
async fn any_form_of_the_id_finds_the_record(server: TestServer) {
    let offered = server.offer().await;
    let id = &offered.id;
    for form in [
        id.to_uppercase(),
        id.replace('-', ""),
        id.replace('-', "").to_uppercase(),
        format!("%7B{id}%7D"),
        format!("urn:uuid:{id}"),
        format!("URN%3AUUID%3A{id}"),
        id.replace('a', "%61"),
    ] {
        for base in BASES {
            let transfer = server.get(&format!("{base}/{form}")).await.is(200).transfer();
            assert_eq!(transfer["id"], *id, "{form}");
        }
    }
}

#[apply(both_engines!)]
async fn an_id_that_is_no_uuid_is_not_found_and_quoted_as_sent(server: TestServer) {
    let unknown = new_id();
    for (sent, quoted) in [
        ("nope", "nope"),
        ("1", "1"),
        ("first%20volume", "first volume"),
        ("%E7%9B%98", "盘"),
        ("detail2", "detail2"),
        ("%2F", "/"),
        (&*unknown, &*unknown),
        (&*unknown.to_uppercase(), &*unknown.to_uppercase()),
    ] {
        for base in BASES {
            for method in ["GET", "DELETE"] {
                let message = server.ask(method, &format!("{base}/{sent}")).await.fails(404, "EVS.5404");
                assert!(message.starts_with(&format!("Transfer {quoted} could not be found.")), "{method} {sent}: {message}");
            }
        }
    }
}

#[apply(both_engines!)]
async fn an_unknown_transfer_is_answered_in_cinders_words_on_both_dialects(server: TestServer) {
    let id = new_id();
    let evs = server.get(&format!("/v2/alpha/os-volume-transfer/{id}")).await;
    assert_answer("unknown-transfer-on-v2", &server, &evs);
    let openstack = server.get(&format!("/v3/alpha/volume-transfers/{id}")).await;
    assert_answer("unknown-transfer-on-v3", &server, &openstack);
}

/// All of an answer but the id that was asked for, the time and the request's own ids.
fn without(answer: &Answer, id: &str) -> (u16, String, Vec<(String, String)>) {
    let headers = answer.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let headers = headers.filter(|(name, _)| name != "date" && !name.contains("request-id")).collect();
    (answer.status, answer.text().replace(id, "ID"), headers)
}
