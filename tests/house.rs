//! The house keeps its shape: arrows between folders, and between the floors of http, run one way; files stay short; SQL stays in
//! the store.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use handover::http::routes::ROUTES;

use crate::support::{apply, limited};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// From each folder or file of src, what it may use: the map in lib.rs, as arrows. An arrow that nobody uses any more fails
/// too, so that the table stays the truth.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &[]),
    ("cli", &["app", "asking", "domain", "logs", "secrets", "service", "settings", "store", "system"]),
    ("app", &["clock", "domain", "http", "identity", "secrets", "service", "settings", "store", "system", "tls", "workers"]),
    ("workers", &["domain", "service", "store", "tls"]),
    ("settings", &["domain", "identity", "logs", "secrets"]),
    ("logs", &["domain"]),
    ("system", &["clock", "domain", "secrets"]),
    ("http", &["domain", "identity", "json", "secrets", "service", "settings", "store", "tls"]),
    ("identity", &["asking", "clock", "domain", "secrets", "store"]),
    ("service", &["clock", "document", "domain", "secrets", "store"]),
    ("secrets", &["domain"]),
    ("clock", &["domain"]),
    ("document", &["domain", "json"]),
    ("store", &["domain"]),
    ("asking", &[]),
    ("tls", &[]),
    ("json", &["domain"]),
    ("domain", &[]),
];

/// Files that may use what others of their folder may not.
const ONLY: &[(&str, &str)] = &[("settings", "src/http/transport/server.rs"), ("tls", "src/http/transport/server.rs")];

/// The floors of http, from the top down: a file may use its own floor and those below it.
const FLOORS: &[&[&str]] = &[&["transport"], &["routes"], &["resources"], &["operation"], &["request", "answer"]];

pub struct Source {
    path: String,
    /// Without the tests at its end, and without comments.
    pub code: String,
    lines: usize,
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

pub fn sources(folder: &str) -> Vec<Source> {
    let files = rust_files(&Path::new(ROOT).join(folder));
    let source = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let relative = path.strip_prefix(ROOT).unwrap().display().to_string();
        Source { path: relative, code: code(&text), lines: text.lines().count() }
    };
    files.into_iter().map(source).collect()
}

fn code(text: &str) -> String {
    // a module of tests is the last of its file
    let ends = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub mod tests {"];
    let text = ends.iter().fold(text, |text, end| text.split(end).next().unwrap_or_default());
    let lines = text.lines().map(|line| line.split_once("//").map_or(line, |(before, _)| before));
    lines.collect::<Vec<_>>().join("\n")
}

/// `src/http/list.rs` is of `http`, `src/settings.rs` of `settings`.
fn room(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap();
    inside.split('/').next().unwrap().trim_end_matches(".rs")
}

/// What a file is as a module: `http::request` is in `src/http/request/mod.rs`.
fn module(path: &str) -> String {
    let inside = path.strip_prefix("src/").unwrap().trim_end_matches(".rs");
    inside.trim_end_matches("/mod").replace('/', "::")
}

/// Every path that the code of a module names, from the root of the crate: in `use` lines, each leaf of their braces, and
/// elsewhere. What begins with neither `crate` nor `super` nor `self` may be a child of the module's.
fn paths(here: &str, code: &str) -> Vec<String> {
    let mut named = Vec::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        if let Some(first) = line.trim_start().trim_start_matches("pub ").strip_prefix("use ") {
            let mut tree = first.to_owned();
            while !tree.contains(';') {
                tree.push_str(lines.next().unwrap());
            }
            leaves("", tree.trim_end_matches(';'), &mut named);
        } else {
            let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
            named.extend(words.filter(|word| word.contains("::")).map(str::to_owned));
        }
    }
    named.iter().map(|path| from_root(here, path)).collect()
}

/// The paths of a `use`, braces taken apart.
fn leaves(before: &str, tree: &str, found: &mut Vec<String>) {
    let Some((head, inside)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap().trim();
        found.push(format!("{before}{name}"));
        return;
    };
    let before = format!("{before}{}", head.trim());
    let (mut depth, mut item) = (0, String::new());
    for c in inside.rsplit_once('}').unwrap().0.chars().chain([',']) {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c != ',' || depth > 0 {
            item.push(c);
        } else if !item.trim().is_empty() {
            leaves(&before, &std::mem::take(&mut item), found);
        }
    }
}

fn from_root(here: &str, path: &str) -> String {
    let (first, rest) = path.split_once("::").unwrap_or((path, ""));
    match first {
        "crate" => rest.to_owned(),
        "self" => from_root(here, rest),
        "super" => from_root(here.rsplit_once("::").map_or("", |(above, _)| above), rest),
        _ => format!("{here}::{path}"),
    }
}

/// From each file to those of the others whose modules it names.
fn arrows(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let files: BTreeMap<String, &str> = sources.iter().map(|source| (module(&source.path), &*source.path)).collect();
    let owner = |path: String| {
        let ends = path.match_indices("::").map(|(at, _)| at).chain([path.len()]).collect::<Vec<_>>();
        ends.into_iter().rev().find_map(|end| files.get(&path[..end]).map(|file| (*file).to_owned()))
    };
    let of = |source: &Source| {
        let named = paths(&module(&source.path), &source.code).into_iter().filter_map(owner);
        (source.path.clone(), named.filter(|to| *to != source.path).collect())
    };
    sources.iter().map(of).collect()
}

/// The files on a circle of arrows, and between two: those that are left when all is taken away that nobody uses, or that uses
/// nobody.
fn circle(arrows: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut left: BTreeSet<String> = arrows.keys().cloned().collect();
    loop {
        let uses = |from: &str, to: &str| arrows[from].contains(to);
        let is_between = |file: &&String| left.iter().any(|to| uses(file, to)) && left.iter().any(|from| uses(from, file));
        let fewer: BTreeSet<String> = left.iter().filter(is_between).cloned().collect();
        if fewer.len() == left.len() {
            return left;
        }
        left = fewer;
    }
}

#[apply(limited!)]
#[test]
fn arrows_between_rooms_run_one_way() {
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for source in sources("src").iter().filter(|source| source.path != "src/lib.rs") {
        let from = room(&source.path);
        let named = paths(&module(&source.path), &source.code);
        let rooms: BTreeSet<&str> = named.iter().map(|path| path.split("::").next().unwrap()).collect();
        for to in rooms.into_iter().filter(|to| *to != from) {
            if let Some((_, only)) = ONLY.iter().find(|(what, _)| *what == to && from == "http") {
                assert_eq!(source.path, *only, "of http, only this uses {to}");
            }
            found.entry(from.to_owned()).or_default().entry(to.to_owned()).or_insert_with(|| source.path.clone());
        }
    }
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ARROWS.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect();
    for (from, arrows) in &found {
        let allowed = allowed.get(&**from).unwrap_or_else(|| panic!("{from} is a new room: draw its arrows in ARROWS"));
        for (to, example) in arrows {
            assert!(allowed.contains(&**to), "{example}: {from} may not use {to}; it may use {allowed:?}");
        }
    }
    for (from, arrows) in &allowed {
        let used: BTreeSet<&str> = found.get(*from).into_iter().flat_map(BTreeMap::keys).map(String::as_str).collect();
        let unused: Vec<_> = arrows.difference(&used).collect();
        assert!(unused.is_empty(), "{from} uses {unused:?} no more: take the arrows out of ARROWS");
    }
}

#[apply(limited!)]
#[test]
fn no_files_of_http_know_each_other_in_a_circle_and_arrows_between_its_floors_go_down() {
    let sources = sources("src/http");
    let arrows = arrows(&sources);
    let count: usize = arrows.values().map(BTreeSet::len).sum();
    assert!(count > 2 * sources.len(), "{count} arrows between {} files: they are not all seen", sources.len());
    let floor = |path: &str| {
        let name = module(path).split("::").nth(1).map(str::to_owned);
        name.map(|name| FLOORS.iter().position(|floor| floor.contains(&&*name)).unwrap_or_else(|| panic!("{name} is no floor")))
    };
    for (from, to) in arrows.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to))) {
        assert!(floor(from) <= floor(to), "{from} uses {to}, which is on a floor above it: {FLOORS:?}");
    }
    assert_eq!(circle(&arrows), BTreeSet::new());
}

#[apply(limited!)]
#[test]
fn a_circle_is_found_however_a_file_names_another() {
    let circle_of = |codes: &[(&str, &str)]| {
        let source = |(path, code): &(&str, &str)| Source { path: (*path).to_owned(), code: (*code).to_owned(), lines: 1 };
        circle(&arrows(&codes.iter().map(source).collect::<Vec<_>>())).len()
    };
    let (a, b, all) = ("src/http/x/a.rs", "src/http/x/b.rs", "src/http/x/mod.rs");
    for back in [
        "use super::a;",
        "use crate::{\n    domain::Id,\n    http::x::{a::{self as c, A}, d},\n};",
        "f(super::a::f)",
        "crate::http::x::a::f()",
    ] {
        assert_eq!(circle_of(&[(a, "use super::b::B;"), (b, back)]), 2, "{back}");
    }
    assert_eq!(circle_of(&[(all, "a::f()"), (a, "use super::f;")]), 2, "a child, and what it is in");
    assert_eq!(circle_of(&[(all, "pub mod a;\n\na::f()"), (a, "use super::b;"), (b, "use crate::http::y;")]), 0);
}

#[apply(limited!)]
#[test]
fn every_room_is_on_the_map_in_lib_rs() {
    let map = fs::read_to_string(Path::new(ROOT).join("src/lib.rs")).unwrap();
    for (room, _) in ARROWS.iter().filter(|(room, _)| *room != "main") {
        assert!(map.contains(&format!("[`{room}`]")), "the map in lib.rs does not name {room}");
    }
}

#[apply(limited!)]
#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, String)> =
        ["src", "tests"].iter().flat_map(|folder| sources(folder)).map(|source| (source.lines, source.path)).collect();
    lengths.sort();
    let (longest, path) = lengths.last().unwrap();
    assert!(*longest <= 400, "{path} has {longest} lines: split it");
    let mut of_src: Vec<usize> = sources("src").iter().map(|source| source.lines).collect();
    of_src.sort_unstable();
    let (nine_in_ten, median) = (of_src[of_src.len() * 9 / 10], of_src[of_src.len() / 2]);
    assert!(nine_in_ten <= 300, "nine in ten files have up to {nine_in_ten} lines, not 300");
    assert!(median <= 120, "the median file has {median} lines, not 120");
}

#[apply(limited!)]
#[test]
fn sql_and_its_driver_stay_in_the_store() {
    for source in sources("src").iter().filter(|source| room(&source.path) != "store") {
        assert!(!source.code.contains("sqlx"), "{} knows the driver", source.path);
        for words in ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA "] {
            assert!(!source.code.contains(words), "{} holds SQL: {words}", source.path);
        }
    }
}

#[apply(limited!)]
#[test]
fn sql_is_put_together_at_run_time_in_one_place_beside_the_migrations() {
    let put_together = ["src/store/migrate.rs", "src/store/select.rs"];
    for source in sources("src").iter().filter(|source| !put_together.contains(&source.path.as_str())) {
        assert!(!source.code.contains("AssertSqlSafe"), "{}", source.path);
    }
}

#[apply(limited!)]
#[test]
fn the_service_never_unwraps_and_an_expect_says_why() {
    for source in sources("src") {
        assert!(!source.code.contains(".unwrap()"), "{} unwraps", source.path);
        assert!(!source.code.contains(".expect(\"\")"), "{} expects without a reason", source.path);
        for word in ["todo!(", "unimplemented!(", "dbg!(", "TODO", "FIXME", "#[ignore"] {
            assert!(!source.code.contains(word), "{} holds {word}", source.path);
        }
    }
}

/// Extract, call, view.
#[apply(limited!)]
#[test]
fn a_handler_has_twenty_lines_at_most() {
    let mut handlers = 0;
    for path in rust_files(&Path::new(ROOT).join("src/http/resources")) {
        let text = fs::read_to_string(&path).unwrap();
        for handler in text.split("\nasync fn ").skip(1).chain(text.split("\npub async fn ").skip(1)) {
            let lines = handler.lines().take_while(|line| *line != "}").count();
            assert!(lines <= 20, "{}: {:.40} has {lines} lines", path.display(), handler);
            handlers += 1;
        }
    }
    assert!(handlers >= ROUTES.len() / 2, "the handlers of {} rows are read here: {handlers}", ROUTES.len());
}

#[apply(limited!)]
#[test]
fn every_snapshot_is_of_a_test() {
    let tests: String =
        rust_files(&Path::new(ROOT).join("tests")).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    for entry in fs::read_dir(Path::new(ROOT).join("tests/snapshots")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let stem = name.strip_suffix(".snap").unwrap_or_else(|| panic!("{name} is pending: look at it, keep it or not"));
        // one name for both versions of the API
        let both = stem.strip_suffix("-on-v2").or(stem.strip_suffix("-on-v3")).unwrap_or(stem).replace('-', " ");
        let is_named = tests.contains(&format!("\"{stem}\"")) || tests.contains(&format!("(\"{both}\", "));
        assert!(is_named, "{name} is of no test: delete it");
    }
}

#[apply(limited!)]
#[test]
fn the_compiler_is_named_once() {
    let read = |name: &str| fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
    let toolchain: toml::Table = read("rust-toolchain.toml").parse().unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    let least = env!("CARGO_PKG_RUST_VERSION");
    assert!(channel.starts_with(&format!("{least}.")), "{channel} is not the {least} of Cargo.toml");
    let major = channel.split('.').next().unwrap();
    assert!(read("Dockerfile").contains(&format!("\nFROM rust:{major}-")), "the Dockerfile builds with a Rust {major}");
}

#[apply(limited!)]
#[test]
fn every_test_has_a_time_limit_and_waits_by_what_has_one() {
    for path in rust_files(&Path::new(ROOT).join("tests")) {
        let text = fs::read_to_string(&path).unwrap();
        // whatever it says of itself as a string, as this test does
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[1].starts_with("#[test]") || pair[1].starts_with("#[tokio::test")) {
            assert_eq!(pair[0], "#[apply(limited!)]", "{}: a test is not limited", path.display());
        }
        let waits = lines.iter().find(|line| line.contains("while ") && line.contains(".await") && !line.contains("\"while "));
        let is_helper = path.ends_with("support/limit.rs");
        assert!(is_helper || waits.is_none(), "{}: {}: wait by `until`", path.display(), waits.unwrap());
    }
}

#[apply(limited!)]
#[test]
fn every_dependency_is_used() {
    let manifest: toml::Table = fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).unwrap().parse().unwrap();
    let code =
        |folders: &[&str]| folders.iter().flat_map(|folder| sources(folder)).map(|source| source.code).collect::<String>();
    for (table, folders) in [("dependencies", &["src"][..]), ("dev-dependencies", &["src", "tests", "benches"])] {
        let code = code(folders);
        for name in manifest[table].as_table().unwrap().keys() {
            let name = name.replace('-', "_");
            // `tokio::time::` is not `time::`
            let begins = |at: usize| !code[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before));
            let is_used =
                [format!("{name}::"), format!("{name};")].iter().any(|path| code.match_indices(path).any(|(at, _)| begins(at)));
            assert!(is_used, "nothing uses {name}: take it out of Cargo.toml's {table}");
        }
    }
}
