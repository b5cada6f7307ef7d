//! A service over a database of so many volumes, and how long it takes to answer.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use clap::Parser;
use handover::app::{self, App, StartError};
use handover::cli::Cli;
use handover::service::import::{Options, Source, import};
use handover::settings::Settings;
use handover::store::{Engine, Purpose};
use handover::system::System;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{postgres, scratch};

/// Of a key that nobody knows.
const HASH: &str = "$argon2id$v=19$m=1024,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Every so manieth volume has a snapshot, a backup, an offer; each another one.
const A_COPY: usize = 5;

pub struct Service {
    pub url: String,
    base: String,
    client: reqwest::Client,
    /// The number of a row in the middle.
    middle: usize,
    handle: ServerHandle,
    serving: JoinHandle<Result<(), StartError>>,
    _folder: TempDir,
}

impl Service {
    /// Over a new database with so many volumes of `alpha`'s.
    pub async fn start(engine: Engine, volumes: usize) -> Self {
        let folder = scratch::folder("handover-lists-");
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}/bench.db", folder.path().display()),
            Engine::Postgres => postgres::url(&postgres::create(false)),
        };
        let settings =
            Cli::parse_from(["handover", "serve", "--listen=127.0.0.1:0", "--hash=token", "--database-url", &url]).settings;
        let server = app::serve(&settings, Arc::new(System), async |_| Ok(())).await.unwrap();
        let (base, handle) = (format!("http://{}", server.address), server.http.handle());
        let serving = tokio::spawn(server.run());
        let begun = Instant::now();
        load(&settings, folder.path(), volumes).await;
        println!("{}: {volumes} volumes loaded in {:.0} s", engine.as_str(), begun.elapsed().as_secs_f64());
        let client = handover::asking::client(rustls::RootCertStore::empty()).build().unwrap();
        let middle = volumes / 2 / A_COPY * A_COPY;
        Self { url, base, client, middle, handle, serving, _folder: folder }
    }

    /// How long the answer to this takes, to its last byte. `{volume}` and so on is the id of one in the middle.
    pub async fn time(&self, path: &str) -> Duration {
        let path = ["volume", "snapshot", "backup", "transfer"]
            .iter()
            .enumerate()
            .fold(path.to_owned(), |path, (kind, name)| path.replace(&format!("{{{name}}}"), &id(kind, self.middle + kind)));
        let token = if path.contains("/ops/") { "admin:ops" } else { "alice:alpha" };
        let request = self.client.get(format!("{}{path}", self.base)).header("X-Auth-Token", token);
        let begun = Instant::now();
        let answer = request.header("OpenStack-API-Version", "volume 3.71").send().await.unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap();
        let took = begun.elapsed();
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        took
    }

    pub async fn stop(self) {
        self.handle.stop(true).await;
        self.serving.await.unwrap().unwrap();
    }
}

/// The id of a volume, snapshot, backup or transfer by its number, in no order of theirs.
fn id(kind: usize, number: usize) -> String {
    let mixed = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{:08x}-{:04x}-4000-8000-{kind:02x}{number:010x}", mixed >> 32, mixed & 0xffff)
}

/// By an import, from a file.
async fn load(settings: &Settings, folder: &Path, volumes: usize) {
    let path = folder.join("volumes.json");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    write!(file, "{{\"volumes\": [").unwrap();
    for n in 0..volumes {
        write!(file, "{}{}", if n > 0 { ",\n" } else { "" }, volume(n)).unwrap();
    }
    write!(file, "],\n\"transfers\": [").unwrap();
    for n in (3..volumes).step_by(A_COPY) {
        let transfer = json!({
            "id": id(3, n), "volume_id": id(0, n), "name": format!("offer-{}", n / A_COPY), "auth_key_hash": HASH,
            "created_at": at(n),
        });
        write!(file, "{}{transfer}", if n > 3 { ",\n" } else { "" }).unwrap();
    }
    write!(file, "]}}").unwrap();
    file.into_inner().unwrap();
    let app = App::build(settings, Purpose::Command, Arc::new(System)).await.unwrap();
    let source = Source::file(File::open(&path).unwrap()).unwrap();
    import(&app.service, source, Options::default()).await.unwrap();
    app.store.close().await;
}

/// Of many ages, sizes and statuses; with every fifth a snapshot or a backup.
fn volume(n: usize) -> Value {
    let status = if n % 20 == 4 { "error" } else { "available" };
    let (rare, size) = if n % 100_000 == 7 { (json!("rare"), 4000) } else { (json!("often"), 1 + n * 31 % 2000) };
    let mut volume = json!({
        "id": id(0, n), "project_id": "alpha", "user_id": rare, "name": format!("disk-{n}"), "description": rare, "size": size,
        "status": status, "availability_zone": format!("az-{}", n % 3), "created_at": at(n), "updated_at": at(n * 7 % 1_000_000),
    });
    if n < 1000 {
        volume["metadata"] = json!({"tier": if n == 7 { "rare" } else { "gold" }, "number": (n % 10).to_string()});
    }
    let copy = |kind: usize, name: &str| {
        let name = format!("{name}-{}", n / A_COPY);
        let status = if n / A_COPY % 20 == 4 { "error" } else { "available" };
        json!([{"id": id(kind, n), "name": name, "status": status, "size": size, "created_at": at(n), "metadata": {"tier": "gold"}}])
    };
    match n % A_COPY {
        1 => volume["snapshots"] = copy(1, "snap"),
        2 => volume["backups"] = copy(2, "back"),
        _ => {}
    }
    volume
}

/// A moment, a few seconds up or down from the number's place.
fn at(n: usize) -> String {
    let seconds = n + n * 7919 % 600;
    format!(
        "2026-01-{:02}T{:02}:{:02}:{:02}.{:06}",
        1 + seconds / 86400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
        n % 1_000_000
    )
}
