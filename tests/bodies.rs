//! Bodies: type, size, strict JSON, known fields.

use crate::support::{TestServer, apply, both_engines, json, new_id};

const CREATE: [&str; 3] = ["/v2/alpha/os-volume-transfer", "/v3/alpha/os-volume-transfer", "/v3/alpha/volume-transfers"];

/// 112 KiB.
const MOST: usize = 114_688;

#[apply(both_engines!)]
async fn json_and_cinders_own_type_are_taken_with_any_parameter_in_any_case(server: TestServer) {
    for content_type in [
        "application/json",
        "application/json;charset=utf-8",
        "application/json; charset=UTF-8; colour=red",
        "Application/JSON",
        "APPLICATION/JSON ; CHARSET=utf-8",
        "application/vnd.openstack.volume+json",
        "application/vnd.openstack.volume+json;version=3",
        "application/VND.OpenStack.Volume+JSON",
    ] {
        let body = json!({"transfer": {"volume_id": server.volume().await}}).to_string();
        server.ask("POST", CREATE[0]).header("Content-Type", content_type).body(body).await.is(202);
    }
    let body = json!({"transfer": {"volume_id": server.volume().await}}).to_string();
    server.ask("POST", CREATE[0]).body(body).await.is(202); // absent counts as JSON
}

#[apply(both_engines!)]
async fn another_type_is_415_and_says_what_to_send(server: TestServer) {
    let volume = server.volume().await;
    let offered = server.offer().await;
    for content_type in
        ["text/plain", "application/xml", "text/json", "application/jsonp", "application/x-www-form-urlencoded", "json", "*/*"]
    {
        for path in CREATE {
            let body = json!({"transfer": {"volume_id": volume}}).to_string();
            let answer = server.ask("POST", path).header("Content-Type", content_type).body(body).await;
            assert!(answer.fails(415, "EVS.5400").contains("application/json"), "{answer}");
            let body = json!({"accept": {"auth_key": offered.key}}).to_string();
            let accept = format!("{path}/{}/accept", offered.id);
            server.ask("POST", &accept).header("Content-Type", content_type).body(body).await.fails(415, "EVS.5400");
        }
    }
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
}

#[apply(both_engines!)]
async fn an_encoding_is_415_and_so_is_one_that_is_said_twice(server: TestServer) {
    let body = json!({"transfer": {"volume_id": server.volume().await}}).to_string();
    for (encodings, status) in [
        (&["identity"][..], 202),
        (&["gzip"], 415),
        (&["identity", "identity"], 415),
        (&["", "gzip"], 415),
        (&["identity, gzip"], 415),
    ] {
        let length = format!("Content-Length: {}", body.len());
        let encodings: Vec<String> = encodings.iter().map(|encoding| format!("Content-Encoding: {encoding}")).collect();
        let headers: Vec<&str> = encodings.iter().map(String::as_str).chain([&*length]).collect();
        let answer = server.raw("POST /v2/alpha/os-volume-transfer HTTP/1.1", &headers, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{encodings:?}: {answer}");
    }
}

/// Whichever comes first in the body.
#[apply(both_engines!)]
async fn of_two_fields_that_are_wrong_the_volumes_id_is_named(server: TestServer) {
    for fields in ["\"volume_id\": \"bad\", \"name\": \"\"", "\"name\": \"\", \"volume_id\": \"bad\""] {
        for path in CREATE {
            let body = format!("{{\"transfer\": {{{fields}}}}}");
            server.post_text(path, body).await.fails(400, "EVS.1002");
        }
    }
}

#[apply(both_engines!)]
async fn a_body_has_112_kib_at_most(server: TestServer) {
    let volume = server.volume().await;
    let body = json!({"transfer": {"volume_id": volume}}).to_string();
    let padded = |bytes: usize| body.clone() + &" ".repeat(bytes - body.len());
    for path in CREATE {
        server.post_text(path, padded(MOST + 1)).await.fails(413, "EVS.5400");
        server.post_text(path, padded(3 * MOST)).await.fails(413, "EVS.5400");
        let accept = format!("{path}/{}/accept", new_id());
        server.post_text(&accept, padded(MOST + 1)).await.fails(413, "EVS.5400");
        // of another length than it says: in chunks
        let chunks =
            [padded(MOST), " ".to_owned()].map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len())).concat() + "0\r\n\r\n";
        let headers = ["Transfer-Encoding: chunked", "Content-Type: application/json"];
        server.raw(&format!("POST {path} HTTP/1.1"), &headers, chunks.as_bytes()).await.fails(413, "EVS.5400");
    }
    server.post_text(CREATE[0], padded(MOST)).await.is(202);
}

#[apply(both_engines!)]
async fn what_is_no_json_is_refused_with_line_and_column(server: TestServer) {
    let id = new_id();
    let deep = format!("{{\"transfer\": {}{}}}", "[".repeat(32), "]".repeat(32));
    let mut latin = json!({"transfer": {"volume_id": id, "name": "X"}}).to_string().into_bytes();
    let at = latin.iter().position(|byte| *byte == b'X').unwrap();
    latin[at] = 0xff;
    let bodies: [&[u8]; 13] = [
        b"{",
        b"",
        b" ",
        b"{\"transfer\": {\"volume_id\": NaN}}",
        b"{\"transfer\": {\"volume_id\": Infinity}}",
        b"{\"transfer\": {\"name\": \"\\ud800\"}}",
        b"{\"transfer\": {\"name\": \"a\", \"name\": \"a\"}}",
        b"{\"transfer\": {}, \"transfer\": {}}",
        b"{\"transfer\": {}} x",
        b"{'transfer': {}}",
        b"{\"transfer\": {\"volume_id\": 1,}}",
        deep.as_bytes(),
        &latin,
    ];
    for path in CREATE {
        for body in bodies {
            let message = server.post_text(path, body.to_vec()).await.fails(400, "EVS.5400");
            let lower = message.to_lowercase();
            let has = |word: &str| {
                lower.split(word).nth(1).is_some_and(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit()))
            };
            assert!(has("line") && has("column"), "{:?}: {message}", String::from_utf8_lossy(body));
        }
        let accept = format!("{path}/{id}/accept");
        let message = server.post_text(&accept, "{\"accept\":\n{\"auth_key\": nope}}").await.fails(400, "EVS.5400");
        assert!(message.contains("line 2"), "{message}");
    }
}

#[apply(both_engines!)]
async fn a_depth_of_32_is_the_most(server: TestServer) {
    // the value is refused as a field, not as JSON: its depth is fine
    let at_most = |depth: usize| format!("{{\"transfer\": {}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let message = server.post_text(CREATE[0], at_most(32)).await.fails(400, "EVS.5400");
    assert!(!message.contains("column"), "{message}");
    let message = server.post_text(CREATE[0], at_most(33)).await.fails(400, "EVS.5400");
    assert!(message.contains("column"), "{message}");
}

#[apply(both_engines!)]
async fn a_bom_or_another_encoding_is_no_utf8_json(server: TestServer) {
    let text = json!({"transfer": {"volume_id": new_id()}}).to_string();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    server.post_text(CREATE[0], utf16).await.fails(400, "EVS.5400");
}

#[apply(both_engines!)]
async fn escapes_are_read_as_any_json_reader_does(server: TestServer) {
    let volume = server.volume().await;
    let body = format!("{{\"\\u0074ransfer\": {{\"volume_id\": \"{volume}\", \"name\": \"\\u76d8 \\ud83d\\ude00 \\/\"}}}}");
    let transfer = server.post_text(CREATE[0], body).await.is(202).transfer();
    assert_eq!(transfer["name"], "盘 😀 /");
}

#[apply(both_engines!)]
async fn a_body_that_is_no_transfer_is_malformed(server: TestServer) {
    for path in CREATE {
        for body in [
            "[]", "null", "7", "\"transfer\"", "{}", "{\"transfer\": null}", "{\"transfer\": []}", "{\"transfer\": \"x\"}",
            "{\"transfer\": {}}", "{\"volume_id\": \"x\"}",
        ] {
            server.post_text(path, body).await.fails(400, "EVS.5400");
        }
    }
}

#[apply(both_engines!)]
async fn an_unknown_field_is_refused_by_name(server: TestServer) {
    let volume = server.volume().await;
    let offered = server.offer().await;
    for path in CREATE {
        for body in [
            json!({"transfer": {"volume_id": volume, "colour": 1}}),
            json!({"transfer": {"volume_id": volume, "colour": null}}),
            json!({"transfer": {"volume_id": volume}, "colour": 1}),
        ] {
            assert!(server.post(path, body).await.fails(400, "EVS.5400").contains("colour"));
        }
        for field in ["id", "auth_key", "display_name", "Volume_id", "source_project_id"] {
            let answer = server.post(path, json!({"transfer": {"volume_id": volume, (field): "x"}})).await;
            assert!(answer.fails(400, "EVS.5400").contains(field), "{answer}");
        }
        let accept = format!("{path}/{}/accept", offered.id);
        for body in [
            json!({"accept": {"auth_key": offered.key, "colour": 1}}),
            json!({"accept": {"auth_key": offered.key}, "colour": 1}),
        ] {
            assert!(server.post(&accept, body).await.fails(400, "EVS.5400").contains("colour"));
        }
    }
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
    assert_eq!(server.stored_volume(&offered.volume_id).await.status.as_str(), "awaiting-transfer");
}

#[apply(both_engines!)]
async fn a_client_without_a_user_agent_and_a_body_in_pieces_are_served(server: TestServer) {
    let body = json!({"transfer": {"volume_id": server.volume().await}}).to_string();
    let (one, two) = body.split_at(20);
    let chunks = format!("{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n", one.len(), two.len());
    let line = format!("POST {} HTTP/1.1", CREATE[0]);
    server.raw(&line, &["Transfer-Encoding: chunked"], chunks.as_bytes()).await.is(202);
}
