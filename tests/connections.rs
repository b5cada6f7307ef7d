//! What happens on the wire: pieces, halves, several requests on one connection, clients that go away.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::{join, join_all};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{TestServer, apply, both_engines, json, until, within};

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

/// Writes this again and again until the service reads no more; how much went out, and what came back.
async fn pour(stream: TcpStream, piece: &[u8]) -> (usize, Vec<u8>) {
    let (mut reader, mut writer) = stream.into_split();
    let (mut received, mut poured) = (Vec::new(), 0);
    let pouring = async {
        loop {
            match writer.write_all(piece).await {
                Ok(()) => poured += piece.len(),
                Err(_) => return,
            }
        }
    };
    let _ = join(reader.read_to_end(&mut received), pouring).await;
    (poured, received)
}

#[apply(both_engines!)]
async fn a_body_that_is_refused_is_not_read_on(server: TestServer) {
    let [piece, chunk] = [" ".repeat(65536), format!("10000\r\n{}\r\n", " ".repeat(65536))];
    let unknown = CREATE.replace("os-volume-transfer", "nothing");
    for (head, status) in [(CREATE, 413), (&unknown, 404)] {
        for (framing, piece) in [("Transfer-Encoding: chunked", &chunk), ("Content-Length: 1099511627776", &piece)] {
            let mut stream = TcpStream::connect(server.host()).await.unwrap();
            stream.write_all(format!("{head}{framing}\r\n\r\n").as_bytes()).await.unwrap();
            let (poured, received) = within("it is closed", pour(stream, piece.as_bytes())).await;
            assert_eq!(statuses(&received), [status], "{framing}");
            assert!(poured < 256 << 20, "{framing}: {poured} bytes were taken");
        }
    }
}

#[apply(both_engines!)]
async fn a_length_over_the_limit_is_413_before_a_byte_of_the_body_is_sent(server: TestServer) {
    for expectation in ["", "Expect: 100-continue\r\n"] {
        let head = format!("{CREATE}{expectation}Content-Length: 1099511627776\r\n\r\n");
        let received = server.exchange(head.as_bytes()).await;
        assert_eq!(statuses(&received).last(), Some(&413), "{}", String::from_utf8_lossy(&received));
    }
}

#[apply(both_engines!)]
async fn a_client_that_does_not_read_its_answers_is_cut(server: TestServer) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.host().parse().unwrap()).await.unwrap();
    let ask = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(ask.repeat(64).as_bytes()).await.unwrap();
    // nothing is sent to who does not take it, not even that it is over: the system knows
    let end = |address: SocketAddr| format!(":{:04X} ", address.port());
    let ends = end(stream.peer_addr().unwrap()) + "0100007F" + &end(stream.local_addr().unwrap());
    let is_open = || std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&ends);
    assert!(is_open(), "{ends}");
    let is_cut = async || {
        tokio::time::sleep(Duration::from_millis(100)).await;
        !is_open()
    };
    until("its connection is cut", is_cut).await;
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
