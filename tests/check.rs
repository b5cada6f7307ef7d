//! Check: what is wrong in a database is named, row by row.

use crate::support::{Database, Engine, alter, apply, binary, both_engines, json, new_id, volume};

const LIMITS: &str = "a limit is -1 or more, and a row of limits says at least one";
const USAGE: &str = "what a project has by its quotas is what there is";

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
        ("UPDATE backups SET status = ''", "every row fits a state", false),
        ("INSERT INTO quota_limits (project_id, volumes) VALUES ('a b', 1)", "every row fits a state: a b: ", false),
        ("INSERT INTO quota_limits (project_id, volumes) VALUES ('', -2)", LIMITS, false),
        ("INSERT INTO quota_limits (project_id) VALUES ('alpha')", LIMITS, false),
        ("UPDATE quota_usage SET volumes = 3 WHERE project_id = 'alpha'", USAGE, false),
    ] {
        let database = Database::fresh(engine);
        let mut one = volume("alpha");
        one["snapshots"] = json!([{"id": new_id()}]);
        let backup = json!({"id": new_id(), "volume_id": new_id(), "project_id": "beta", "size": 1});
        binary::import(&database.url, &json!({"volumes": [one, volume("alpha")], "backups": [backup]}));
        alter(&database.url, sql).await;
        let (status, out) = check(&database.url);
        assert_eq!(status, Some(1), "{sql}: {out}");
        assert!(out.lines().all(|line| line.starts_with(sentence)), "{sql}: {out}");
        assert_eq!(out.lines().count(), if row { 2 } else { 1 }, "{sql}: {out}");
        assert!(!row || out.contains(one["id"].as_str().unwrap()), "{sql}: {out}");
    }
}

#[apply(both_engines!)]
async fn usage_that_is_not_what_there_is_is_named_by_project_and_resource(engine: Engine) {
    let database = Database::fresh(engine);
    let mut one = volume("alpha");
    one["backups"] = json!([{"id": new_id(), "project_id": "beta", "size": 5}]);
    binary::import(&database.url, &json!({"volumes": [one, volume("alpha")]}));
    alter(&database.url, "UPDATE quota_usage SET volumes = 7 WHERE project_id = 'alpha'").await;
    alter(&database.url, "DELETE FROM quota_usage WHERE project_id = 'beta'").await;
    alter(
        &database.url,
        "INSERT INTO quota_usage (project_id, volumes, snapshots, gigabytes, backups, backup_gigabytes)
         VALUES ('gamma', 0, 2, 0, 0, 0), ('nobody', 0, 0, 0, 0, 0)",
    )
    .await;
    let named = [
        "alpha: volumes: 7 counted, 2 there",
        "beta: backup_gigabytes: 0 counted, 5 there",
        "beta: backups: 0 counted, 1 there",
        "gamma: snapshots: 2 counted, 0 there",
    ];
    let (status, out) = check(&database.url);
    assert_eq!(status, Some(1));
    assert_eq!(out.lines().collect::<Vec<_>>(), named.map(|found| format!("{USAGE}: {found}")));
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
