//! Requests as people send them: bytes in a URL that belong percent-encoded there count as if they were.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::parts::{HOST, create, get, last, parts};
use crate::support::{TestServer, apply, both_engines, json, within};

/// What belongs percent-encoded in a URL, and is sent as it is.
const RAW: [&str; 12] = ["\"", "<", ">", "\\", "^", "`", "{", "|", "}", "é", "卷", "😀"];

#[apply(both_engines!)]
async fn raw_bytes_in_path_and_query_count_as_percent_encoded(server: TestServer) {
    let volumes = server.volumes("alpha", RAW.len()).await;
    for (raw, volume) in RAW.into_iter().zip(&volumes) {
        let name = format!("a{raw}b{raw}");
        let body = json!({"transfer": {"volume_id": volume, "name": name}});
        server.post("/v2/alpha/os-volume-transfer", body).await.is(202);
        let found =
            server.raw(&format!("GET /v2/alpha/os-volume-transfer/detail?name={name} HTTP/1.1"), &[], b"").await.is(200);
        assert_eq!(found.transfers()[0]["name"], name, "{found}");
        assert_eq!(found.transfers().len(), 1, "{found}");
        let answer = server.raw(&format!("GET /v2/alpha/os-volume-transfer/{name} HTTP/1.1"), &[], b"").await;
        assert!(answer.fails(404, "EVS.5404").contains(&format!("Transfer {name} could not be found")), "{answer}");
        for (method, status) in [("HEAD", 404), ("OPTIONS", 204), ("DELETE", 404), ("PATCH", 405)] {
            let sent = last(&format!("/v2/alpha/os-volume-transfer/{name}")).replacen("GET", method, 1);
            let received = server.exchange(sent.as_bytes()).await;
            assert!(received.starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{method} {raw}");
        }
    }
}

#[apply(both_engines!)]
async fn what_clients_are_known_to_send_is_served(server: TestServer) {
    server
        .seed(json!({"volumes": [{"id": crate::support::new_id(), "project_id": "alpha", "metadata": {"a:b": "true"}}]}))
        .await;
    for (metadata, found) in [("{\"a:b\":\"true\"}", 1), ("{\"a:b\":\"false\"}", 0), ("{'a:b':'true'}", 1)] {
        let list = server.raw(&format!("GET /v2/alpha/volumes/detail?metadata={metadata} HTTP/1.1"), &[], b"").await.is(200);
        assert_eq!(list.json()["volumes"].as_array().unwrap().len(), found, "{list}");
    }
    for target in ["/v2/alpha/cloudvolumes/detail?ids=['a','b']", "/v3/alpha/volumes?name=[x]|<y>#z", "/v3/alpha/volumes#é"] {
        server.raw(&format!("GET {target} HTTP/1.1"), &[], b"").await.is(200);
    }
}

#[apply(both_engines!)]
async fn every_form_of_a_target_is_answered(server: TestServer) {
    for (line, status) in [
        ("GET http://x/v3/ HTTP/1.1", 200),
        ("GET http://x/v3/alpha/volumes?name=\"é\" HTTP/1.1", 200),
        ("GET http://x HTTP/1.1", 300),
        ("OPTIONS * HTTP/1.1", 404),
        ("OPTIONS /v3/alpha/volumes?é HTTP/1.1", 204),
        ("get /v3/alpha/volumes HTTP/1.1", 405),
        ("GET /v3/alpha/volumes HTTP/1.0", 200),
        ("GET /v3/alpha/volumes?name=é HTTP/1.0", 200),
        ("REFUSEDX /v3/alpha/volumes HTTP/1.1", 405),
    ] {
        let part = server.last_answer(format!("{line}\r\n{HOST}Connection: close\r\n\r\n")).await;
        assert_eq!(part.status, status, "{line}: {part:?}");
    }
}

#[apply(both_engines!)]
async fn one_connection_takes_many_such_requests_with_bodies_between(server: TestServer) {
    let volumes = server.volumes("alpha", 6).await;
    // a body is what it is, though it looks like a request
    let names: Vec<String> = (0..6).map(|n| format!("GET /\"é\" HTTP/1.1 \\{n}")).collect();
    let mut sent = String::from("\r\n");
    for (volume, name) in volumes.iter().zip(&names) {
        sent +=
            &(create(volume, name) + &get(&format!("/v2/alpha/os-volume-transfer/detail?name={}", name.replace(' ', "%20"))));
    }
    sent += &last("/v2/alpha/os-volume-transfer?é");
    let chunked = "POST /v2/alpha/os-volume-transfer?\" HTTP/1.1\r\nTransfer-Encoding: chunked\r\n";
    let body = "12;x=é\r\nGET /é HTTP/1.1\r\n\r\n0\r\nTrailer: é\r\n\r\n";
    sent = format!("{chunked}{HOST}\r\n{body}{sent}");
    for size in [1, 2, 7, 64, 1000, sent.len()] {
        let mut stream = TcpStream::connect(server.host()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (mut reader, mut writer) = stream.split();
        let mut received = Vec::new();
        let writing = async {
            for piece in sent.as_bytes().chunks(size) {
                writer.write_all(piece).await.unwrap();
            }
        };
        let ((), read) = tokio::join!(writing, within("it closes", reader.read_to_end(&mut received)));
        read.unwrap();
        let parts = parts(&received);
        assert_eq!(parts.len(), 14, "{size}: {}", String::from_utf8_lossy(&received));
        assert_eq!(parts[0].status, 400, "the body in chunks is no JSON: {:?}", parts[0]);
        for (name, both) in names.iter().zip(parts[1..].chunks(2)) {
            // the first time it is offered; then it is on offer
            assert_eq!(both[0].status, if size == 1 { 202 } else { 400 }, "{:?}", both[0]);
            assert_eq!(both[1].json()["transfers"][0]["name"], *name, "{size}");
        }
        assert_eq!(parts[13].json()["transfers"].as_array().unwrap().len(), 6);
    }
}
