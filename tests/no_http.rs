//! What is no HTTP is answered as every error: JSON, the request's id, nothing in the log that was sent.

use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::parts::{HOST, create, get, last, parts};
use crate::support::property::holds;
use crate::support::{Binary, Database, Engine, TestServer, apply, both_engines, json, limited, within};
use crate::tls;

#[apply(both_engines!)]
async fn a_body_that_is_in_no_chunks_is_400_and_changes_nothing(server: TestServer) {
    let volume = server.volume().await;
    let body = json!({"transfer": {"volume_id": volume}}).to_string();
    let head = format!("POST /v2/alpha/os-volume-transfer HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{HOST}\r\n");
    let length = body.len();
    for chunks in [
        "zz\r\n".to_owned(),
        format!("{length:x}\r\n{body}\r\nzz\r\n"),
        format!("{length:x}\r\n{body}x\r\n0\r\n\r\n"),
        format!("{length:x}\r\n{body}\r\n-0\r\n\r\n"),
        format!("fffffffffffffffff\r\n{body}"),
    ] {
        for pieces in [vec![format!("{head}{chunks}")], vec![head.clone(), chunks.clone()]] {
            let mut stream = TcpStream::connect(server.host()).await.unwrap();
            for piece in pieces {
                stream.write_all(piece.as_bytes()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let mut received = Vec::new();
            within("it closes", stream.read_to_end(&mut received)).await.unwrap();
            let parts = parts(&received);
            assert!(
                parts[0].json()["error"]["message"].as_str().unwrap().starts_with("Malformed request body. A chunk"),
                "{parts:?}"
            );
            assert_eq!(parts.len(), 1, "{parts:?}");
            parts[0].is_refused(400, "evs");
        }
    }
    // nor where nobody reads the body
    let delete =
        format!("DELETE /v3/volume-transfers/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{HOST}\r\nzz\r\n{}", last("/v3/"));
    let parts_of_delete = parts(&server.exchange(delete.as_bytes()).await);
    assert_eq!(parts_of_delete.iter().map(|part| part.status).collect::<Vec<_>>(), [404]);
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
    let whole = format!("{head}{:x};x=y\r\n{body}\r\n0\r\nTrailer: x\r\n\r\n{}", length, last("/v3/"));
    assert_eq!(parts(&server.exchange(whole.as_bytes()).await).iter().map(|part| part.status).collect::<Vec<_>>(), [202, 200]);
}

/// What is no HTTP, with the status that it has.
fn malformed() -> Vec<(Vec<u8>, u16, &'static str)> {
    let long = |length: usize| "x".repeat(length);
    let head = |line: &str, headers: &str| format!("{line}\r\n{headers}\r\n").into_bytes();
    let many = "X: y\r\n".repeat(97);
    let mut all = vec![
        (head("G(T /v2/x HTTP/1.1", HOST), 400, "evs"),
        (head("GET /v2/x", HOST), 400, "evs"),
        (head("GET /v3/x HTTP/9.9", HOST), 400, "openstack"),
        (head("GET /v2/x HTTP/2.0", HOST), 400, "evs"),
        (head("GET /v2/a b HTTP/1.1", HOST), 400, "evs"),
        (head("GET  /v2/x HTTP/1.1", HOST), 400, "openstack"),
        (head("GET /v2/\tx HTTP/1.1", HOST), 400, "evs"),
        (head("GET /v2/\x7f HTTP/1.1", HOST), 400, "evs"),
        (head("GET /identity/v3/x\x01 HTTP/1.1", HOST), 400, "keystone"),
        (head("GET nothing HTTP/1.1", &format!("{HOST}{HOST}")), 400, "openstack"),
        (head("GET /v2/x HTTP/1.1", ""), 400, "evs"),
        (head("GET /v2/x HTTP/1.1", &format!("{HOST}Host: y\r\n")), 400, "evs"),
        (head("GET /v2/x HTTP/1.1", &format!("{HOST}No colon\r\n")), 400, "evs"),
        (head("GET /v2/x HTTP/1.1", &format!("{HOST}X: a\0b\r\n")), 400, "evs"),
        (head("GET /v2/x HTTP/1.1", &format!("{HOST} folded\r\n")), 400, "evs"),
        (head("POST /v2/x HTTP/1.1", &format!("{HOST}Content-Length: x\r\n")), 400, "evs"),
        (head("POST /v2/x HTTP/1.1", &format!("{HOST}Content-Length: -1\r\n")), 400, "evs"),
        (head("POST /v2/x HTTP/1.1", &format!("{HOST}Content-Length: 1\r\nContent-Length: 1\r\n")), 400, "evs"),
        (head("POST /v2/x HTTP/1.1", &format!("{HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), 400, "evs"),
        (head("POST /v2/x HTTP/1.1", &format!("{HOST}Transfer-Encoding: gzip\r\n")), 400, "evs"),
        (head("POST /v2/x HTTP/1.0", HOST), 400, "evs"),
        (head("REFUSED /v2/?431 HTTP/1.1", HOST), 400, "evs"),
        (head("PRI * HTTP/2.0", "\r\nSM\r\n"), 400, "openstack"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01".to_vec(), 400, "openstack"),
        (b"\0\0\0\0\r\n\r\n".to_vec(), 400, "openstack"),
        (head(&format!("GET /v2/{} HTTP/1.1", long(65_535)), HOST), 414, "evs"),
        (head(&format!("GET /v3/{} HTTP/1.1", "é".repeat(11_000)), HOST), 414, "openstack"),
        (format!("GET /v2/{}", long(200_000)).into_bytes(), 414, "evs"),
        (head("GET /v2/x HTTP/1.1", &format!("{HOST}X: {}\r\n", long(200_000))), 431, "evs"),
        (head("GET /v2/x HTTP/1.1", &format!("{HOST}{}: x\r\n", long(70_000))), 431, "evs"),
        (head("GET /v2/x HTTP/1.1", &format!("{HOST}{many}")), 431, "evs"),
    ];
    all.push((create("", "").replace("Content-Length", "Content Length").into_bytes(), 400, "evs"));
    all
}

#[apply(both_engines!)]
async fn what_is_no_http_is_answered_as_every_error(server: TestServer) {
    // behind a request that is fine too, and not before its answer
    for before in [String::new(), get("/v3/alpha/volumes?é"), get("/v2/alpha/volumes")] {
        let tried = malformed().into_iter().map(async |(sent, status, dialect)| {
            let received = server.exchange(&[before.as_bytes(), &sent].concat()).await;
            let parts = parts(&received);
            assert_eq!(parts.len(), 1 + usize::from(!before.is_empty()), "{:.80?}", String::from_utf8_lossy(&sent));
            assert!(parts.iter().rev().skip(1).all(|part| part.status == 200));
            let message = parts.last().unwrap().is_refused(status, dialect);
            assert!(dialect != "evs" || message.starts_with("Malformed request url. "), "{message}");
        });
        join_all(tried).await;
    }
    server.get("/v2/alpha/os-volume-transfer").await.is(200);
}

#[apply(both_engines!)]
async fn a_head_has_an_end_in_every_way(server: TestServer) {
    let filled = |length: usize| {
        let head = last("/v2/alpha/os-volume-transfer").replacen("\r\n\r\n", "\r\nX: ", 1);
        format!("{head}{}\r\n\r\n", "x".repeat(length - head.len() - 4))
    };
    assert_eq!(server.last_answer(filled((128 << 10) - 1)).await.status, 200);
    server.last_answer(filled(128 << 10)).await.is_refused(431, "evs");
    let headers = |count: usize| last("/v3/").replacen("\r\n\r\n", &("\r\nX: y".repeat(count - 3) + "\r\n\r\n"), 1);
    assert_eq!(server.last_answer(headers(96)).await.status, 200);
    server.last_answer(headers(97)).await.is_refused(431, "openstack");
    let target = |length: usize| last(&format!("/v3/?{}", "x".repeat(length - 5)));
    assert_eq!(server.last_answer(target(65_534)).await.status, 200);
    server.last_answer(target(65_535)).await.is_refused(414, "openstack");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_log_has_no_error_and_nothing_of_what_was_sent() {
    let database = Database::fresh(Engine::Sqlite);
    let mut server = Binary::serve(&database.url, &["--log=trace"], &[]);
    let planted = "X-Auth-Token: planted:alpha\r\nX-Planted: planted\r\n";
    let chunks = "POST /v2/alpha/os-volume-transfer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nplanted\r\n";
    let mut all: Vec<Vec<u8>> = malformed().into_iter().map(|(sent, ..)| sent).collect();
    all.extend([chunks.into(), format!("GET /planted x HTTP/1.1\r\nHost: x\r\n{planted}\r\n").into_bytes()]);
    for received in join_all(all.iter().map(|sent| server.exchange(sent))).await {
        assert!(received.starts_with(b"HTTP/1.1 4"), "{:?}", String::from_utf8_lossy(&received));
    }
    server.signal("TERM");
    server.wait();
    let log = server.output();
    assert!(!log.contains("ERROR") && !log.contains("WARN") && !log.contains("planted"), "{log}");
    assert_eq!(log.matches("\"answered\"").count(), all.len(), "{log}");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_does_not_come_to_its_end_is_408() {
    let server = TestServer::start(Engine::Sqlite).await;
    let first = get("/v2/alpha/os-volume-transfer?é");
    let tried = ["", "\r\n", "GET /v2/é", "GET /v2/x HTTP/1.1\r\nHost: x\r\n"].map(async |sent| {
        for before in ["", &first] {
            let mut stream = TcpStream::connect(server.host()).await.unwrap();
            stream.write_all(format!("{before}{sent}").as_bytes()).await.unwrap();
            let mut received = Vec::new();
            let reading = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut received));
            let is_idle = !before.is_empty() && sent.trim().is_empty();
            assert_eq!(reading.await.is_err(), is_idle, "{sent:?} behind {before:?}");
            let parts = parts(&received);
            if !is_idle {
                let dialect = if sent.contains("/v2/") { "evs" } else { "openstack" };
                parts.last().unwrap().is_refused(408, dialect);
            }
        }
    });
    join_all(tried).await;
}

/// Writes and reads until the end.
async fn spoken(mut stream: impl AsyncRead + AsyncWrite + Unpin, sent: &[u8]) -> Vec<u8> {
    stream.write_all(sent).await.unwrap();
    let mut received = Vec::new();
    let _ = within("it closes", stream.read_to_end(&mut received)).await;
    received
}

#[apply(both_engines!)]
async fn it_is_the_same_over_tls(engine: Engine) {
    let (server, connector) = tls::by_hand(engine).await;
    let dial = async || {
        let stream = TcpStream::connect(server.host()).await.unwrap();
        connector.connect("localhost".try_into().unwrap(), stream).await.unwrap()
    };
    let many = [create(&server.volume().await, "ü"), get("/v2/alpha/os-volume-transfer?name=ü"), last("/v3/\"")].concat();
    let parts_of = |received: Vec<u8>| parts(&received);
    let answers = parts_of(spoken(dial().await, many.as_bytes()).await);
    assert_eq!(answers.iter().map(|part| part.status).collect::<Vec<_>>(), [202, 200, 404]);
    assert_eq!(answers[1].json()["transfers"][0]["name"], "ü");
    let tried = malformed().into_iter().map(async |(sent, status, dialect)| {
        parts_of(spoken(dial().await, &sent).await)[0].is_refused(status, dialect);
    });
    join_all(tried).await;
}

/// Pieces of heads, put together at random.
fn heads() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        4 => prop::sample::select(vec![
            "GET", " ", "/v2/alpha/os-volume-transfer", "?name=é", " HTTP/1.1", "\r\n", "\n", "\r\n\r\n", "Host: x", ": ", "POST",
            "Content-Length: 5", "Transfer-Encoding: chunked", "5\r\nhello\r\n", "0\r\n\r\n", "#", "*", "http://", "Upgrade: websocket",
            "GET /v3/ HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD", "CONNECT", "Expect: 100-continue", "Connection: keep-alive", "\"", "/", "%",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..20),
    ];
    prop::collection::vec(pieces, 1..24).prop_map(|pieces| pieces.concat())
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_comes_is_answered_in_json_or_closed() {
    let server = TestServer::start(Engine::Sqlite).await;
    let server = &server;
    holds(60, &heads(), |sent| async move {
        // what has no end is ended here, and what is whole is followed by what is none
        for behind in ["\r\n\r\n\0 \r\n\r\n", ""] {
            let mut stream = TcpStream::connect(server.host()).await.unwrap();
            let _ = stream.write_all(&[&sent, behind.as_bytes()].concat()).await;
            if behind.is_empty() {
                stream.shutdown().await.unwrap();
            }
            let mut received = Vec::new();
            let _ = tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut received)).await;
            let text = String::from_utf8_lossy(&received);
            for head in text.split("HTTP/1.1 ").skip(1).filter(|head| !head.starts_with("100 ")) {
                prop_assert!(head.to_lowercase().contains("x-request-id: req-"), "{}", text);
                prop_assert!(!head.starts_with('5'), "{}", text);
            }
        }
        Ok(())
    });
    server.get("/health/live").await.is(200);
}
