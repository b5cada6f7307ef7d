//! What every answer has, and the dress of errors: envelope, request ids, dialects, nothing of the framework's own.

use std::collections::HashSet;

use crate::support::{Answer, Dialect, Engine, TestServer, Value, apply, assert_answer, both_engines, json, new_id, with};

#[apply(both_engines!)]
async fn every_answer_has_a_request_id_of_its_own_in_three_headers(server: TestServer) {
    // that the three are one and a req-<uuid> is checked on every answer of every test
    let volume = server.volume().await;
    let body = json!({"transfer": {"volume_id": volume}});
    let answers: Vec<Answer> = vec![
        server.get("/v2/alpha/os-volume-transfer").await.is(200),
        server.get("/v2/alpha/os-volume-transfer").header("X-Request-Id", &format!("req-{}", new_id())).await.is(200),
        server.get("/v2/alpha/os-volume-transfer").header("x-openstack-request-id", "mine").await.is(200),
        server.post("/v2/alpha/os-volume-transfer", body).await.is(202),
        server.post_text("/v2/alpha/os-volume-transfer", "{").await.is(400),
        server.get("/nowhere").await.is(404),
        server.ask("PUT", "/v2/alpha/os-volume-transfer").await.is(405),
        server.ask("HEAD", "/v2/alpha/os-volume-transfer").await.is(200),
        server.ask("OPTIONS", "/v2/alpha/os-volume-transfer").await.is(204),
        server.get("/health/live").await.is(200),
        server.get("/").await.is(300),
    ];
    let ids: HashSet<&str> = answers.iter().map(Answer::request_id).collect();
    assert_eq!(ids.len(), answers.len(), "each its own");
}

#[apply(both_engines!)]
async fn the_dialect_is_evs_on_v2_and_openstack_everywhere_else(server: TestServer) {
    for path in ["/v2/alpha/nothing", "/v2/alpha/os-volume-transfer/nope", "/v2/alpha/os-volume-transfer/"] {
        server.get(path).await.fails_in(Dialect::Evs, 404, "EVS.5404");
    }
    for path in ["/v3/alpha/nothing", "/v3/volume-transfers/nope", "/nothing", "/health/nothing", "/v4/alpha", "/v20/alpha"] {
        server.get(path).await.fails_in(Dialect::Openstack, 404, "EVS.5404");
    }
}

#[apply(both_engines!)]
async fn a_setting_forces_either_dialect_everywhere(engine: Engine) {
    for (word, dialect) in [("evs", Dialect::Evs), ("openstack", Dialect::Openstack)] {
        let server = TestServer::with(engine, &[&format!("--dialect={word}")]).await;
        let in_use = server.volume_with(json!({"status": "in-use"})).await;
        for api in ["v2", "v3"] {
            let base = format!("/{api}/alpha/os-volume-transfer");
            server.get(&format!("/{api}/alpha/nothing")).await.fails_in(dialect, 404, "EVS.5404");
            server.get(&format!("{base}?limit=x")).await.fails_in(dialect, 400, "EVS.1023");
            server.get(&format!("{base}?sort=x")).await.fails_in(dialect, 400, "EVS.1039");
            server.ask("PUT", &base).await.fails_in(dialect, 405, "EVS.5400");
            server.post_text(&base, "{").await.fails_in(dialect, 400, "EVS.5400");
            server.post_text(&base, vec![b' '; 112 * 1024 + 1]).await.fails_in(dialect, 413, "EVS.5400");
            let answer = server.post(&base, json!({"transfer": {"volume_id": in_use}})).await;
            answer.fails_in(dialect, 400, "EVS.5400");
            assert_eq!(answer.reasons(), ["status"]);
        }
        server.get("/nothing").await.fails_in(dialect, 404, "EVS.5404");
    }
}

#[apply(both_engines!)]
async fn a_caller_without_a_project_is_401_where_the_path_has_none_either(server: TestServer) {
    for path in ["/v3/os-volume-transfer", "/v3/volume-transfers", "/v3/volume-transfers/detail"] {
        let answer = server.get(path).by_nobody().await;
        answer.fails(401, "EVS.5401");
        let body = json!({"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}});
        assert_eq!(answer.json(), body);
        server.get(path).by("notused").await.fails(401, "EVS.5401");
    }
    let answer = server.get("/v3/volume-transfers").by_nobody().await;
    assert_answer("without-authentication-on-v3", &server, &answer);
    server.post("/v3/volume-transfers", json!({})).by_nobody().await.fails(401, "EVS.5401");
}

#[apply(both_engines!)]
async fn credentials_that_are_none_are_401_in_each_dialect_for_unknown_routes_too(server: TestServer) {
    for token in ["alice:no project", ":alpha", "a:b:c", "alice:\u{e9}"] {
        for path in ["/v2/alpha/os-volume-transfer", "/v2/alpha/nothing", "/v3/alpha/volume-transfers", "/v3/alpha/nothing"] {
            server.get(path).by(token).await.fails(401, "EVS.5401");
        }
    }
    assert_answer("malformed-token-on-v2", &server, &server.get("/v2/alpha/os-volume-transfer").by("a:b:c").await);
}

#[apply(both_engines!)]
async fn without_a_token_or_a_colon_in_it_the_caller_is_noauth_of_the_paths_project(server: TestServer) {
    let offered = server.offer().await;
    for api in ["v2", "v3"] {
        let path = format!("/{api}/alpha/os-volume-transfer");
        assert_eq!(server.get(&path).by_nobody().await.is(200).ids(), [&*offered.id]);
        assert_eq!(server.get(&path).by("notused").await.is(200).ids(), [&*offered.id]);
        let signed = "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=b";
        assert_eq!(server.get(&path).by_nobody().header("Authorization", signed).await.is(200).ids(), [&*offered.id]);
    }
    let body = json!({"accept": {"auth_key": offered.key}});
    server.post(&format!("/v2/beta/os-volume-transfer/{}/accept", offered.id), body).by_nobody().await.is(202);
    let volume = server.stored_volume(&offered.volume_id).await;
    assert_eq!((volume.project_id.as_str(), volume.user_id.as_deref()), ("beta", Some("noauth")));
}

#[apply(both_engines!)]
async fn the_project_in_the_path_must_be_the_callers_an_admins_too(server: TestServer) {
    let offered = server.offer().await;
    let one = format!("os-volume-transfer/{}", offered.id);
    for token in ["bob:beta", "admin:ops", "admin:beta"] {
        for api in ["v2", "v3"] {
            let mut answers = Vec::new();
            for path in ["os-volume-transfer", "os-volume-transfer/detail", &one] {
                answers.push(server.get(&format!("/{api}/alpha/{path}")).by(token).await);
            }
            answers.push(server.delete(&format!("/{api}/alpha/{one}")).by(token).await);
            let accept = json!({"accept": {"auth_key": offered.key}});
            answers.push(server.post(&format!("/{api}/alpha/{one}/accept"), accept).by(token).await);
            let create = json!({"transfer": {"volume_id": offered.volume_id}});
            answers.push(server.post(&format!("/{api}/alpha/os-volume-transfer"), create).by(token).await);
            for answer in answers {
                answer.fails(400, "EVS.5400");
                assert!(answer.message().starts_with("Malformed request url"), "{answer}");
            }
        }
    }
    server.get(&format!("/v2/alpha/{one}")).await.is(200);
    assert_answer("anothers-project-on-v2", &server, &server.get("/v2/alpha/os-volume-transfer").by("bob:beta").await);
    assert_answer("anothers-project-on-v3", &server, &server.get("/v3/alpha/os-volume-transfer").by("bob:beta").await);
}

#[apply(both_engines!)]
async fn a_malformed_project_is_400_on_v2_and_404_on_v3(server: TestServer) {
    for project in ["a%20b", "a%2Fb", "%E7%9B%98", "a:b", "a%00", &"p".repeat(65)] {
        let path = format!("/v2/{project}/os-volume-transfer");
        server.get(&path).await.fails(400, "EVS.0001");
        server.get(&path).by_nobody().await.fails(400, "EVS.0001");
        server.get(&path.replace("/v2", "/v3")).await.fails(404, "EVS.5404");
    }
    for project in ["a", "A-Z_0.9", &"p".repeat(64)] {
        for api in ["v2", "v3"] {
            server.get(&format!("/{api}/{project}/os-volume-transfer")).by(&format!("alice:{project}")).await.is(200);
        }
    }
    server.get("/v2/%61lpha/os-volume-transfer").await.is(200);
}

#[apply(both_engines!)]
async fn nothing_of_the_frameworks_own_reaches_a_client(server: TestServer) {
    // what a framework answers by itself: no Host, a bad version, a body in chunks that are none, a huge header
    for (line, headers, body) in [
        ("GET /v2/alpha/os-volume-transfer/%zz HTTP/1.1", &[][..], &b""[..]),
        ("POST /v2/alpha/os-volume-transfer HTTP/1.1", &["Expect: 100-continue", "Content-Length: 2"], b"{}"),
        ("BREW /v2/alpha/os-volume-transfer HTTP/1.1", &[], b""),
        ("GET * HTTP/1.1", &[], b""),
    ] {
        let answer = server.raw(line, headers, body).await;
        assert!((400..500).contains(&answer.status), "{answer}");
    }
}

#[apply(both_engines!)]
async fn head_is_answered_as_get_without_the_body(server: TestServer) {
    let offered = server.offer().await;
    for path in [
        "/v2/alpha/os-volume-transfer".to_owned(),
        "/v3/alpha/volume-transfers/detail".to_owned(),
        format!("/v2/alpha/os-volume-transfer/{}", offered.id),
        "/health/live".to_owned(),
        "/v3/".to_owned(),
    ] {
        let answer = server.ask("HEAD", &path).await.is(200);
        assert!(answer.body.is_empty(), "{answer}");
        let got = server.get(&path).await.is(200);
        assert_eq!(answer.header("content-type"), got.header("content-type"), "{path}");
    }
    server.ask("HEAD", "/v2/alpha/os-volume-transfer/nope").await.is(404);
    server.ask("HEAD", "/v2/alpha/nothing").await.is(404);
    server.ask("HEAD", "/v2/alpha/os-volume-transfer?limit=x").await.is(400);
}

#[apply(both_engines!)]
async fn options_is_204_with_allow_and_any_other_method_405_with_it(server: TestServer) {
    let id = new_id();
    for (tail, allowed) in [
        ("", &["GET", "HEAD", "OPTIONS", "POST"][..]),
        ("/detail", &["GET", "HEAD", "OPTIONS"]),
        (&*format!("/{id}"), &["DELETE", "GET", "HEAD", "OPTIONS"]),
        (&*format!("/{id}/accept"), &["OPTIONS", "POST"]),
    ] {
        for base in ["/v2/alpha/os-volume-transfer", "/v3/alpha/volume-transfers", "/v3/os-volume-transfer"] {
            let path = format!("{base}{tail}");
            let allow = |answer: &Answer| {
                let mut methods: Vec<String> = answer.header("allow").unwrap().split(", ").map(str::to_owned).collect();
                methods.sort_unstable();
                methods
            };
            let options = server.ask("OPTIONS", &path).await.is(204);
            assert!(options.body.is_empty(), "{options}");
            assert_eq!(allow(&options), allowed, "{path}");
            for method in ["GET", "POST", "DELETE", "PUT", "PATCH", "TRACE", "BREW"] {
                if !allowed.contains(&method) {
                    let answer = server.ask(method, &path).await;
                    answer.fails(405, "EVS.5400");
                    assert_eq!(allow(&answer), allowed, "{method} {path}");
                }
            }
        }
    }
    server.ask("OPTIONS", "/v2/alpha/nothing").await.fails(404, "EVS.5404");
    assert_answer("method-not-allowed-on-v2", &server, &server.ask("PUT", "/v2/alpha/os-volume-transfer").await);
    assert_answer("method-not-allowed-on-v3", &server, &server.ask("PUT", "/v3/alpha/os-volume-transfer").await);
}

#[apply(both_engines!)]
async fn each_kind_of_error_is_shown_whole_in_each_dialect(server: TestServer) {
    for api in ["v2", "v3"] {
        let base = format!("/{api}/alpha/os-volume-transfer");
        let text = server.post_text(&base, "{\"transfer\":\n  {\"volume_id\": nope}}").await;
        let large = server.post_text(&base, vec![b' '; 112 * 1024 + 1]).await;
        let xml = server.ask("POST", &base).header("Content-Type", "application/xml").body("<a/>").await;
        let unknown = server.get(&format!("/{api}/alpha/nothing")).await;
        let volume = server.post(&base, json!({"transfer": {"volume_id": new_id()}})).await;
        let field = server.post(&base, json!({"transfer": {"volume_id": new_id(), "colour": 1}})).await;
        for (name, answer) in [
            ("malformed body", text),
            ("too large a body", large),
            ("another type", xml),
            ("unknown route", unknown),
            ("unknown volume", volume),
            ("unknown field", field),
            ("no volume id", server.post(&base, json!({"transfer": {"volume_id": "nope"}})).await),
            ("limit", server.get(&format!("{base}?limit=x")).await),
            ("offset", server.get(&format!("{base}?offset=x")).await),
            ("marker", server.get(&format!("{base}?marker=nope")).await),
            ("sort key", server.get(&format!("{base}?sort_key=colour")).await),
            ("sort direction", server.get(&format!("{base}?sort_dir=up")).await),
        ] {
            assert_answer(&format!("{}-on-{api}", name.replace(' ', "-")), &server, &answer);
        }
    }
}

#[apply(both_engines!)]
async fn a_message_repeats_no_more_than_255_characters_of_what_was_sent(server: TestServer) {
    let long = "q".repeat(2000);
    let volume = server.volume().await;
    let [v2, v3] = ["/v2/alpha/os-volume-transfer", "/v3/alpha/volume-transfers"];
    let create = |more: &str, value: Value| json!({"transfer": with(json!({"volume_id": volume}), json!({more: value}))});
    let make = |key: &str, value: Value| json!({"volume": with(json!({"size": 1}), json!({key: value}))});
    let action = |key: &str, value: Value| json!({key: value});
    let of_volume = |rest: &str| format!("/v3/alpha/volumes/{volume}/{rest}");
    let all = [
        server.get(&format!("{v2}/{long}")),
        server.get(&format!("{v3}/{long}")),
        server.get(&format!("{v2}?marker={long}")),
        server.get(&format!("{v3}?marker={long}")),
        server.get(&format!("{v3}?limit={long}")),
        server.get(&format!("{v3}?offset={long}")),
        server.get(&format!("{v3}?sort={long}")),
        server.get(&format!("{v3}?sort_dir={long}")),
        server.get(&format!("/v3/alpha/volumes?metadata={long}")),
        server.get(&format!("/v3/alpha/extensions/{long}")),
        server.get(&of_volume(&format!("metadata/{long}"))),
        server.get(v3).header("OpenStack-API-Version", &long),
        server.get(v3).header("OpenStack-API-Version", &format!("volume 3.9{}", "9".repeat(400))),
        server.ask(&long, v3),
        server.post(v2, create(&long, json!(1))),
        server.post(v2, create("volume_id", json!(long))),
        server.post(v2, json!({"transfer": {}, long.clone(): 1})),
        server.post("/v3/alpha/volumes", make("volume_type", json!(&long[..255]))),
        server.post("/v3/alpha/volumes", make("size", json!(long))),
        server.post("/v3/alpha/volumes", make("source_volid", json!(long))),
        server.post("/v3/alpha/volumes", make("metadata", json!({long.clone(): 1}))),
        server.post(&of_volume("action"), action(&long, json!({}))),
        server.post(&of_volume("action"), action("os-reset_status", json!({"status": long}))).by("admin:alpha"),
    ];
    for asked in all {
        let answer = asked.await;
        let message = answer.message();
        let (longest, more) = ("q".repeat(254), "q".repeat(256)); // a quote may stand before it
        let is_cut = message.contains(&longest) || message.contains(&"9".repeat(253));
        assert!(is_cut && !message.contains(&more) && !message.contains(&"9".repeat(256)), "{answer}");
    }
    // and no more than 16 fields that are not known
    let many: Value = (0..100).map(|n| (format!("unknown{n}"), json!(1))).collect();
    let message = server.post(v2, json!({"transfer": many})).await.fails(400, "EVS.5400");
    assert_eq!(message.matches("unknown").count(), 16, "{message}");
}
