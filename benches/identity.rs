//! What it costs to know who is calling: the CPU of a show with a token and with a signature beside one where everybody is
//! believed, and how long a show takes while two hundred sign-ins a second are asked for. Exits with 1 where a bound does not hold.
//!
//! `cargo bench --bench identity`, on Linux.

#![allow(clippy::unwrap_used)] // a bench that cannot be run ends

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use handover::clock::Clock;
use handover::secrets::sealing::hex;
use handover::system::System;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use serde_json::json;
use sha2::{Digest, Sha256};

const REQUESTS: usize = 40_000;
const AT_ONCE: usize = 8;
/// Each way is measured so often, in turn; the least counts.
const ROUNDS: usize = 3;
/// Microseconds of CPU that a call may cost more than where everybody is believed.
const TOKEN_MORE: f64 = 10.0;
const SIGNED_MORE: f64 = 60.0;
/// Milliseconds that ninety-nine shows of a hundred take while sign-ins are asked for.
const BESIDE_SIGN_INS: f64 = 20.0;
const SIGN_INS: u32 = 200;
const SECRET: &str = "a secret key of alice's";
const PASSWORD: &str = "alice's own password";
const VOLUME: &str = "00000000-0000-4000-8000-000000000001";

/// A service in a process of its own, so that its CPU is its alone.
struct Service(Child, String);

impl Service {
    fn start(url: &str, flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_handover"));
        command.args(["serve", "--listen=127.0.0.1:0", "--hash=token", "--log=warn", "--database-url", url]).args(flags);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        Self(child, address)
    }

    /// User and system time so far, in microseconds.
    #[allow(clippy::cast_precision_loss)] // a bench runs for minutes
    fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = [fields[11], fields[12]].iter().map(|field| field.parse::<u64>().unwrap()).sum();
        ticks as f64 * 10_000.0 // a hundred ticks a second on every Linux
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks so often, so many at once; how long each took.
async fn ask(requests: usize, request: impl Fn() -> RequestBuilder + Send + Sync + 'static) -> Vec<Duration> {
    let (request, next) = (Arc::new(request), Arc::new(AtomicUsize::new(0)));
    let askers = (0..AT_ONCE).map(|_| {
        let (request, next) = (Arc::clone(&request), Arc::clone(&next));
        tokio::spawn(async move {
            let mut took = Vec::new();
            while next.fetch_add(1, Ordering::Relaxed) < requests {
                let begun = Instant::now();
                let answer = request().send().await.unwrap();
                assert_eq!(answer.status().as_u16(), 200, "{}", answer.text().await.unwrap());
                answer.bytes().await.unwrap();
                took.push(begun.elapsed());
            }
            took
        })
    });
    futures_util::future::join_all(askers).await.into_iter().flat_map(Result::unwrap).collect()
}

fn signed(request: RequestBuilder, host: &str, path: &str) -> RequestBuilder {
    let date = format!("{}Z", System.now().to_string()[..19].replace(['-', ':'], ""));
    let canonical = format!("GET\n{path}/\n\nhost:{host}\nx-sdk-date:{date}\n\nhost;x-sdk-date\n{}", hex(Sha256::digest("")));
    let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(Sha256::digest(canonical)));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let signature = hex(mac.finalize().into_bytes());
    let authorization = format!("SDK-HMAC-SHA256 Access=AKALICE, SignedHeaders=host;x-sdk-date, Signature={signature}");
    request.header("X-Sdk-Date", date).header("Authorization", authorization)
}

fn auth(password: &str) -> serde_json::Value {
    let domain = json!({"id": "default"});
    let user = json!({"name": "alice", "password": password, "domain": domain});
    let scope = json!({"project": {"name": "alpha", "domain": domain}});
    json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}})
}

#[tokio::main]
#[allow(clippy::cast_precision_loss)] // tens of thousands
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/bench.db", folder.path().display());
    let run = |arguments: &[&str], input: &str| {
        let path = folder.path().join("input");
        std::fs::write(&path, input).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_handover"));
        command.args(arguments).args(["--database-url", &url]).stdin(std::fs::File::open(path).unwrap()).stdout(Stdio::null());
        assert!(command.status().unwrap().success());
    };
    run(&["migrate"], "");
    let user = json!({
        "name": "alice", "password": PASSWORD, "roles": {"alpha": ["member"]},
        "access_keys": [{"access": "AKALICE", "secret": SECRET, "project_id": "alpha"}],
    });
    let volume = json!({"id": VOLUME, "project_id": "alpha"});
    let document = json!({"projects": [{"name": "alpha"}], "users": [user], "volumes": [volume]});
    run(&["import", "-"], &document.to_string());

    let (believing, asking) = (Service::start(&url, &[]), Service::start(&url, &["--auth=builtin"]));
    let client = handover::asking::client(rustls::RootCertStore::empty()).build().unwrap();
    let path = format!("/v2/alpha/volumes/{VOLUME}");
    let show = |service: &Service| client.get(format!("http://{}{path}", service.1));
    let tokens = format!("http://{}/identity/v3/auth/tokens", asking.1);
    let answer = client.post(&tokens).json(&auth(PASSWORD)).send().await.unwrap();
    let token = answer.headers()["x-subject-token"].to_str().unwrap().to_owned();
    let ways = [
        ("everybody believed", &believing, show(&believing).header("X-Auth-Token", "alice:alpha")),
        ("a token", &asking, show(&asking).header("X-Auth-Token", &token)),
        ("a signature", &asking, signed(show(&asking), &asking.1, &path)),
    ];
    let mut least = [f64::MAX; 3];
    for _ in 0..ROUNDS {
        for ((_, service, request), least) in ways.iter().zip(&mut least) {
            let (request, before) = (request.try_clone().unwrap(), service.cpu());
            ask(REQUESTS, move || request.try_clone().unwrap()).await;
            *least = least.min((service.cpu() - before) / REQUESTS as f64);
        }
    }
    println!("{:<22} {:>12} {:>12}", "a show of a volume", "CPU us", "us more");
    for ((name, ..), cpu) in ways.iter().zip(&least) {
        println!("{name:<22} {cpu:>12.1} {:>12.1}", cpu - least[0]);
    }

    let (good, wrong) = (show(&asking).header("X-Auth-Token", &token), client.post(&tokens).json(&auth(PASSWORD)));
    let sign_ins = tokio::spawn(async move {
        let mut each = tokio::time::interval(Duration::from_secs(1) / SIGN_INS);
        loop {
            each.tick().await;
            tokio::spawn(wrong.try_clone().unwrap().send());
        }
    });
    let mut took = ask(REQUESTS / 2, move || good.try_clone().unwrap()).await;
    sign_ins.abort();
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100].as_secs_f64() * 1000.0;
    println!("p99 of a show beside {SIGN_INS} sign-ins a second: {p99:.1} ms");

    let holds = least[1] - least[0] <= TOKEN_MORE && least[2] - least[0] <= SIGNED_MORE && p99 < BESIDE_SIGN_INS;
    std::process::exit(i32::from(!holds));
}
