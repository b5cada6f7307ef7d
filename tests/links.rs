//! What links begin with: the setting, else the request's `Host`; `X-Forwarded-*` from a trusted proxy only.

use crate::support::{Engine, TestServer, apply, both_engines, json};

/// The beginning of the self link of a list row, asked for with these headers.
async fn beginning(server: &TestServer, host: &str, headers: &[&str]) -> String {
    let line = "GET /v2/alpha/os-volume-transfer?limit=1 HTTP/1.1";
    let answer = server.raw_from(line, host, headers).await.is(200);
    let links = answer.transfers()[0]["links"].clone();
    let href = links[0]["href"].as_str().unwrap();
    let (beginning, _) = href.split_once("/v2/alpha/os-volume-transfer/").unwrap_or_else(|| panic!("{href}"));
    // one beginning for every link
    assert!(links[1]["href"].as_str().unwrap().starts_with(&format!("{beginning}/alpha/")), "{links}");
    let next = answer.json()["transfers_links"][0]["href"].as_str().unwrap().to_owned();
    assert!(next.starts_with(&format!("{beginning}/v2/alpha/")), "{next}");
    beginning.to_owned()
}

async fn with_two_offers(engine: Engine, flags: &[&str]) -> TestServer {
    let server = TestServer::with(engine, flags).await;
    server.offer().await;
    server.offer().await;
    server
}

const FORWARDED: [&str; 3] =
    ["X-Forwarded-Host: volumes.example.org", "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /cloud"];

#[apply(both_engines!)]
async fn without_a_setting_links_follow_the_host_header(engine: Engine) {
    let server = with_two_offers(engine, &[]).await;
    for host in ["example.org", "example.org:8776", "10.0.0.1:80", "[::1]:8776", "localhost"] {
        assert_eq!(beginning(&server, host, &[]).await, format!("http://{host}"));
    }
}

#[apply(both_engines!)]
async fn forwarded_headers_of_a_stranger_count_for_nothing(engine: Engine) {
    let server = with_two_offers(engine, &["--trusted-proxies=10.0.0.0/8,fd00::/8"]).await;
    assert_eq!(beginning(&server, "example.org", &FORWARDED).await, "http://example.org");
    let untrusting = with_two_offers(engine, &[]).await;
    assert_eq!(beginning(&untrusting, "example.org", &FORWARDED).await, "http://example.org");
}

#[apply(both_engines!)]
async fn forwarded_headers_of_a_trusted_proxy_count(engine: Engine) {
    let server = with_two_offers(engine, &["--trusted-proxies=127.0.0.0/8"]).await;
    assert_eq!(beginning(&server, "inside:8776", &FORWARDED).await, "https://volumes.example.org/cloud");
    assert_eq!(beginning(&server, "inside:8776", &FORWARDED[..2]).await, "https://volumes.example.org");
    assert_eq!(beginning(&server, "inside:8776", &FORWARDED[..1]).await, "http://volumes.example.org");
    assert_eq!(beginning(&server, "inside:8776", &FORWARDED[1..2]).await, "https://inside:8776");
    assert_eq!(beginning(&server, "inside:8776", &[]).await, "http://inside:8776");
}

#[apply(both_engines!)]
async fn the_setting_beats_whatever_a_request_says(engine: Engine) {
    let flags = ["--public-url=https://volumes.example.org/cloud/", "--trusted-proxies=127.0.0.0/8"];
    let server = with_two_offers(engine, &flags).await;
    for headers in [&FORWARDED[..], &[]] {
        assert_eq!(beginning(&server, "elsewhere", headers).await, "https://volumes.example.org/cloud");
    }
    let volume = server.volume().await;
    let created = server.post("/v3/alpha/volume-transfers", json!({"transfer": {"volume_id": volume}})).await.is(202);
    let href = created.transfer()["links"][0]["href"].as_str().unwrap().to_owned();
    assert!(href.starts_with("https://volumes.example.org/cloud/v3/alpha/os-volume-transfer/"), "{href}");
}

#[apply(both_engines!)]
async fn a_host_that_is_none_makes_no_link(engine: Engine) {
    let server = with_two_offers(engine, &["--trusted-proxies=127.0.0.0/8"]).await;
    for host in ["evil.example/x?", "a\"b", "a b", "user@evil.example", "<script>"] {
        assert_eq!(beginning(&server, host, &[]).await, server.base, "Host: {host}");
        let forwarded = format!("X-Forwarded-Host: {host}");
        let beginning = beginning(&server, "example.org", &[&forwarded]).await;
        assert!([&*server.base, "http://example.org"].contains(&&*beginning), "{beginning}");
    }
}
