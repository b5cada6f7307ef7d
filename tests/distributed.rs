//! Every statement keeps the rules of a PostgreSQL whose tables are distributed by volume: what it cannot do is not asked of it.

use std::fs;
use std::path::Path;

use crate::support::{apply, limited};

/// The texts of the store and of PostgreSQL's migrations, without comments, white space as one blank.
fn texts(folder: &str, comment: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| line.split_once(comment).map_or(line, |(before, _)| before));
        let words: Vec<String> =
            lines.flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
        found.push((path.file_name().unwrap().to_str().unwrap().to_owned(), words.join(" ")));
    }
    found
}

#[apply(limited!)]
#[test]
fn no_statement_asks_for_what_a_distributed_database_cannot_do() {
    let sources = texts("src/store", "//");
    assert!(sources.len() > 20, "the store is found: {}", sources.len());
    for (file, text) in &sources {
        for forbidden in
            ["SKIP LOCKED", "ANY (ARRAY(SELECT", "ANY(ARRAY(SELECT", "NOTIFY", "LISTEN ", "pg_advisory", "nextval", "TRUNCATE"]
        {
            assert!(!text.contains(forbidden), "{file}: {forbidden}");
        }
        // several rows are locked by changing them: FOR UPDATE goes with an equality
        for (at, _) in text.match_indices("FOR UPDATE") {
            let before = &text[..at];
            let condition = &before[before.rfind("WHERE").map_or(0, |at| at)..];
            let is_equal = condition.contains(" = ");
            let is_helper = condition.contains("bind(id.into())");
            assert!(
                (is_equal || is_helper) && !condition.contains("ANY") && !condition.contains("ORDER BY"),
                "{file}: {condition}"
            );
        }
        // CASE x WHEN 1 in an UPDATE is refused there: CASE WHEN x = 1
        for (at, _) in text.match_indices("CASE ") {
            assert!(
                text[at..].starts_with("CASE WHEN ") || text[at..].starts_with("CASE jsonb_typeof"),
                "{file}: {:.60}",
                &text[at..]
            );
        }
    }
}

/// Of a table that is whole wherever it is, so that it may have any key.
const ANY: &str = "";

/// By which column each table is distributed, or what it is instead.
const DISTRIBUTED: &[(&str, &str)] = &[
    ("volumes", "id"),
    ("snapshots", "volume_id"),
    ("backups", "volume_id"),
    ("transfers", "volume_id"),
    ("acts", "target"),
    ("idempotency_keys", "key_hash"),
    ("quota_usage", "project_id"),
    ("refusals", "project_id"),
    ("attempts", "project_id"),
    // on every node, or on one
    ("quota_limits", "project_id"),
    ("transfer_counts", "slot"),
    ("locks", "name"),
    ("identity_entities", "kind"),
    ("identity_grants", "project_id"),
    ("identity_credentials", "user_id"),
    ("identity_sessions", "token_hash"),
    ("volume_types", ANY),
];

#[apply(limited!)]
#[test]
fn every_unique_key_holds_the_column_that_its_table_is_distributed_by() {
    let schema: String = texts("migrations/postgres", "--").into_iter().map(|(_, text)| text + " ").collect();
    for forbidden in ["SERIAL", "CREATE TRIGGER", "CREATE FUNCTION", "CREATE SEQUENCE", "GENERATED"] {
        assert!(!schema.contains(forbidden), "{forbidden}");
    }
    let mut seen = 0;
    for statement in schema.split(';').map(str::trim) {
        let words: Vec<&str> = statement.split([' ', '(']).filter(|word| !word.is_empty()).collect();
        let (table, key) = match words.as_slice() {
            ["CREATE", "TABLE", table, ..] => {
                let whole = statement.split("PRIMARY KEY (").nth(1).and_then(|key| key.split(')').next());
                let column =
                    statement.split(" NOT NULL PRIMARY KEY").next().and_then(|before| before.rsplit([',', '(']).next());
                (
                    *table,
                    whole.or_else(|| column.and_then(|column| column.split_whitespace().next())).unwrap_or_default().to_owned(),
                )
            }
            ["CREATE", "UNIQUE", "INDEX", _, "ON", table, ..] => {
                let columns = statement.split_once('(').and_then(|(_, columns)| columns.split(')').next()).unwrap_or_default();
                (*table, columns.to_owned())
            }
            _ => continue,
        };
        seen += 1;
        let (_, by) = DISTRIBUTED
            .iter()
            .find(|(known, _)| *known == table)
            .unwrap_or_else(|| panic!("{table} is distributed by nothing: add it"));
        assert!(key.split(", ").any(|column| column == *by || *by == ANY), "{table}: the unique key ({key}) has not {by}");
    }
    assert!(seen >= DISTRIBUTED.len(), "the tables are found: {seen}");
}
