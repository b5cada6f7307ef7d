//! A database of version 1, with all that it may hold, becomes one of this version: every row is kept, and what is new is filled.

use handover::domain::quota::Usage;
use sqlx::AssertSqlSafe;

use crate::support::{Database, Desk, Engine, TestServer, Value, apply, both_engines, json, stored_usage, with};

const SQLITE: &str = include_str!("../migrations/sqlite/V1__volumes_and_transfers.sql");
const POSTGRES: &str = include_str!("../migrations/postgres/V1__volumes_and_transfers.sql");

/// What is noted of version 1 in every database that has it. The checksum is the file's as it was then: whoever edits it makes
/// these databases strangers.
fn history(engine: Engine) -> String {
    let checksum = match engine {
        Engine::Sqlite => "5572375743164125443",
        Engine::Postgres => "821358195136271779",
    };
    format!(
        "CREATE TABLE refinery_schema_history(
             version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));
         INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
         VALUES (1, 'volumes_and_transfers', '2026-11-24T12:00:00.000000000Z', '{checksum}');"
    )
}

const OFFERED_AT: &str = "2026-11-24T11:00:00.000001";
const MADE_AT: &str = "2026-11-24T10:00:00.000002";

/// A time as the engine stores it.
fn time(engine: Engine, text: &str) -> String {
    match engine {
        Engine::Sqlite => handover::domain::Time::parse(text).unwrap().micros().to_string(),
        Engine::Postgres => format!("'{text}Z'"),
    }
}

/// The id of the nth record of a kind.
fn id(kind: u8, n: u8) -> String {
    format!("{kind:08x}-0000-4000-8000-{n:012x}")
}

/// The kinds of records, as their ids begin.
const VOLUME: u8 = 1;
const SNAPSHOT: u8 = 2;
const BACKUP: u8 = 3;
const TRANSFER: u8 = 4;
const REQUEST: u8 = 5;

/// Two volumes, of which the first has copies and the second is on offer; a transfer in each state, one of a volume that is gone.
fn rows(engine: Engine, phc: &str) -> String {
    let [made, offered] = [MADE_AT, OFFERED_AT].map(|text| time(engine, text));
    let volume = |n: u8, project: &str, size: u8, status: &str| {
        format!(
            "INSERT INTO volumes (id, project_id, user_id, name, size, status, bootable, system_disk, encrypted, frozen, billing,
                                  dedicated_storage, replication_enabled, multiattach, metadata, extra, created_at)
             VALUES ('{}', '{project}', 'alice', 'v{n}', {size}, '{status}', FALSE, FALSE, FALSE, FALSE, 'postpaid', 'none', FALSE,
                     FALSE, '{{\"k\":\"v\"}}', '{{\"tags\":{{}}}}', {made});",
            id(VOLUME, n),
        )
    };
    let copy = |table: &str, kind: u8, n: u8, project: &str, size: u8| {
        format!(
            "INSERT INTO {table} (volume_id, id, project_id, name, status, size)
             VALUES ('{}', '{}', '{project}', 'c{n}', 'available', {size});",
            id(VOLUME, 1),
            id(kind, n),
        )
    };
    let transfer = |n: u8, volume: u8, state: &str, hash: String, end: String| {
        format!(
            "INSERT INTO transfers (volume_id, id, name, state, auth_key_hash, created_at, source_project_id, source_user_id,
                                    source_request_id, resource, microversion, no_snapshots, ended_at, ended_project_id,
                                    ended_user_id, ended_request_id)
             VALUES ('{}', '{}', 't{n}', '{state}', {hash}, {offered}, 'beta', 'alice', '{}', 'volume-transfers', 55, FALSE, {end});",
            id(VOLUME, volume),
            id(TRANSFER, n),
            id(REQUEST, n),
        )
    };
    let null = || "NULL".to_owned();
    let ended = || format!("{offered}, 'alpha', 'bob', '{}'", id(REQUEST, 9));
    [
        volume(1, "alpha", 3, "available"),
        volume(2, "beta", 5, "awaiting-transfer"),
        copy("snapshots", SNAPSHOT, 1, "alpha", 2),
        copy("snapshots", SNAPSHOT, 2, "gamma", 1),
        copy("backups", BACKUP, 1, "alpha", 4),
        transfer(1, 2, "pending", format!("'{phc}'"), "NULL, NULL, NULL, NULL".to_owned()),
        transfer(2, 1, "accepted", null(), ended()),
        transfer(3, 7, "deleted", null(), ended()),
        "UPDATE transfer_counts SET pending = 1, accepted = 1, deleted = 1 WHERE slot = 3;".to_owned(),
    ]
    .concat()
}

/// A database as version 1 left it.
async fn of_version_1(engine: Engine, phc: &str) -> Database {
    let database = Database::empty(engine);
    let tables = if engine == Engine::Sqlite { SQLITE } else { POSTGRES };
    let text = AssertSqlSafe([tables, &history(engine), &rows(engine, phc)].concat());
    match engine {
        Engine::Sqlite => {
            let pool = sqlx::SqlitePool::connect(&format!("{}?mode=rwc", database.url)).await.unwrap();
            sqlx::raw_sql(text).execute(&pool).await.unwrap();
            pool.close().await;
        }
        Engine::Postgres => {
            let pool = sqlx::PgPool::connect(&database.url).await.unwrap();
            sqlx::raw_sql(text).execute(&pool).await.unwrap();
            pool.close().await;
        }
    }
    database
}

/// What this version exports of it.
fn expected(phc: &str) -> Value {
    let volume = |n: u8, project: &str, size: u8, status: &str, snapshots: Value, backups: Value| {
        json!({
            "id": id(VOLUME, n), "project_id": project, "user_id": "alice", "name": format!("v{n}"), "description": null,
            "size": size, "status": status, "availability_zone": null, "volume_type": null, "bootable": false,
            "system_disk": false, "encrypted": false, "frozen": false, "billing": "postpaid", "backup_policy_id": null,
            "dedicated_storage": "none", "replication_enabled": false, "consistency_group_id": null, "multiattach": false,
            "metadata": {"k": "v"}, "created_at": MADE_AT, "updated_at": null, "snapshots": snapshots, "backups": backups,
            "tags": {},
        })
    };
    // a copy was made when its volume was, for all that is known
    let copy = |kind: u8, n: u8, size: u8| {
        json!({
            "id": id(kind, n), "user_id": null, "name": format!("c{n}"), "description": null, "status": "available",
            "size": size, "metadata": {}, "created_at": MADE_AT, "updated_at": null,
        })
    };
    let mut left_behind = copy(SNAPSHOT, 2, 1);
    left_behind["project_id"] = json!("gamma");
    let transfer = |n: u8, volume: u8, more: Value| {
        let transfer = json!({
            "id": id(TRANSFER, n), "volume_id": id(VOLUME, volume), "name": format!("t{n}"), "created_at": OFFERED_AT,
            "source_project_id": "beta", "source_user_id": "alice", "source_request_id": id(REQUEST, n),
            "resource": "volume-transfers", "microversion": "3.55", "no_snapshots": false,
        });
        with(transfer, more)
    };
    let ended = |state: &str| {
        json!({
            "state": state, "ended_at": OFFERED_AT, "ended_project_id": "alpha", "ended_user_id": "bob",
            "ended_request_id": id(REQUEST, 9),
        })
    };
    json!({
        "handover": 1,
        "volumes": [
            volume(1, "alpha", 3, "available", json!([copy(SNAPSHOT, 1, 2), left_behind]), json!([copy(BACKUP, 1, 4)])),
            volume(2, "beta", 5, "awaiting-transfer", json!([]), json!([])),
        ],
        "transfers": [
            transfer(1, 2, json!({"state": "pending", "auth_key_hash": phc})),
            transfer(2, 1, ended("accepted")),
            transfer(3, 7, ended("deleted")),
        ],
    })
}

/// The stored hash of an auth key.
fn hashed(key: &str) -> String {
    let desk = Desk::new(Engine::Sqlite);
    let volume = crate::support::volume("alpha");
    desk.import(
        &json!({"transfers": [{"id": id(TRANSFER, 1), "volume_id": volume["id"], "auth_key": key}], "volumes": [volume]}),
    );
    desk.export()["transfers"][0]["auth_key_hash"].as_str().unwrap().to_owned()
}

#[apply(both_engines!)]
async fn a_database_of_version_1_is_brought_to_this_one_with_all_that_is_in_it(engine: Engine) {
    const KEY: &str = "9266c59563c84664";
    let phc = hashed(KEY);
    let desk = Desk(of_version_1(engine, &phc).await.into());
    let older = desk.run(&["export"], "");
    let said = "the database is at version 1, but this binary works on version 3; run `handover migrate` first";
    assert!(older.status == Some(1) && older.err.contains(said), "{}", older.err);

    let migrated = desk.run(&["migrate"], "");
    assert_eq!((migrated.status, migrated.out.as_str()), (Some(0), "migrated from version 1 to 3\n"), "{}", migrated.err);
    assert_eq!(desk.run(&["migrate"], "").out, "at version 3 already\n");

    assert_eq!(desk.export(), expected(&phc));
    let checked = desk.run(&["check"], "");
    assert!(checked.out.ends_with(" invariants hold; volumes: 2, transfers: 3\n"), "{}", checked.out);
    for (project, usage) in [
        ("alpha", Usage::volume(3) + Usage::snapshot(2) + Usage::backup(4)),
        ("beta", Usage::volume(5)),
        ("gamma", Usage::snapshot(1)),
        ("delta", Usage::NONE),
    ] {
        assert_eq!(stored_usage(&desk.0.url, project).await, usage, "{project}");
    }

    // and a key that was handed out by then opens its offer
    let server = TestServer::over(desk.0.clone(), &[]).await;
    let accept = format!("/v2/delta/os-volume-transfer/{}/accept", id(TRANSFER, 1));
    server.post(&accept, json!({"accept": {"auth_key": KEY}})).by("dave:delta").await.is(202);
    assert_eq!([server.usage("beta").await, server.usage("delta").await], [Usage::NONE, Usage::volume(5)]);
}
