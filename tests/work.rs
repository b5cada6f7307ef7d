//! How often the database is asked for what callers do most: counted, since times differ from run to run. `tests/work/run` counts the
//! instructions of the same.

use std::future::IntoFuture;

use futures_util::future::join_all;

use crate::support::{Answer, Binary, Database, Engine, Value, apply, binary, both_engines, json, limited, volume};

/// What is done, and how many messages to the database it is: on SQLite, and on PostgreSQL. A COMMIT is one of them.
const WORK: [(&str, usize, usize); 6] = [
    // the candidate; BEGIN with status, transfer, act and count; COMMIT
    // there: what it writes is one statement, and so a transaction by itself
    ("create", 3, 2),
    // the transfer; the candidate; as a create, with both usages, which are held to the limits
    ("accept", 4, 3),
    // as a create
    ("delete", 3, 2),
    ("show a transfer", 1, 1),
    ("show a volume", 1, 1),
    ("a page of 100", 1, 1),
];

/// The texts of the statements of each answer, in the order of the answers, which were asked for one after the other.
fn statements(log: &str, answers: &[Answer]) -> Vec<Vec<String>> {
    let mut each: Vec<Vec<String>> = answers.iter().map(|_| Vec::new()).collect();
    let mut at = None;
    for line in log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let Some(sql) = line["sql"].as_str() else { continue };
        // a COMMIT that several share is nobody's own: here it is that of the one before it
        if let Some(whose) = line["span"]["request_id"].as_str() {
            at = answers.iter().position(|answer| answer.request_id() == whose);
        }
        if let Some(at) = at {
            each[at].push(sql.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    each
}

#[apply(both_engines!)]
async fn each_operation_asks_the_database_as_often_as_it_did(engine: Engine) {
    let database = Database::fresh(engine);
    let volumes: Vec<Value> = (0..120).map(|_| volume("alpha")).chain([volume("beta")]).collect();
    binary::import(&database.url, &json!({"volumes": volumes}));
    // an accept finds exactly the room that it needs
    let room = ("HANDOVER_QUOTAS", "volumes=2,gigabytes=2,per_volume_gigabytes=1");
    let mut server = Binary::serve(&database.url, &[], &[("HANDOVER_LOG", "info,handover::store=trace"), room]);
    let offer = |n: usize| server.post("/v3/alpha/volume-transfers", json!({"transfer": {"volume_id": volumes[n]["id"]}}));
    let warm = offer(0).await.is(202).transfer();
    server.delete(&format!("/v3/alpha/volume-transfers/{}", warm["id"].as_str().unwrap())).await.is(202);
    let create = offer(1).await.is(202);
    let transfer = create.transfer();
    let (path, key) = (format!("volume-transfers/{}", transfer["id"].as_str().unwrap()), &transfer["auth_key"]);
    let show = server.get(&format!("/v3/alpha/{path}")).await.is(200);
    let accept =
        server.post(&format!("/v3/beta/{path}/accept"), json!({"accept": {"auth_key": key}})).by("b:beta").await.is(202);
    let other = offer(2).await.is(202).transfer();
    let delete = server.delete(&format!("/v3/alpha/volume-transfers/{}", other["id"].as_str().unwrap())).await.is(202);
    let volume = server.get(&format!("/v3/alpha/volumes/{}", volumes[3]["id"].as_str().unwrap())).await.is(200);
    let page = server.get("/v3/alpha/volumes/detail?limit=100").await.is(200);
    server.stop();
    let log = server.output();
    let by_order = [create, show, accept, delete, volume, page];
    let names = ["create", "show a transfer", "accept", "delete", "show a volume", "a page of 100"];
    let each = statements(&log, &by_order);
    for (name, asked) in names.iter().zip(&each) {
        let (_, sqlite, postgres) = WORK.iter().find(|(work, ..)| work == name).unwrap();
        let expected = if engine == Engine::Sqlite { sqlite } else { postgres };
        assert_eq!(asked.len(), *expected, "{name}: {asked:#?}");
        let commits = match *name {
            "create" | "accept" | "delete" => usize::from(engine == Engine::Sqlite),
            _ => 0,
        };
        assert_eq!(asked.iter().filter(|sql| *sql == "COMMIT").count(), commits, "{name}: {asked:#?}");
    }
}

/// Most of those that are under way at once would find that a later one has come before them, without a turn of their process's.
#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offers_of_a_project_at_once_are_seldom_done_again() {
    let database = Database::fresh(Engine::Postgres);
    let volumes: Vec<Value> = (0..64).map(|_| volume("alpha")).collect();
    binary::import(&database.url, &json!({"volumes": volumes}));
    let mut server = Binary::serve(&database.url, &[], &[("HANDOVER_LOG", "info,handover::store=trace")]);
    let offer = |volume: &Value| server.post("/v3/alpha/volume-transfers", json!({"transfer": {"volume_id": volume["id"]}}));
    let answers = join_all(volumes.iter().map(|volume| offer(volume).into_future())).await;
    server.stop();
    assert!(answers.iter().all(|answer| answer.status == 202));
    let each = statements(&server.output(), &answers);
    let tries = |asked: &&Vec<String>| asked.iter().filter(|sql| sql.contains("INTO transfers")).count();
    let again: Vec<_> = each.iter().filter(|asked| tries(asked) > 1).collect();
    // as long as the clock stands still, which was ahead of the server's
    assert!(again.len() <= 8, "{} of them: {:#?}", again.len(), again[0]);
}
