//! Paths as they come: segments split first, then each percent-decoded once; a slash too many leads nowhere.

use crate::support::{TestServer, apply, both_engines, json};

#[apply(both_engines!)]
async fn a_trailing_or_doubled_slash_is_404(server: TestServer) {
    let offered = server.offer().await;
    let id = &offered.id;
    for path in [
        "/v2/alpha/os-volume-transfer/".to_owned(),
        "/v2/alpha//os-volume-transfer".to_owned(),
        "/v2//alpha/os-volume-transfer".to_owned(),
        "//v2/alpha/os-volume-transfer".to_owned(),
        "/v2/alpha/os-volume-transfer//detail".to_owned(),
        "/v2/alpha/os-volume-transfer/detail/".to_owned(),
        format!("/v2/alpha/os-volume-transfer/{id}/"),
        format!("/v2/alpha/os-volume-transfer//{id}"),
        format!("/v2/alpha/os-volume-transfer/{id}/nothing"),
        "/v2//os-volume-transfer".to_owned(),
        "/v2/alpha".to_owned(),
        "/v2/alpha/".to_owned(),
        "/health/live/".to_owned(),
        "/metrics/".to_owned(),
    ] {
        for path in [path.clone(), path.replacen("v2", "v3", 1)] {
            server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(404);
        }
    }
    for path in ["/v2", "/v2/", "/v3", "/v3/"] {
        server.get(path).await.is(200);
    }
    for path in ["/v2//", "/v3//"] {
        server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(404);
    }
}

#[apply(both_engines!)]
async fn a_segment_is_decoded_once_after_the_split(server: TestServer) {
    let offered = server.offer().await;
    for path in [
        "/v2/alpha/os%2Dvolume%2dtransfer",
        "/%762/alpha/os-volume-transfer",
        "/v2/%61lph%61/os-volume-transfer",
        "/v2/alpha/os-volume-transfer/d%65tail",
    ] {
        let answer = server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(200);
        assert_eq!(answer.ids(), [&*offered.id], "{path}");
    }
    // an encoded slash is no separator, and what is encoded twice is decoded once
    for path in [
        "/v2%2Falpha/os-volume-transfer",
        "/v2/alpha%2Fos-volume-transfer",
        "/v2/alpha/os-volume-transfer%2Fdetail",
        "/v2/alpha/os%252Dvolume%252Dtransfer",
        &format!("/v2/alpha/os-volume-transfer/{}", offered.id.replace('-', "%252D")),
    ] {
        server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(404);
    }
    let answer = server.raw("GET /v2/alpha/os-volume-transfer/a%252Fb HTTP/1.1", &[], b"").await;
    assert!(answer.fails(404, "EVS.5404").starts_with("Transfer a%2Fb could not be found."), "{answer}");
}

#[apply(both_engines!)]
async fn bytes_that_are_no_utf8_are_404(server: TestServer) {
    for path in ["/v2/alpha/os-volume-transfer/%FF", "/v2/%FF/os-volume-transfer", "/v2/alpha/%C3%28", "/%FF"] {
        for path in [path.to_owned(), path.replacen("v2", "v3", 1)] {
            server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(404);
        }
    }
}

#[apply(both_engines!)]
async fn dots_and_case_are_no_other_path(server: TestServer) {
    for path in [
        "/v2/alpha/./os-volume-transfer",
        "/v2/alpha/x/../os-volume-transfer",
        "/v2/alpha/OS-VOLUME-TRANSFER",
        "/V2/alpha/os-volume-transfer",
        "/v2/alpha/os-volume-transfer/detail/x",
        "/v2/alpha/os-volume-transfer;x=1",
        "/v2/alpha/os-volume-transfers",
        "/v1/alpha/os-volume-transfer",
        "/alpha/os-volume-transfer",
        "/os-volume-transfer",
        "/v2.0/alpha/os-volume-transfer",
    ] {
        server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(404);
    }
}

#[apply(both_engines!)]
async fn an_accept_has_no_get_and_detail_is_no_transfer(server: TestServer) {
    let offered = server.offer().await;
    server.get(&format!("/v2/alpha/os-volume-transfer/{}/accept", offered.id)).await.fails(405, "EVS.5400");
    server.delete("/v2/alpha/os-volume-transfer/detail").await.fails(405, "EVS.5400");
    let body = json!({"accept": {"auth_key": offered.key}});
    let answer = server.post("/v2/alpha/os-volume-transfer/detail/accept", body).await;
    assert!(answer.fails(404, "EVS.5404").starts_with("Transfer detail could not be found."), "{answer}");
}
