//! Requests whose caller went away: what has not begun is not done, since nobody would learn of it.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{Engine, TestServer, apply, both_engines, json, until};

#[apply(both_engines!)]
async fn a_create_whose_caller_left_the_queue_makes_no_offer(engine: Engine) {
    // one slow thread, kept busy, so that the create is still waiting for its hash when its caller leaves
    let server = TestServer::with(engine, &["--hash=owasp", "--hash-threads=1"]).await;
    let offered = server.offer().await;
    let volume = server.volume().await;
    let path = format!("/v2/beta/os-volume-transfer/{}/accept", offered.id);
    let client = (*server).clone();
    let busy = tokio::spawn(async move {
        let guess = |_| {
            let (client, path) = (client.clone(), path.clone());
            async move { client.post(&path, json!({"accept": {"auth_key": "0000000000000000"}})).by("bob:beta").await }
        };
        futures_util::future::join_all((0..120).map(guess)).await
    });

    let body = json!({"transfer": {"volume_id": volume}}).to_string();
    let request = format!(
        "POST /v2/alpha/os-volume-transfer HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice:alpha\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let is_busy = async || {
        assert!(!busy.is_finished(), "the queue is never busy: nothing would be shown");
        waiting(&server).await >= 20
    };
    until("the queue is busy", is_busy).await;
    let mut stream = TcpStream::connect(server.host()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let before = waiting(&server).await;
    drop(stream);
    assert!(before > 0, "the queue is empty already: nothing is shown");

    busy.await.unwrap();
    until("the queue is empty", async || waiting(&server).await == 0).await;
    assert_eq!(server.stored_volume(&volume).await.status.as_str(), "available");
    server.offer_of(&volume).await;
}

/// How many keys wait to be hashed.
async fn waiting(server: &TestServer) -> u64 {
    let answer = server.get("/metrics").by_nobody().await;
    let line = answer.text().lines().find_map(|line| line.strip_prefix("handover_hash_waiting ").map(str::to_owned));
    line.unwrap().parse().unwrap()
}
