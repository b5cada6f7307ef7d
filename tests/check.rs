//! Check: what is wrong in a database is named, row by row.

use crate::support::{Database, Engine, alter, apply, binary, both_engines, json, new_id, volume};

/// What `check` prints, and how it exits.
fn check(url: &str) -> (Option<i32>, String) {
    let output = binary::run(&["check", "--database-url", url], "");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[apply(both_engines!)]
async fn a_sound_database_is_said_to_be(engine: Engine) {
    let database = Database::fresh(engine);
    let one = volume("alpha");
    let transfer = json!({"id": new_id(), "volume_id": one["id"], "auth_key": "k"});
    binary::import(&database.url, &json!({"volumes": [one, volume("beta")], "transfers": [transfer]}));
    let (status, out) = check(&database.url);
    assert_eq!(status, Some(0), "{out}");
    assert!(out.ends_with(" invariants hold; volumes: 2, transfers: 1\n"), "{out}");
}

#[apply(both_engines!)]
async fn a_row_at_fault_is_named_with_the_sentence_that_it_breaks(engine: Engine) {
    for (sql, sentence, row) in [
        (
            "UPDATE volumes SET status = 'awaiting-transfer'",
            "a volume is awaiting-transfer only if a pending transfer names it",
            true,
        ),
        ("UPDATE volumes SET status = 'NO STATUS'", "every row fits a state", true),
        ("UPDATE volumes SET extra = '[]'", "every row fits a state", true),
        ("UPDATE snapshots SET status = ''", "every row fits a state", false),
        (
            "INSERT INTO idempotency_keys (key_hash, request_hash, created_at) SELECT 'k', 'r', MIN(created_at) FROM volumes",
            "a request that was done once is kept as two hashes, and its answer sealed until it is wiped: k",
            false,
        ),
        ("UPDATE transfer_counts SET deleted = 1 WHERE slot = 0", "the counts by state are those of the rows", false),
    ] {
        let database = Database::fresh(engine);
        let mut one = volume("alpha");
        one["snapshots"] = json!([{"id": new_id()}]);
        binary::import(&database.url, &json!({"volumes": [one, volume("alpha")]}));
        alter(&database.url, sql).await;
        let (status, out) = check(&database.url);
        assert_eq!(status, Some(1), "{sql}: {out}");
        assert!(out.lines().all(|line| line.starts_with(sentence)), "{sql}: {out}");
        assert_eq!(out.lines().count(), if row { 2 } else { 1 }, "{sql}: {out}");
        assert!(!row || out.contains(one["id"].as_str().unwrap()), "{sql}: {out}");
    }
}

#[apply(both_engines!)]
async fn a_hash_that_only_looks_like_one_is_found(engine: Engine) {
    let database = Database::fresh(engine);
    let one = volume("alpha");
    let id = new_id();
    binary::import(
        &database.url,
        &json!({"volumes": [one], "transfers": [{"id": id, "volume_id": one["id"], "auth_key": "k"}]}),
    );
    alter(&database.url, "UPDATE transfers SET auth_key_hash = '$argon2id$gone'").await;
    assert_eq!(
        check(&database.url),
        (Some(1), format!("the hash of a pending transfer's key can be checked: {id}: a hash that cannot be checked\n"))
    );
}

#[apply(both_engines!)]
async fn a_database_without_tables_is_not_said_to_be_sound(engine: Engine) {
    let database = Database::empty(engine);
    let output = binary::run(&["check", "--database-url", &database.url], "");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("run `handover migrate` first"), "{said}");
}
