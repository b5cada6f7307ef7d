//! Check: what is wrong in a database is named, row by row.

use handover::service::check::{Broken, Checked, check as find_faults};
use handover::store::{Purpose, Store, StoreError, invariants};

use crate::support::{
    Database, Engine, NOBODYS_HASH, Value, alter, apply, binary, both_engines, json, limited, new_id, volume, with,
};

const LIMITS: &str = "a limit is -1 or more, and a row of limits says at least one";
const USAGE: &str = "what a project has by its quotas is what there is";
const FITS: &str = "every row fits a state";
const VERIFIABLE: &str = "the hash of a pending transfer's key can be checked";

/// What `check` prints, and how it exits.
fn check(url: &str) -> (Option<i32>, String) {
    let output = binary::run(&["check", "--database-url", url], "");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// What it finds, where what it prints is not enough.
async fn checked(url: &str) -> Checked {
    let store = Store::open(url, Purpose::Look).await.unwrap();
    let checked = find_faults(&store).await.unwrap();
    store.close().await;
    checked
}

/// The rows that break a sentence.
fn rows<'c>(checked: &'c Checked, sentence: &str) -> Vec<&'c str> {
    checked.faults.iter().filter(|broken| broken.rule == sentence).map(|broken| &*broken.fault.id).collect()
}

/// The number of a row as its id: they are read in this order.
fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// So many volumes on offer: volume and transfer of a number have the same id.
fn offered(rows: usize) -> Value {
    let volumes: Vec<Value> = (1..=rows).map(|number| with(volume("alpha"), json!({"id": id(number)}))).collect();
    let transfer = |number| json!({"id": id(number), "volume_id": id(number), "auth_key_hash": NOBODYS_HASH});
    json!({"volumes": volumes, "transfers": (1..=rows).map(transfer).collect::<Vec<_>>()})
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
            "idempotency_keys, row k: ",
            false,
        ),
        ("UPDATE transfer_counts SET deleted = 1 WHERE slot = 0", "the counts by state are those of the rows", false),
        ("UPDATE backups SET status = ''", "every row fits a state", false),
        (
            "INSERT INTO quota_limits (project_id, volumes) VALUES ('a b', 1)",
            "quota_limits, row a b: its column project_id cannot be read. The rule is: every row fits a state",
            false,
        ),
        ("INSERT INTO quota_limits (project_id, volumes) VALUES ('', -2)", LIMITS, false),
        ("INSERT INTO quota_limits (project_id) VALUES ('alpha')", LIMITS, false),
        ("UPDATE quota_usage SET volumes = 3 WHERE project_id = 'alpha'", USAGE, false),
        ("UPDATE quota_usage SET volume_gigabytes = 3 WHERE project_id = 'alpha'", USAGE, false),
    ] {
        let database = Database::fresh(engine);
        let mut one = volume("alpha");
        one["snapshots"] = json!([{"id": new_id()}]);
        let backup = json!({"id": new_id(), "volume_id": new_id(), "project_id": "beta", "size": 1});
        binary::import(&database.url, &json!({"volumes": [one, volume("alpha")], "backups": [backup]}));
        alter(&database.url, sql).await;
        let (status, out) = check(&database.url);
        assert_eq!(status, Some(1), "{sql}: {out}");
        assert!(out.lines().all(|line| line.contains(sentence)), "{sql}: {out}");
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
        "INSERT INTO quota_usage (project_id, volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes)
         VALUES ('gamma', 0, 2, 0, 0, 0, 0), ('nobody', 0, 0, 0, 0, 0, 0)",
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
    assert_eq!(out.lines().collect::<Vec<_>>(), named.map(|found| format!("quota_usage, row {found}. The rule is: {USAGE}")));
}

/// The database refuses it itself, whoever writes: a pending one has a key and no end, any other an end that is known whole, and no key.
#[apply(both_engines!)]
async fn no_transfer_is_pending_and_ended_or_neither(engine: Engine) {
    let database = Database::fresh(engine);
    binary::import(&database.url, &offered(1));
    let end = "ended_at = created_at, ended_project_id = 'alpha', ended_user_id = 'alice', ended_request_id = id";
    let ended = format!("state = 'deleted', auth_key_hash = NULL, {end}");
    for half in ended.split(", ").chain([end, "state = 'gone'", "resource = 'transfers'"]) {
        assert!(is_refused(&database.url, half).await, "pending, but {half}");
    }
    alter(&database.url, &*format!("UPDATE transfers SET {ended}").leak()).await;
    let nobody = ["ended_at", "ended_project_id", "ended_user_id", "ended_request_id"].map(|column| format!("{column} = NULL"));
    let halves = nobody.iter().map(String::as_str).chain(["state = 'pending'", "auth_key_hash = 'a'"]);
    for half in halves.chain([&*nobody.join(", ")]) {
        assert!(is_refused(&database.url, half).await, "ended, but {half}");
    }
}

/// Whether the database refuses to have all transfers so.
async fn is_refused(url: &str, change: &str) -> bool {
    let store = Store::open(url, Purpose::Command).await.unwrap();
    let mut db = store.transaction().await.unwrap();
    let changed = db.sql(&*format!("UPDATE transfers SET {change}").leak()).run().await;
    drop(db); // its connection goes back before all are closed
    store.close().await;
    matches!(changed, Err(StoreError::Failed(sqlx::Error::Database(no))) if no.is_check_violation())
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
        (Some(1), format!("transfers, row {id}: a hash that cannot be checked. The rule is: {VERIFIABLE}\n"))
    );
}

/// Whoever reads it is told in which table, which row, which rule, and what to do.
#[apply(both_engines!)]
async fn every_invariant_names_a_table_that_is_there(engine: Engine) {
    let database = Database::fresh(engine);
    binary::import(&database.url, &json!({"volumes": []}));
    for (table, rule) in invariants::all().map(invariants::rule) {
        assert!(!rule.is_empty(), "{table}");
        for table in table.split(", ").flat_map(|tables| tables.split(" or ")) {
            alter(&database.url, &*format!("SELECT 1 FROM {table}").leak()).await;
        }
    }
    alter(&database.url, "DELETE FROM transfer_counts").await;
    let output = binary::run(&["check", "--database-url", &database.url], "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("keep a copy for a report, and restore a backup"), "{said}");
}

#[apply(both_engines!)]
async fn a_database_without_tables_is_not_said_to_be_sound(engine: Engine) {
    let database = Database::empty(engine);
    let output = binary::run(&["check", "--database-url", &database.url], "");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("run `handover migrate` first"), "{said}");
}

#[apply(both_engines!)]
async fn a_row_that_fits_no_state_hides_no_row_beside_it(engine: Engine) {
    let database = Database::fresh(engine);
    let mut document = offered(3);
    let copies = |from| json!([{"id": id(from)}, {"id": id(from + 1)}, {"id": id(from + 2)}]);
    let kept = with(volume("alpha"), json!({"id": id(4), "snapshots": copies(10), "backups": copies(20)}));
    document["volumes"].as_array_mut().unwrap().push(kept);
    binary::import(&database.url, &document);
    for sql in [
        "UPDATE volumes SET extra = '[]' WHERE CAST(id AS TEXT) LIKE '%2'",
        "UPDATE snapshots SET status = '' WHERE CAST(id AS TEXT) LIKE '%11'",
        "UPDATE snapshots SET metadata = '-' WHERE CAST(id AS TEXT) LIKE '%12'",
        "UPDATE backups SET status = '' WHERE CAST(id AS TEXT) LIKE '%21'",
        "INSERT INTO quota_limits (project_id, volumes) VALUES ('', 1), ('a b', 1), ('c', 1), ('d/', 1)",
        "UPDATE transfers SET microversion = -1 WHERE CAST(id AS TEXT) LIKE '%2'",
        "UPDATE transfers SET auth_key_hash = '$argon2id$gone' WHERE CAST(id AS TEXT) NOT LIKE '%2'",
    ] {
        alter(&database.url, sql).await;
    }
    let checked = checked(&database.url).await;
    assert_eq!((checked.volumes, checked.transfers), (3, 2));
    let named: Vec<_> =
        checked.faults.iter().map(|Broken { table, rule, fault }| (*table, *rule, &*fault.id, &*fault.found)).collect();
    let gone = "a hash that cannot be checked";
    assert_eq!(
        named,
        [
            ("volumes", FITS, &*id(2), "its column extra cannot be read"),
            ("snapshots", FITS, &*id(11), "its column status cannot be read"),
            ("snapshots", FITS, &*id(12), "its column metadata cannot be read"),
            ("backups", FITS, &*id(21), "its column status cannot be read"),
            ("quota_limits", FITS, "a b", "its column project_id cannot be read"),
            ("quota_limits", FITS, "d/", "its column project_id cannot be read"),
            ("transfers", VERIFIABLE, &*id(1), gone),
            ("transfers", FITS, &*id(2), "its column microversion cannot be read"),
            ("transfers", VERIFIABLE, &*id(3), gone),
        ]
    );
}

#[apply(both_engines!)]
async fn a_hundred_rows_of_a_table_are_named_and_hide_none_of_another(engine: Engine) {
    let database = Database::fresh(engine);
    let mut document = offered(102);
    let kept = with(volume("alpha"), json!({"id": id(104), "snapshots": [{"id": id(103)}]}));
    document["volumes"].as_array_mut().unwrap().push(kept);
    binary::import(&database.url, &document);
    for sql in [
        "UPDATE volumes SET extra = '[]' WHERE status <> 'available'",
        "UPDATE snapshots SET status = ''",
        "UPDATE transfers SET auth_key_hash = '$argon2id$gone'",
    ] {
        alter(&database.url, sql).await;
    }
    let checked = checked(&database.url).await;
    assert_eq!((checked.volumes, checked.transfers), (1, 102));
    let hundred: Vec<String> = (1..=100).map(id).collect();
    assert_eq!(rows(&checked, VERIFIABLE), hundred);
    assert_eq!(rows(&checked, FITS), [&*hundred, &[id(103)]].concat());
}

#[apply(both_engines!)]
async fn no_row_is_lost_where_a_batch_ends(engine: Engine) {
    let database = Database::fresh(engine);
    binary::import(&database.url, &offered(1001));
    for sql in [
        "UPDATE transfers SET id = '00000000-0000-4000-8000-000000001000', microversion = -1
         WHERE id = '00000000-0000-4000-8000-000000001001'",
        "INSERT INTO quota_limits (project_id, volumes) SELECT CAST(id AS TEXT), 1 FROM volumes",
        "INSERT INTO quota_limits (project_id, volumes) VALUES ('the last', 1)",
    ] {
        alter(&database.url, sql).await;
    }
    let checked = checked(&database.url).await;
    assert_eq!((checked.volumes, checked.transfers), (1001, 1000));
    assert_eq!(rows(&checked, FITS), ["the last", &id(1000)]);
}

/// On PostgreSQL every id is a UUID.
#[apply(limited!)]
#[tokio::test]
async fn a_row_whose_id_is_no_uuid_is_named_and_what_is_behind_it_is_read() {
    let database = Database::fresh(Engine::Sqlite);
    binary::import(&database.url, &offered(1105));
    // first one of no UTF-8, then more than a batch, then two that are UUIDs
    alter(&database.url, "UPDATE volumes SET id = '!' || id WHERE id < '00000000-0000-4000-8000-000000001104'").await;
    alter(&database.url, "UPDATE volumes SET id = CAST(x'20ff' AS TEXT) WHERE id LIKE '%-000000000001'").await;
    // a UUID in upper case sorts before all that follow it in lower case
    alter(&database.url, "UPDATE transfers SET id = 'A' || substr(id, 2)").await;
    let checked = checked(&database.url).await;
    assert_eq!((checked.volumes, checked.transfers), (2, 1105));
    let named: Vec<String> = (2..=100).map(|number| format!("!{}", id(number))).collect();
    assert_eq!(rows(&checked, FITS), [&[" \u{fffd}".to_owned()], &*named].concat());
    let (status, out) = check(&database.url);
    assert_eq!(status, Some(1));
    let named = format!("volumes, row !{}: its column id cannot be read. The rule is: {FITS}\n", id(2));
    assert!(out.contains(&named), "{out}");
}

/// SQLite has no such time.
#[apply(limited!)]
#[tokio::test]
async fn a_time_that_no_calendar_has_is_named_and_stops_nothing() {
    let database = Database::fresh(Engine::Postgres);
    binary::import(&database.url, &offered(3));
    alter(&database.url, "UPDATE volumes SET created_at = 'infinity' WHERE CAST(id AS TEXT) LIKE '%1'").await;
    alter(&database.url, "UPDATE volumes SET updated_at = '-infinity' WHERE CAST(id AS TEXT) LIKE '%2'").await;
    let checked = checked(&database.url).await;
    assert_eq!((checked.volumes, checked.transfers), (1, 3));
    assert_eq!(rows(&checked, FITS), [id(1), id(2)]);
}
