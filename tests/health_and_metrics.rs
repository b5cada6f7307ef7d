//! For those who run it: alive, ready, and what is counted.

use crate::support::{TestServer, apply, both_engines, json, new_id};

/// The value of a series of the metrics, 0 where there is none.
async fn value(server: &TestServer, series: &str) -> u64 {
    let answer = server.get("/metrics").by_nobody().header("Accept", "application/openmetrics-text").await.is(200);
    assert!(answer.header("content-type").unwrap().starts_with("application/openmetrics-text; version=1.0.0"), "{answer}");
    assert!(answer.text().ends_with("# EOF\n"), "{answer}");
    let line = answer.text().lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0, |value| value.parse().unwrap())
}

#[apply(both_engines!)]
async fn both_health_paths_say_ok_to_anybody(server: TestServer) {
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(server.get(path).by_nobody().await.is(200).json(), json!({"status": "ok"}));
        assert_eq!(server.get(path).by("no:such:token").await.is(200).json(), json!({"status": "ok"}));
        server.ask("POST", path).await.is(405);
    }
    server.get("/health").await.is(404);
}

#[apply(both_engines!)]
async fn transfers_are_counted_by_state(server: TestServer) {
    let counts = async || {
        let mut counts = Vec::new();
        for state in ["pending", "accepted", "deleted"] {
            counts.push(value(&server, &format!("handover_transfers{{state=\"{state}\"}}")).await);
        }
        counts
    };
    assert_eq!(counts().await, [0, 0, 0]);
    let offers = [server.offer().await, server.offer().await, server.offer().await];
    assert_eq!(counts().await, [3, 0, 0]);
    server.delete(&format!("/v2/alpha/os-volume-transfer/{}", offers[0].id)).await.is(202);
    let body = json!({"accept": {"auth_key": offers[1].key}});
    server.post(&format!("/v2/beta/os-volume-transfer/{}/accept", offers[1].id), body).by("bob:beta").await.is(202);
    assert_eq!(counts().await, [1, 1, 1]);
}

#[apply(both_engines!)]
async fn requests_are_counted_by_route_pattern_and_never_by_path(server: TestServer) {
    let id = new_id();
    server.get(&format!("/v2/alpha/os-volume-transfer/{id}?secret=hush")).await.is(404);
    server.get(&format!("/v2/alpha/nowhere/{id}")).await.is(404);
    server.get("/v2/alpha/nowhere-else").await.is(404);
    let shown =
        "handover_requests_total{method=\"GET\",route=\"/v2/{project_id}/os-volume-transfer/{transfer_id}\",status=\"404\"}";
    assert_eq!(value(&server, shown).await, 1);
    let unknown = "handover_requests_total{method=\"GET\",route=\"unknown\",status=\"404\"}";
    assert_eq!(value(&server, unknown).await, 2);
    let text = server.get("/metrics").await.is(200).text().to_owned();
    for secret in [&*id, "hush", "alpha", "nowhere", "alice"] {
        assert!(!text.contains(secret), "{secret} is in the metrics");
    }
}
