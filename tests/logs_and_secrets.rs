//! What is logged, and what never is: no auth key, no caller's token and no name of a request in a log, a database or an export.

use std::collections::HashSet;

use sqlx::Row;

use crate::support::{
    Answer, Binary, Database, Engine, Value, alter, apply, binary, both_engines, count, idempotency, json, limited, new_id,
    volume, with,
};

/// A key that opens nothing, and a token, planted to be found again.
const WRONG: &str = "feedfacecafebeef";
const USER: &str = "planted-user-token";

async fn accept(server: &Binary, id: &str, key: &str) -> Answer {
    let path = format!("/v2/beta/os-volume-transfer/{id}/accept");
    server.post(&path, json!({"accept": {"auth_key": key}})).by(&format!("{USER}:beta")).await
}

/// All bytes that the database keeps.
pub async fn stored(database: &Database) -> Vec<u8> {
    match database.engine {
        Engine::Sqlite => {
            let files = std::fs::read_dir(database.folder()).unwrap();
            files.flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
        }
        Engine::Postgres => {
            let pool = sqlx::PgPool::connect(&database.url).await.unwrap();
            let rows = sqlx::query(
                "SELECT t::text AS row FROM transfers t UNION ALL SELECT v::text FROM volumes v
                 UNION ALL SELECT i::text || encode(sealed, 'escape') FROM idempotency_keys i
                 UNION ALL SELECT e::text FROM identity_entities e UNION ALL SELECT g::text FROM identity_grants g
                 UNION ALL SELECT c::text FROM identity_credentials c UNION ALL SELECT s::text FROM identity_sessions s
                 UNION ALL SELECT a::text FROM acts a",
            );
            let rows = rows.fetch_all(&pool).await.unwrap();
            pool.close().await;
            rows.iter().map(|row| row.get::<String, _>("row")).collect::<String>().into_bytes()
        }
    }
}

pub fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The eight bytes that a key is written from.
fn bytes_of(key: &str) -> Vec<u8> {
    u64::from_str_radix(key, 16).unwrap().to_be_bytes().to_vec()
}

#[apply(both_engines!)]
async fn no_key_no_token_and_no_name_of_a_request_is_in_a_log_the_database_or_an_export(engine: Engine) {
    let database = Database::fresh(engine);
    let seeds: Vec<Value> = (0..12).map(|_| volume("alpha")).collect();
    binary::import(&database.url, &json!({"volumes": seeds}));
    let (mut keys, mut names, mut logs) = (vec![WRONG.to_owned()], Vec::new(), String::new());
    for (level, seeds) in [("info", &seeds[..6]), ("trace", &seeds[6..])] {
        let mut server = Binary::serve(&database.url, &[], &[("HANDOVER_LOG", level)]);
        for (number, seed) in seeds.iter().enumerate() {
            let body = json!({"transfer": {"volume_id": seed["id"], "name": "n"}});
            let (header, name) = idempotency::names()[number % 2].clone();
            let create = || server.post("/v2/alpha/os-volume-transfer", body.clone()).header(header, &name);
            let transfer = create().await.is(202).transfer();
            create().await.is(202);
            let (id, key) = (transfer["id"].as_str().unwrap(), transfer["auth_key"].as_str().unwrap());
            keys.push(key.to_owned());
            names.push(name.clone());
            let answer = server.delete_named((header, &name), id).await;
            assert!(!answer.text().contains(&name) && !answer.text().contains(key), "{answer}");
            answer.fails(400, "EVS.2219");
            accept(&server, id, WRONG).await.is(400);
            server
                .post_text(
                    &format!("/v2/beta/os-volume-transfer/{id}/accept"),
                    format!("{{\"accept\": {{\"auth_key\": \"{key}\""),
                )
                .await
                .is(400);
            server
                .post(&format!("/v2/beta/os-volume-transfer/{id}/accept"), json!({"accept": {"auth_key": [key]}}))
                .by("b:beta")
                .await
                .is(400);
            match number % 3 {
                0 => drop(accept(&server, id, key).await.is(202)),
                1 => drop(server.delete(&format!("/v2/alpha/os-volume-transfer/{id}")).await.is(202)),
                _ => {}
            }
        }
        assert_eq!(server.stop().code(), Some(0));
        let log = server.output();
        assert!(
            log.contains("evs:transfers:create") || log.contains("/os-volume-transfer"),
            "something was logged: {log:.500}"
        );
        logs += &log;
    }
    let export = binary::run(&["export", "--database-url", &database.url], "");
    let export = String::from_utf8(export.stdout).unwrap();
    let stored = stored(&database).await;
    assert!(holds(&stored, b"$argon2id$") && export.contains("$argon2id$"), "hashes are kept");
    assert_eq!(count(&database.url, "SELECT count(*) AS n FROM idempotency_keys").await, 12, "answers are kept");
    for key in &keys {
        assert!(!logs.contains(key.as_str()), "{key} is in a log");
        assert!(!export.contains(key.as_str()), "{key} is in the export");
        assert!(!holds(&stored, key.as_bytes()) && !holds(&stored, &bytes_of(key)), "{key} is in the database");
    }
    for name in &names {
        let hidden = [name.clone(), name.replace('-', "")];
        assert!(hidden.iter().all(|name| !logs.contains(name)), "{name} is in a log");
        assert!(hidden.iter().all(|name| !holds(&stored, name.as_bytes())), "{name} is in the database");
        assert!(!holds(&stored, uuid::Uuid::parse_str(name).unwrap().as_bytes()), "{name} is in the database");
    }
    // the user's name is theirs to see; the token as it was sent is not
    let token = format!("{USER}:beta");
    assert!(!logs.contains(&token) && !holds(&stored, token.as_bytes()) && !export.contains(&token), "the token is kept");
}

#[apply(both_engines!)]
async fn an_ended_offer_keeps_no_hash(engine: Engine) {
    let database = Database::fresh(engine);
    let seed = volume("alpha");
    binary::import(&database.url, &json!({"volumes": [seed]}));
    let server = Binary::serve(&database.url, &[], &[]);
    let body = json!({"transfer": {"volume_id": seed["id"]}});
    let transfer = server.post("/v2/alpha/os-volume-transfer", body).await.is(202).transfer();
    accept(&server, transfer["id"].as_str().unwrap(), transfer["auth_key"].as_str().unwrap()).await.is(202);
    let ended = crate::support::stored_transfer(&database.url, transfer["id"].as_str().unwrap()).await;
    assert_eq!(ended.pending_hash(), None);
}

/// The log lines about answered requests, as JSON.
fn answered(log: &str) -> Vec<Value> {
    let lines = log.lines().filter(|line| line.starts_with('{'));
    let events = lines.map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    events.filter(|event| event["message"] == "answered").collect()
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn each_request_is_a_line_with_its_id_route_and_status_and_hardly_anything_a_caller_chose() {
    let database = Database::empty(Engine::Sqlite);
    let mut server = Binary::serve(&database.url, &["--log-format", "json"], &[]);
    let id = new_id();
    let mut expected = HashSet::new();
    for (path, route, status) in [
        (format!("/v2/alpha/os-volume-transfer/{id}?secret=hush"), "/v2/{project_id}/os-volume-transfer/{transfer_id}", 404),
        ("/v2/alpha/os-volume-transfer?name=hush".to_owned(), "/v2/{project_id}/os-volume-transfer", 200),
        ("//nowhere/else/hush?hush".to_owned(), "unknown: /nowhere/else", 404),
        (format!("/v2/alpha/{id}"), "unknown: /v2/alpha", 404),
    ] {
        let answer = server.get(&path).header("User-Agent", "hush").await.is(status);
        expected.insert((answer.request_id().to_owned(), route.to_owned(), u64::from(status)));
    }
    server.stop();
    let log = server.output();
    let found: HashSet<_> = answered(&log)
        .iter()
        .map(|event| {
            (
                event["request_id"].as_str().unwrap().to_owned(),
                event["route"].as_str().unwrap().to_owned(),
                event["status"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, expected);
    assert!(!log.contains("hush") && !log.contains(&id), "{log}");
}

/// Behind rows that fit.
#[apply(both_engines!)]
async fn a_row_of_a_page_that_fits_no_state_is_named_in_the_log(engine: Engine) {
    let database = Database::fresh(engine);
    let seeds = [1, 2, 3].map(|day| with(volume("alpha"), json!({"created_at": format!("2026-01-0{day}T00:00:00")})));
    binary::import(&database.url, &json!({"volumes": seeds}));
    let id = seeds[1]["id"].as_str().unwrap();
    alter(&database.url, "UPDATE volumes SET extra = 'nope' WHERE created_at = (SELECT created_at FROM volumes ORDER BY created_at LIMIT 1 OFFSET 1)").await;
    let mut server = Binary::serve(&database.url, &["--log-format", "json"], &[]);
    server.get("/v3/alpha/volumes/detail").await.fails(500, "EVS.5500");
    server.stop();
    let log = server.output();
    assert!(log.contains(&format!("volumes holds a row that fits no state: id {id}, column extra")), "{log}");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_went_wrong_stands_in_the_log_under_the_answers_id_and_not_in_the_answer() {
    // a row that fits no state, as only a hand could write it
    let database = Database::empty(Engine::Sqlite);
    let seed = volume("alpha");
    binary::import(&database.url, &json!({"volumes": [seed]}));
    let pool = sqlx::SqlitePool::connect(&database.url).await.unwrap();
    sqlx::query("UPDATE volumes SET status = 'NO STATUS'").execute(&pool).await.unwrap();
    pool.close().await;
    let mut server = Binary::serve(&database.url, &["--log-format", "json"], &[]);
    let body = json!({"transfer": {"volume_id": seed["id"]}});
    let answer = server.post("/v2/alpha/os-volume-transfer", body.clone()).await;
    answer.fails(500, "EVS.5500");
    let inside = ["NO STATUS", "volumes", "status", "row"];
    assert!(inside.iter().all(|word| !answer.text().contains(word)), "{answer}");
    server.post("/v3/alpha/os-volume-transfer", body).await.fails(500, "EVS.5500");
    server.stop();
    let log = server.output();
    assert!(log.contains("status") && log.contains(seed["id"].as_str().unwrap()), "the log names the row: {log}");
    assert!(log.contains(answer.request_id()), "{log}");
}
