//! What happens on the wire: pieces, halves, several requests on one connection, clients that go away.

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestServer, apply, both_engines, json, within};

const CREATE: &str = "POST /v2/alpha/os-volume-transfer HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice:alpha\r\n";
const LIST: &str = "GET /v2/alpha/os-volume-transfer HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice:alpha\r\n";

fn create(volume: &str) -> String {
    let body = json!({"transfer": {"volume_id": volume}}).to_string();
    format!("{CREATE}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The status lines in what was received.
fn statuses(received: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(received);
    text.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().unwrap()).collect()
}

#[apply(both_engines!)]
async fn a_request_byte_by_byte_is_answered_as_any_other(server: TestServer) {
    let volume = server.volume().await;
    let mut stream = TcpStream::connect(server.host()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let request = create(&volume).replace("Host: x", "Host: x\r\nConnection: close");
    for byte in request.as_bytes() {
        stream.write_all(&[*byte]).await.unwrap();
        stream.flush().await.unwrap();
    }
    let mut received = Vec::new();
    within("it answers and closes", stream.read_to_end(&mut received)).await.unwrap();
    assert_eq!(statuses(&received), [202]);
}

#[apply(both_engines!)]
async fn requests_sent_at_once_on_one_connection_are_answered_in_their_order(server: TestServer) {
    let volumes = server.volumes("alpha", 2).await;
    let last = format!("{LIST}Connection: close\r\n\r\n");
    let requests = [create(&volumes[0]), create(&volumes[0]), create(&volumes[1]), last].concat();
    let received = server.exchange(requests.as_bytes()).await;
    assert_eq!(statuses(&received), [202, 400, 202, 200]);
}

#[apply(both_engines!)]
async fn an_error_leaves_the_connection_for_the_next_request(server: TestServer) {
    let large = " ".repeat(112 * 1024 + 1);
    let refused = [
        format!("{CREATE}Content-Length: {}\r\n\r\n{large}", large.len()),
        format!("{CREATE}Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>"),
        format!("{CREATE}Content-Length: 1\r\n\r\n{{"),
        format!("{}Content-Length: 4\r\n\r\nbody", CREATE.replace("POST", "PUT")),
        format!("{}Content-Length: 4\r\n\r\nbody", CREATE.replace("os-volume-transfer", "nothing")),
    ];
    for (request, status) in refused.iter().zip([413, 415, 400, 405, 404]) {
        let both = format!("{request}{LIST}Connection: close\r\n\r\n");
        let received = server.exchange(both.as_bytes()).await;
        assert_eq!(statuses(&received), [status, 200], "{request:.80}");
    }
}

#[apply(both_engines!)]
async fn half_a_request_does_nothing(server: TestServer) {
    let volume = server.volume().await;
    let whole = create(&volume);
    for length in [4, 40, CREATE.len(), whole.len() - 40, whole.len() - 1] {
        let mut stream = TcpStream::connect(server.host()).await.unwrap();
        stream.write_all(&whole.as_bytes()[..length]).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut received = Vec::new();
        // closed without an answer, or with a refusal: both are fine
        let _ = within("it closes", stream.read_to_end(&mut received)).await;
        assert!(statuses(&received).iter().all(|status| *status >= 400), "{}", String::from_utf8_lossy(&received));
    }
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
    server.offer_of(&volume).await;
}

#[apply(both_engines!)]
async fn a_client_that_goes_away_leaves_nothing_half_done(server: TestServer) {
    let volumes = server.volumes("alpha", 24).await;
    let leave = async |volume: &String| {
        let mut stream = TcpStream::connect(server.host()).await.unwrap();
        stream.write_all(create(volume).as_bytes()).await.unwrap();
        drop(stream);
    };
    join_all(volumes.iter().map(leave)).await;
    // the invariants are checked when the server has stopped; until then each volume is on offer, whole, or is not
    for volume in &volumes {
        let answer = server.get(&format!("/v2/alpha/os-volume-transfer?volume_id={volume}")).await.is(200);
        assert!(answer.ids().len() <= 1, "{answer}");
    }
}

#[apply(both_engines!)]
async fn a_request_that_is_no_http_is_turned_away_and_the_next_is_served(server: TestServer) {
    for garbage in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n"] {
        let received = server.exchange(garbage.as_bytes()).await;
        assert!(statuses(&received).iter().all(|status| *status >= 400), "{}", String::from_utf8_lossy(&received));
        assert!(!String::from_utf8_lossy(&received).to_lowercase().contains("<html"), "{}", String::from_utf8_lossy(&received));
    }
    server.get("/v2/alpha/os-volume-transfer").await.is(200);
}
