//! The documents say what the code does: what is printed from the code is what it prints now (`UPDATE_DOCS=1` writes it
//! anew), the references name all that there is, and every link leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use handover::domain::Dialect;
use handover::domain::rules::RuleSet;
use handover::http::answer::errors;
use handover::http::answer::problem::{Kind, Problem};
use handover::http::answer::success::Measured;
use handover::http::routes::{On, ROUTES};
use handover::http::transport::metrics::Metrics;
use handover::store::counts::Counts;

use crate::house::sources;
use crate::support::{OpenApiContract, Value, apply, limited, openapi, reference};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Holds a file to what the code prints, or writes it anew.
fn printed(path: &str, text: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(Path::new(ROOT).join(path), text).unwrap();
    }
    // not by `assert_eq`: nobody reads two documents side by side
    assert!(
        read(path) == text,
        "{path} is not what the code prints: run UPDATE_DOCS=1 cargo test is_printed, and look at the change"
    );
}

/// The same of a file that is packed: what is in it counts, not how.
fn packed(path: &str, text: &str) {
    let file = Path::new(ROOT).join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let mut packing = GzEncoder::new(Vec::new(), Compression::best());
        packing.write_all(text.as_bytes()).unwrap();
        fs::write(&file, packing.finish().unwrap()).unwrap();
    }
    let mut held = String::new();
    GzDecoder::new(&*fs::read(&file).unwrap()).read_to_string(&mut held).unwrap();
    assert!(held == text, "{path} is not what the code prints: run UPDATE_DOCS=1 cargo test is_printed");
}

/// What of `wanted` the document does not name between backticks.
fn unnamed(document: &str, wanted: impl IntoIterator<Item = String>) -> Vec<String> {
    let text = read(document);
    let wanted: BTreeSet<String> = wanted.into_iter().collect();
    assert!(!wanted.is_empty());
    wanted.into_iter().filter(|name| !text.contains(&format!("`{name}`"))).collect()
}

#[apply(limited!)]
#[test]
fn the_settings_reference_is_printed_from_the_declarations() {
    printed("docs/settings.md", &reference::settings());
}

#[apply(limited!)]
#[test]
fn the_policy_is_printed_from_the_table() {
    printed("docs/policy.md", &reference::policy());
}

#[apply(limited!)]
#[test]
fn the_limits_are_printed_from_the_table() {
    for limit in handover::domain::limits::all() {
        assert_eq!(limit.texts.concat().matches(". ").count(), 2, "{}: of what, what beyond, and why", limit.name);
    }
    printed("docs/limits.md", &reference::limits());
}

/// So that a change of what clients see is seen where it is reviewed.
#[apply(limited!)]
#[test]
fn the_openapi_document_is_printed_from_the_code() {
    printed("docs/openapi.json", &(laid_out(&OpenApiContract::with(None).document, 0) + "\n"));
    for (name, dialect) in [("any", None), ("evs", Some(Dialect::Evs)), ("openstack", Some(Dialect::Openstack))] {
        packed(&format!("src/http/resources/openapi/{name}.json.gz"), &openapi::document(dialect, "").to_string());
    }
}

/// What fits on a line is one: a change is a line then, and half as many are there to read.
fn laid_out(value: &Value, indent: usize) -> String {
    const WIDTH: usize = 128;
    let whole = value.to_string();
    let inside = |value: &Value| laid_out(value, indent + 2);
    let (items, [begin, end]): (Vec<String>, _) = match value {
        Value::Object(map) if indent + whole.len() > WIDTH => {
            (map.iter().map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), inside(value))).collect(), ["{", "}"])
        }
        Value::Array(list) if indent + whole.len() > WIDTH => (list.iter().map(inside).collect(), ["[", "]"]),
        _ => return whole,
    };
    let (deep, shallow) = (" ".repeat(indent + 2), " ".repeat(indent));
    format!("{begin}\n{deep}{}\n{shallow}{end}", items.join(&format!(",\n{deep}")))
}

#[apply(limited!)]
#[test]
fn the_api_reference_names_every_path_with_its_methods() {
    let text = read("docs/api.md") + &read("docs/identity.md");
    for route in ROUTES {
        let (cell, versions) = match route.on {
            On::Both => (format!("`…{}`", route.path), "| v2, v3 |"),
            On::V3 => (format!("`…{}`", route.path), "| v3 |"),
            On::Own => (format!("`/handover/v1{}`", route.path), "|"),
            On::Public => (format!("`{}`", route.path), "|"),
            On::Identity | On::SignIn => (format!("`/identity/v3{}`", route.path), "|"),
        };
        let row = text.lines().find(|line| line.starts_with('|') && line.contains(&cell) && line.contains(versions));
        let row = row.unwrap_or_else(|| panic!("docs/api.md has no row for {cell} {versions}"));
        assert!(row.contains(route.method.as_str()), "docs/api.md, {cell}: {} is missing", route.method.as_str());
    }
}

#[apply(limited!)]
#[test]
fn the_api_reference_names_every_refusal() {
    let codes = [RuleSet::Evs, RuleSet::Openstack].into_iter().flat_map(RuleSet::rules).map(|rule| rule.code.to_owned());
    assert_eq!(unnamed("docs/api.md", codes), [""; 0]);
}

#[apply(limited!)]
#[test]
fn the_api_reference_names_every_error_in_both_dialects() {
    let text = read("docs/api.md");
    for kind in Kind::ALL.iter().copied() {
        let problem = Problem::new(kind, "");
        let evs = errors::body(&problem, Dialect::Evs)["error"]["code"].as_str().unwrap().to_owned();
        let openstack = errors::body(&problem, Dialect::Openstack).as_object().unwrap().keys().next().unwrap().clone();
        let cells = format!("| {} | `{evs}` | `{openstack}` |", kind.row().status.as_u16());
        assert!(text.contains(&cells), "docs/api.md has no row `{cells}` for {kind:?}");
    }
}

#[apply(limited!)]
#[test]
fn the_deployment_guide_names_every_metric() {
    let metrics = Metrics::registered();
    metrics.answered("GET", "/", 200, Duration::ZERO); // a family without a member is not written
    let transfers = Some(Counts::default());
    let text = metrics.text(&Measured {
        is_open: true,
        transfers,
        connections: (1, 1),
        hash_waiting: 0,
        refusals_not_kept: 0,
        sign_ins: vec![("done", 1)],
    });
    // a sample's name, without the endings that a histogram adds to its own
    let names = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()
    });
    assert_eq!(unnamed("docs/deploy.md", names), [""; 0]);
}

#[apply(limited!)]
#[test]
fn the_changelog_has_a_section_of_this_version() {
    let section = format!("\n## [{}] - ", env!("CARGO_PKG_VERSION"));
    assert!(read("CHANGELOG.md").contains(&section), "CHANGELOG.md has no section `{section}`: see docs/release.md");
}

#[apply(limited!)]
#[test]
fn every_link_of_a_document_leads_somewhere() {
    let mut astray = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for target in links(&text).filter(|target| !target.contains("://")) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            let has_anchor = || anchor.is_empty() || anchors(&fs::read_to_string(&file).unwrap_or_default()).contains(anchor);
            if !file.exists() || !has_anchor() {
                astray.push(format!("{}: {target}", document.strip_prefix(ROOT).unwrap().display()));
            }
        }
    }
    assert_eq!(astray, [""; 0]);
}

/// Whoever copies a command must have the program. Pages that are printed from the code are looked up, not read.
#[apply(limited!)]
#[test]
fn a_page_that_calls_the_program_says_first_where_it_comes_from() {
    let printed = ["settings.md", "policy.md", "limits.md"];
    let mut silent = Vec::new();
    for page in documents() {
        let text = fs::read_to_string(&page).unwrap();
        let calls =
            ["`handover ", "`handover\n", "\nhandover ", "\n$ handover "].iter().filter_map(|call| text.find(call)).min();
        let told = text.find("](../README.md#run-it)");
        let in_docs = page.parent().unwrap().ends_with("docs") && !printed.iter().any(|name| page.ends_with(name));
        if in_docs && calls.is_some_and(|at| told.is_none_or(|told| told > at + 60)) {
            silent.push(page.file_name().unwrap().to_owned());
        }
    }
    assert_eq!(silent, [""; 0]);
    assert!(read("README.md").contains("cargo install --locked --path ."));
}

/// Of what a link calls itself, where it must lead.
const SUBJECTS: &[(&str, &str)] = &[
    ("quota", "quotas"),
    ("metric", "metrics"),
    ("polic", "policy"),
    ("histor", "history"),
    ("prox", "proxy"),
    ("upgrad", "upgrade"),
    ("volume type", "volume-types"),
];

#[apply(limited!)]
#[test]
fn a_link_leads_where_its_words_say() {
    let mut misleading = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (before, after) in text.match_indices("](").map(|(at, _)| text.split_at(at)) {
            let words = before.rsplit('[').next().unwrap_or_default().to_lowercase();
            let target = after[2..].split(')').next().unwrap_or_default();
            let own = document.file_name().unwrap().to_str().unwrap(); // of an anchor alone
            if words.starts_with("`--") {
                continue; // the name of a setting leads to the settings
            }
            for (subject, place) in SUBJECTS {
                if words.contains(subject) && !format!("{own} {target}").contains(place) {
                    misleading.push(format!("{own}: [{words}]({target})"));
                }
            }
        }
    }
    assert_eq!(misleading, [""; 0]);
}

/// What the messages on the page have of others: of the system, of the parser of flags, and what is filled in.
const OF_OTHERS: &[&str] = &["Address already in use", "invalid value", "for --", "Transfer", "Volume"];

#[apply(limited!)]
#[test]
fn troubleshooting_speaks_of_messages_that_there_are() {
    // a text over several lines is one; a macro's or a format's is as it is written
    let code = sources("src").into_iter().map(|source| joined(&source.code)).collect::<String>();
    let lines: Vec<&str> = code.lines().collect();
    let page = read("docs/troubleshooting.md");
    let cells = page.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next());
    let messages: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(messages.len() > 20);
    let gone: Vec<_> = messages.into_iter().filter(|message| !lines.iter().any(|line| says(line, message))).collect();
    assert_eq!(gone, [""; 0]);
}

/// Whether a line of code has the fixed parts of a message, one behind the other.
fn says(line: &str, message: &str) -> bool {
    let parts = message.split(['…', ':']).map(str::trim).filter(|part| !part.is_empty() && !OF_OTHERS.contains(part));
    let mut rest = Some(line);
    for part in parts {
        rest = rest.and_then(|line| line.split_once(part)).map(|(_, rest)| rest);
    }
    rest.is_some()
}

/// Code in which each text is on one line.
fn joined(code: &str) -> String {
    let line = |line: &str| line.trim_start().strip_suffix('\\').map_or_else(|| format!("{}\n", line.trim()), str::to_owned);
    code.lines().map(line).collect()
}

/// Every Markdown file at the top and in docs/.
fn documents() -> Vec<PathBuf> {
    let folders = [Path::new(ROOT).to_owned(), Path::new(ROOT).join("docs")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let documents: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    assert!(documents.len() > 5, "{documents:?}");
    documents
}

/// The targets of `[text](target)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

/// What the headings of a document are called in links: lower case, blanks as hyphens, without other signs.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept =
        |heading: &str| heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect::<String>();
    headings.map(|heading| kept(heading).to_lowercase().replace(' ', "-")).collect()
}
