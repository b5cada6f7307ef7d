//! What is written for those who deploy the service speaks of the service as it is: deploy/, the composition and the image. That other
//! programs take it, tests/deploy/run and tests/compose.sh show.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use handover::http::routes::{On, ROUTES};

use crate::support::{TestServer, apply, both_engines, limited, reference};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every file of deploy/, and what lies beside it.
fn files() -> Vec<(String, String)> {
    let held = fs::read_dir(Path::new(ROOT).join("deploy")).unwrap().map(|entry| entry.unwrap().path());
    let beside = ["docker-compose.yml", "Dockerfile", "docs/deploy.md"].map(|name| Path::new(ROOT).join(name));
    held.chain(beside).map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())).collect()
}

/// The words of a text that begin so, of what else may be in one.
fn words<'a>(text: &'a str, begin: &'a str, more: fn(char) -> bool) -> impl Iterator<Item = &'a str> {
    text.match_indices(begin).map(move |(at, _)| {
        let rest = &text[at..];
        &rest[..rest.find(|c: char| !more(c) && !begin.contains(c)).unwrap_or(rest.len())]
    })
}

#[apply(limited!)]
#[test]
fn every_setting_that_a_deployment_names_is_one() {
    let settings = reference::settings();
    let mut unknown = BTreeSet::new();
    for (file, text) in files() {
        for name in words(&text, "HANDOVER_", |c| c.is_ascii_uppercase() || c == '_') {
            let setting = name.strip_suffix("_FILE").unwrap_or(name);
            // of the composition alone
            if setting != "HANDOVER_PORTS" && !settings.contains(&format!("`{setting}`")) {
                unknown.insert(format!("{file}: {name}"));
            }
        }
    }
    assert_eq!(unknown, BTreeSet::new());
}

#[apply(limited!)]
#[test]
fn every_health_path_that_a_deployment_names_is_a_route() {
    let mut named = 0;
    for (file, text) in files() {
        // not those of a query's pattern
        for path in words(&text, "/health/", |c| c.is_ascii_lowercase()).filter(|path| *path != "/health/") {
            assert!(ROUTES.iter().any(|route| route.on == On::Public && route.path == path), "{file}: {path}");
            named += 1;
        }
    }
    assert!(named > 5);
}

#[apply(both_engines!)]
async fn the_dashboard_and_the_alerts_name_metrics_that_are_shown_and_the_dashboard_all_of_them(server: TestServer) {
    server.get("/health/live").await.is(200); // a family without a member is not shown
    let answer = server.get("/metrics").by_nobody().await.is(200);
    let samples = answer.text().lines().filter(|line| !line.starts_with('#'));
    let shown: BTreeSet<&str> = samples.filter_map(|line| line.split(['{', ' ']).next()).collect();
    let named = |file: &str| -> BTreeSet<String> {
        let text = fs::read_to_string(Path::new(ROOT).join("deploy").join(file)).unwrap();
        words(&text, "handover_", |c| c.is_ascii_lowercase() || c == '_').map(str::to_owned).collect()
    };
    let (dashboard, alerts) = (named("grafana.json"), named("alerts.yaml"));
    let unknown: Vec<_> = dashboard.union(&alerts).filter(|name| !shown.contains(name.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?} of {shown:?}");
    let left_out: Vec<_> = shown.into_iter().filter(|name| !dashboard.contains(*name)).collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}

/// What the program holds of other folders is there where the image is built.
#[apply(limited!)]
#[test]
fn what_the_code_includes_is_in_the_image() {
    let dockerfile = fs::read_to_string(Path::new(ROOT).join("Dockerfile")).unwrap();
    let seen = fs::read_to_string(Path::new(ROOT).join(".dockerignore")).unwrap();
    let serve = fs::read_to_string(Path::new(ROOT).join("src/cli/serve.rs")).unwrap();
    let included: Vec<&str> =
        serve.split("include_bytes!(\"../../").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(included, ["docs/seed.yaml"]);
    for file in included {
        assert!(dockerfile.contains(&format!("\nCOPY {file} {file}\n")) && seen.contains(&format!("\n!{file}\n")), "{file}");
    }
}

#[apply(limited!)]
#[test]
fn the_image_is_of_no_one_processor() {
    let file = fs::read_to_string(Path::new(ROOT).join("Dockerfile")).unwrap();
    for name in ["amd64", "x86_64", "x86-64", "arm64", "aarch64", "--platform"] {
        assert!(!file.contains(name), "{name}");
    }
}
