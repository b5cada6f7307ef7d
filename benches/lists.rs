//! What a list costs among a million records of one project, against what it costs among ten thousand; and where no index helps,
//! against the same select run through the engine's own shell. On both engines, over HTTP on loopback, as ratios within one run.
//!
//! `cargo bench --bench lists`. Needs PostgreSQL's programs, as the tests do, and some 4 GB of room. Fails where a ratio does not hold.

#![allow(clippy::unwrap_used)] // it shares what the tests stand on

#[path = "../tests/support/scratch.rs"]
mod scratch;

#[path = "../tests/support/postgres.rs"]
#[allow(dead_code)]
mod postgres;

#[path = "lists/ours.rs"]
mod ours;

#[path = "lists/shell.rs"]
mod shell;

use std::process::ExitCode;
use std::time::Duration;

use handover::domain::page::SortKey;
use handover::store::Engine;

use ours::Service;
use shell::{Scan, Shell};

/// Volumes of the one project; a fifth as many snapshots, backups and offers.
const FEW: usize = 10_000;
const MANY: usize = 1_000_000;
/// How much dearer a list may be among many.
const MOST_GROWTH: f64 = 1.5;
/// How much dearer than the engine's own shell a scan may be.
const MOST_OVER_SHELL: f64 = 2.0;
/// How often each is asked; the median counts.
const TIMES: usize = 51;
const SCANS: usize = 5;

/// What an index or a count serves. `{}` is the id of a row in the middle of the list.
const SERVED: &[(&str, &str)] = &[
    ("volumes: by name", "/v3/alpha/volumes/detail?name=disk-4242"),
    ("volumes: by name, of all projects", "/v3/ops/volumes/detail?all_tenants=1&name=disk-4242"),
    ("volumes: by an unknown name", "/v3/alpha/volumes/detail?name=nobodys"),
    ("volumes: by status", "/v3/alpha/volumes/detail?status=error&limit=100"),
    ("volumes: by metadata that few have", "/v3/alpha/volumes/detail?metadata={'tier':'rare'}"),
    ("volumes: default page", "/v3/alpha/volumes/detail"),
    ("volumes: page at a marker", "/v3/alpha/volumes/detail?limit=100&marker={volume}"),
    ("volumes: page, oldest first", "/v3/alpha/volumes/detail?limit=100&sort=created_at:asc&marker={volume}"),
    ("volumes: counted page", "/v3/alpha/volumes/detail?limit=100&with_count=true"),
    ("cloudvolumes: counted page", "/v2/alpha/cloudvolumes/detail?limit=100"),
    ("volumes: summary", "/v3/alpha/volumes/summary"),
    ("volumes: summary of all projects", "/v3/ops/volumes/summary?all_tenants=1"),
    ("snapshots: by name", "/v3/alpha/snapshots/detail?name=snap-242"),
    ("snapshots: by an unknown name", "/v3/alpha/snapshots/detail?name=nobodys"),
    ("snapshots: by status", "/v3/alpha/snapshots/detail?status=error&limit=50"),
    ("snapshots: default page", "/v3/alpha/snapshots/detail"),
    ("snapshots: page at a marker", "/v3/alpha/snapshots/detail?limit=100&marker={snapshot}"),
    ("snapshots: of a volume", "/v3/alpha/snapshots/detail?volume_id={volume}"),
    ("cloudsnapshots: counted page", "/v2/alpha/cloudsnapshots/detail?limit=100"),
    ("backups: by name", "/v3/alpha/backups/detail?name=back-242"),
    ("backups: by an unknown name", "/v3/alpha/backups/detail?name=nobodys"),
    ("backups: by status", "/v3/alpha/backups/detail?status=error&limit=50"),
    ("backups: default page", "/v3/alpha/backups/detail"),
    ("backups: page at a marker", "/v3/alpha/backups/detail?limit=100&marker={backup}"),
    ("backups: counted page", "/v3/alpha/backups/detail?limit=100&with_count=true"),
    ("transfers: by name", "/v3/alpha/volume-transfers/detail?name=offer-242"),
    ("transfers: by an unknown name", "/v3/alpha/volume-transfers/detail?name=nobodys"),
    ("transfers: default page", "/v3/alpha/volume-transfers/detail"),
    ("transfers: page at a marker", "/v3/alpha/volume-transfers/detail?limit=100&marker={transfer}"),
    ("transfers: of a volume", "/v3/alpha/volume-transfers/detail?volume_id={volume}"),
];

/// What nothing serves but one scan of the project: a list, what is asked of it, and the same as filter or key. Few rows fit.
const SCANNED: &[(&str, &str, Scan)] = &[
    ("volumes", "size=4000", Scan::Number("size", 4000)),
    ("volumes", "description=rare", Scan::Text("description", "rare")),
    ("volumes", "user_id=rare", Scan::Text("user_id", "rare")),
    ("volumes", "metadata={'tier':'none'}", Scan::Metadata("tier", "none")),
    ("volumes", "sort=size:desc", Scan::Order(SortKey::Size)),
    ("volumes", "sort=availability_zone:desc", Scan::Order(SortKey::AvailabilityZone)),
    ("volumes", "sort=updated_at:desc", Scan::Order(SortKey::UpdatedAt)),
    ("snapshots", "metadata={'tier':'none'}", Scan::Metadata("tier", "none")),
    ("snapshots", "sort=size:desc", Scan::Order(SortKey::Size)),
    ("backups", "sort=size:desc", Scan::Order(SortKey::Size)),
    ("volume-transfers", "sort=name:desc", Scan::Order(SortKey::Name)),
];

#[tokio::main]
async fn main() -> ExitCode {
    let mut all_hold = true;
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let name = engine.as_str();
        let (few, many) = (Service::start(engine, FEW).await, Service::start(engine, MANY).await);
        println!("\n{:<50} {:>9} {:>9}   ratio", format!("{name}, ms"), "10,000", "1,000,000");
        for (what, path) in SERVED {
            let [among_few, among_many] = medians(&few, &many, path).await;
            all_hold &= row(what, among_few, among_many, MOST_GROWTH);
        }
        println!("\n{:<50} {:>9} {:>9}   ratio", format!("{name}, ms, among 1,000,000"), "shell", "ours");
        match Shell::find(&many.url) {
            None => println!("no shell of {name} on this machine: scans are not compared"),
            Some(shell) => {
                for (list, asked, scan) in SCANNED {
                    let select = shell::select(engine, list, scan);
                    let mut times = [Vec::new(), Vec::new()];
                    for _ in 0..SCANS {
                        times[0].push(shell.time(&select));
                        times[1].push(many.time(&format!("/v3/alpha/{list}/detail?{asked}")).await);
                    }
                    let [shells, ours] = times.map(median);
                    all_hold &= row(&format!("{list}: {asked}"), shells, ours, MOST_OVER_SHELL);
                }
            }
        }
        few.stop().await;
        many.stop().await;
    }
    println!("\n{}", if all_hold { "every ratio holds" } else { "a ratio does not hold" });
    if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Asked in turns, so that what else the machine does falls on both.
async fn medians(few: &Service, many: &Service, path: &str) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TIMES {
        for (service, times) in [few, many].into_iter().zip(&mut times) {
            times.push(service.time(path).await);
        }
    }
    times.map(median)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Prints both and their ratio; whether it holds.
fn row(what: &str, base: Duration, other: Duration, most: f64) -> bool {
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let ratio = other.as_secs_f64() / base.as_secs_f64();
    let holds = ratio <= most;
    let says = if holds { String::new() } else { format!(", more than {most}") };
    println!("{what:<50} {:>9.2} {:>9.2}   {ratio:.2}{says}", millis(base), millis(other));
    holds
}
