//! More than the service can do: it does what it can, and sends the rest away at once.

use futures_util::future::join_all;
use handover::domain::limits::UNDER_WAY;
use handover::http::routes::ROUTES;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{Engine, TestServer, apply, both_engines, json, until};

#[apply(both_engines!)]
async fn beyond_what_it_is_at_the_service_sends_away_at_once_and_loses_nothing(engine: Engine) {
    let server = TestServer::start(engine).await;
    let volume = server.volume().await;
    let offer = || server.post("/v3/alpha/volume-transfers", json!({"transfer": {"volume_id": volume}}));
    let mut places: Vec<_> =
        (0..UNDER_WAY).map(|_| server.under_way().begin(&ROUTES[0]).unwrap_or_else(|_| panic!("there is room"))).collect();
    for answer in join_all((0..50).map(|_| async { offer().await })).await {
        assert_eq!(answer.header("Retry-After"), Some("1"));
        let message = answer.is(503).message();
        assert_eq!(message, "The service is at 512 requests already, which is as many as it takes. Try again in a second.");
    }
    server.get("/v2/alpha/os-volume-transfer").await.fails(503, "EVS.5503");
    // whoever watches the service is answered beside them
    for path in ["/health/live", "/health/ready", "/metrics"] {
        server.get(path).by_nobody().await.is(200);
    }
    places.pop();
    assert!(server.get("/v3/alpha/volume-transfers").await.is(200).transfers().is_empty(), "nothing was begun");
    offer().await.is(202);
    drop(places);
    assert_eq!(server.get("/v3/alpha/volume-transfers").await.is(200).transfers().len(), 1);
}

#[apply(both_engines!)]
async fn who_hangs_up_leaves_its_place_to_others(engine: Engine) {
    // one slow thread, so that all but a few still wait for their hash when their callers leave
    let server = TestServer::with(engine, &["--hash=owasp", "--hash-threads=1"]).await;
    let mut callers = Vec::new();
    for volume in server.volumes("alpha", 40).await {
        let body = json!({"transfer": {"volume_id": volume}}).to_string();
        let head = "POST /v2/alpha/os-volume-transfer HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice:alpha";
        let mut caller = TcpStream::connect(server.host()).await.unwrap();
        caller.write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
        callers.push(caller);
    }
    let under_way = || server.under_way().to_string().split(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0);
    until("nearly all are under way", async || under_way() >= 35).await;
    drop(callers);
    // all of them, and as many as may be
    let begin = || server.under_way().begin(&ROUTES[0]);
    until("their places are free", async || (0..UNDER_WAY).map(|_| begin()).collect::<Result<Vec<_>, _>>().is_ok()).await;
    let offers = server.get("/v3/alpha/volume-transfers").await.is(200).transfers().len();
    assert!(offers < 30, "{offers} were made, though nobody waited for them");
}
