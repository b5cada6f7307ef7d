//! Paths as they come: segments split first, then each percent-decoded once. Doubled slashes count as one, one at the end leads
//! nowhere, and `.json` behind a word of the API counts as not there.

use crate::support::{TestServer, apply, both_engines, json};

#[apply(both_engines!)]
async fn a_trailing_slash_is_404(server: TestServer) {
    let offered = server.offer().await;
    let id = &offered.id;
    for path in [
        "/v2/alpha/os-volume-transfer/".to_owned(),
        "/v2/alpha/os-volume-transfer//".to_owned(),
        "/v2/alpha/os-volume-transfer/detail/".to_owned(),
        format!("/v2/alpha/os-volume-transfer/{id}/"),
        format!("/v2/alpha/os-volume-transfer/{id}/nothing"),
        "/v2/alpha".to_owned(),
        "/v2/alpha/".to_owned(),
        "/v2//alpha//".to_owned(),
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
}

#[apply(both_engines!)]
async fn doubled_slashes_count_as_one(server: TestServer) {
    let offered = server.offer().await;
    let id = &offered.id;
    for path in [
        "/v2/alpha//os-volume-transfer".to_owned(),
        "/v2//alpha/os-volume-transfer".to_owned(),
        "//v2/alpha/os-volume-transfer".to_owned(),
        "///v2//alpha///os-volume-transfer//detail".to_owned(),
        format!("/v2/alpha/os-volume-transfer//{id}"),
        "/v2/alpha//os-quota-sets/alpha?usage=True".to_owned(),
    ] {
        for path in [path.clone(), path.replacen("v2", "v3", 1)] {
            let answer = server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(200);
            assert_eq!(answer.header("OpenStack-API-Version").is_some(), path.contains("v3"), "{path}");
        }
    }
    for path in ["/v2//", "//v2/", "/v3//", "//v3"] {
        server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(200);
    }
    server.raw("GET // HTTP/1.1", &[], b"").await.is(300);
    // with none between them there is no project
    server.raw("GET /v2//os-volume-transfer HTTP/1.1", &[], b"").await.fails(404, "EVS.5404");
    server.raw("GET /v3//os-volume-transfer HTTP/1.1", &[], b"").await.is(200);
    // errors are in the dialect of the part
    server.raw("GET //v2/alpha//nothing HTTP/1.1", &[], b"").await.fails(404, "EVS.5404");
    server.raw("GET //v2//beta/os-volume-transfer HTTP/1.1", &[], b"").await.fails(400, "EVS.5400");
}

#[apply(both_engines!)]
async fn links_of_a_path_with_doubled_slashes_lead_on(server: TestServer) {
    let offered = [server.offer().await.id, server.offer().await.id];
    let first = server.raw("GET //v2/alpha//os-volume-transfer.json?limit=1 HTTP/1.1", &[], b"").await.is(200);
    assert_eq!(first.ids(), [&*offered[0]]);
    let next = first.json()["transfers_links"][0]["href"].as_str().unwrap().to_owned();
    let target = next.strip_prefix(&format!("http://{}", server.host())).unwrap();
    let second = server.raw(&format!("GET {target} HTTP/1.1"), &[], b"").await.is(200);
    assert_eq!(second.ids(), [&*offered[1]], "{next}");
}

#[apply(both_engines!)]
async fn json_behind_a_word_of_the_api_counts_as_not_there(server: TestServer) {
    let offered = server.offer().await;
    for path in [
        "/v2/alpha/os-volume-transfer.json",
        "/v2/alpha/os-volume-transfer/detail.json",
        "/v2/alpha/os-availability-zone.json",
        "/v3/alpha/volumes/detail.json",
        "/v3/volume-transfers.json",
        "/openapi.json",
        "/health/live.json",
    ] {
        server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(200);
    }
    // an id or a name has it in it, and it is at the end alone
    let answer = server.raw(&format!("GET /v2/alpha/os-volume-transfer/{}.json HTTP/1.1", offered.id), &[], b"").await;
    assert!(answer.fails(404, "EVS.5404").contains(&format!("{}.json", offered.id)), "{answer}");
    for path in ["/v2/alpha/os-volume-transfer.json/detail", "/v2/alpha/volumes.xml", "/v2/.json"] {
        server.raw(&format!("GET {path} HTTP/1.1"), &[], b"").await.is(404);
    }
    let accept = format!("POST /v2/alpha/os-volume-transfer/{}/accept.json HTTP/1.1", offered.id);
    let body = json!({"accept": {"auth_key": offered.key}}).to_string();
    let length = format!("Content-Length: {}", body.len());
    server.raw(&accept, &[&length], body.as_bytes()).await.is(202);
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
