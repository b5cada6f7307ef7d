//! How many of each operation a second, on both engines, over HTTP on loopback, as ratios to two floors measured in the same
//! run: the service's cheapest answer (`GET /health/live`) and the bare rate of the Argon2 threads.
//!
//! `cargo bench --bench operations`. Needs PostgreSQL's programs, as the tests do.

#![allow(clippy::unwrap_used)] // it shares what the tests stand on

#[path = "../tests/support/scratch.rs"]
mod scratch;

#[path = "../tests/support/postgres.rs"]
#[allow(dead_code)]
mod postgres;

use std::future::Future;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use handover::app::{self, App};
use handover::cli::Cli;
use handover::secrets::hash::Profile;
use handover::secrets::{HashPool, Turn};
use handover::service::import::{Options, Source, import};
use handover::store::Purpose;
use handover::system::System;
use serde_json::{Value, json};

/// Requests under way at once: enough to keep two cores busy, few enough that nothing queues for long.
const AT_ONCE: usize = 16;
/// What each figure is measured over.
const SPAN: Duration = Duration::from_secs(4);
/// More volumes than any machine offers in [`SPAN`].
const VOLUMES: usize = 60_000;

/// What one figure came out as.
struct Figure {
    per_second: f64,
    median: Duration,
    slowest_of_a_hundred: Duration,
}

#[tokio::main]
async fn main() {
    println!("{:<34} {:>9} {:>9} {:>9}   ratio", "operation", "per s", "p50 ms", "p99 ms");
    for profile in [Profile::Token, Profile::Owasp] {
        let hashes = hashes(profile).await;
        let floor = format!("bare Argon2, {}", profile.as_str());
        row(&floor, &hashes, None);
        for engine in ["sqlite", "postgres"] {
            engine_figures(engine, profile, &hashes).await;
        }
    }
}

async fn engine_figures(engine: &str, profile: Profile, hashes: &Figure) {
    let folder = tempfile::tempdir().expect("a folder for the database");
    let url = match engine {
        "sqlite" => format!("sqlite://{}/bench.db", folder.path().display()),
        _ => postgres::url(&postgres::create(false)),
    };
    let settings =
        Cli::parse_from(["handover", "serve", "--listen=127.0.0.1:0", "--hash", profile.as_str(), "--database-url", &url])
            .settings;
    let server = app::serve(&settings, Arc::new(System)).await.expect("the service starts");
    let (base, handle) = (format!("http://{}", server.address()), server.handle());
    let serving = tokio::spawn(server.run());
    let volumes = load(&settings).await;
    let client = handover::asking::client(rustls::RootCertStore::empty()).build().expect("a client");
    let named = |operation: &str| format!("{engine}, {}: {operation}", profile.as_str());

    let live = over(SPAN, usize::MAX, |_| send(client.get(format!("{base}/health/live")), 200)).await.0;
    row(&named("health (floor)"), &live, None);
    let offer = |n: usize| {
        let body = json!({"transfer": {"volume_id": volumes[n], "name": "bench"}});
        send(client.post(format!("{base}/v2/alpha/os-volume-transfer")).header("X-Auth-Token", "alice:alpha").json(&body), 202)
    };
    let (created, offers) = over(SPAN, VOLUMES, offer).await;
    row(&named("create"), &created, Some(("of bare Argon2", created.per_second / hashes.per_second)));
    if profile == Profile::Token {
        let shown = |n: usize| {
            let id = offers[n % offers.len()]["transfer"]["id"].as_str().unwrap_or_default();
            send(client.get(format!("{base}/v2/alpha/os-volume-transfer/{id}")).header("X-Auth-Token", "alice:alpha"), 200)
        };
        let figure = over(SPAN, usize::MAX, shown).await.0;
        row(&named("show"), &figure, Some(("of health", figure.per_second / live.per_second)));
        let page = |n: usize| {
            let marker = offers[n % offers.len()]["transfer"]["id"].as_str().unwrap_or_default();
            let url = format!("{base}/v2/alpha/os-volume-transfer?limit=20&marker={marker}");
            send(client.get(url).header("X-Auth-Token", "alice:alpha"), 200)
        };
        let figure = over(SPAN, usize::MAX, page).await.0;
        row(&named("page of 20 anywhere in the list"), &figure, Some(("of health", figure.per_second / live.per_second)));
    }
    let claim = |n: usize| {
        let transfer = &offers[n]["transfer"];
        let url = format!("{base}/v2/beta/os-volume-transfer/{}/accept", transfer["id"].as_str().unwrap_or_default());
        send(
            client.post(url).header("X-Auth-Token", "bob:beta").json(&json!({"accept": {"auth_key": transfer["auth_key"]}})),
            202,
        )
    };
    let accepted = over(SPAN, offers.len(), claim).await.0;
    row(&named("accept"), &accepted, Some(("of bare Argon2", accepted.per_second / hashes.per_second)));
    handle.stop(true).await;
    serving.await.expect("the service ends").expect("without an error");
}

/// Volumes that may all be offered.
async fn load(settings: &handover::settings::Settings) -> Vec<String> {
    let ids: Vec<String> = (0..VOLUMES).map(|n| format!("00000000-0000-4000-8000-{n:012x}")).collect();
    let volumes: Vec<Value> = ids.iter().map(|id| json!({"id": id, "project_id": "alpha"})).collect();
    let document = json!({ "volumes": volumes }).to_string();
    let app = App::build(settings, Purpose::Command, Arc::new(System)).await.expect("the database opens");
    import(&app.service, Source::stream(Cursor::new(document)), Options::default()).await.expect("the volumes load");
    ids
}

async fn send(request: reqwest::RequestBuilder, expected: u16) -> Value {
    let answer = request.send().await.expect("an answer");
    let status = answer.status();
    let body = answer.bytes().await.expect("a body");
    assert_eq!(status.as_u16(), expected, "{}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap_or_default()
}

/// The bare rate of the hashing threads.
async fn hashes(profile: Profile) -> Figure {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let pool = HashPool::start(profile, cores, 2 * AT_ONCE).expect("the threads start");
    over(SPAN, usize::MAX, |_| {
        let pool = pool.clone();
        async move {
            pool.hash("9266c59563c84664".into(), [7; 16], Turn::of("bench"))
                .await
                .map(Value::from)
                .unwrap_or_default()
        }
    })
    .await
    .0
}

/// Runs `operation` with the numbers 0, 1, 2, … for `span` or until `most` are done, [`AT_ONCE`] at a time.
async fn over<F, O>(span: Duration, most: usize, operation: F) -> (Figure, Vec<Value>)
where
    F: Fn(usize) -> O,
    O: Future<Output = Value>,
{
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let lane = || async {
        let mut done = Vec::new();
        while begun.elapsed() < span {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= most {
                break;
            }
            let at = Instant::now();
            let answer = operation(n).await;
            done.push((at.elapsed(), answer));
        }
        done
    };
    let lanes: Vec<_> = (0..AT_ONCE).map(|_| lane()).collect();
    let done: Vec<_> = futures_util::future::join_all(lanes).await.into_iter().flatten().collect();
    let took = begun.elapsed();
    let mut times: Vec<Duration> = done.iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    #[allow(clippy::cast_precision_loss)] // a count of seconds' worth of requests is far below 2^52
    let figure = Figure {
        per_second: times.len() as f64 / took.as_secs_f64(),
        median: times[times.len() / 2],
        slowest_of_a_hundred: times[times.len() * 99 / 100],
    };
    (figure, done.into_iter().map(|(_, answer)| answer).collect())
}

fn row(name: &str, figure: &Figure, ratio: Option<(&str, f64)>) {
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let ratio = ratio.map_or_else(String::new, |(of, ratio)| format!("{ratio:.2} {of}"));
    println!(
        "{name:<34} {:>9.0} {:>9.2} {:>9.2}   {ratio}",
        figure.per_second,
        millis(figure.median),
        millis(figure.slowest_of_a_hundred)
    );
}
