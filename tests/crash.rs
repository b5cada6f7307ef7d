//! `kill -9` under load: what was acknowledged is true after the restart, and nothing is half done.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::support::{
    Answer, Binary, Client, Database, Engine, Value, apply, binary, both_engines, faults, json, volume, within,
};

const WORKERS: usize = 6;
/// Rounds of load and kill; `CRASH_ROUNDS` asks for more.
const ROUNDS: usize = 3;
/// Acknowledged operations before a kill, differing from round to round so that the kill hits another moment.
const LEAST: usize = 40;

/// An offer as its donor was told of it.
#[derive(Clone)]
struct Told {
    donor: String,
    id: String,
    key: String,
}

/// What clients were told until the server was gone.
#[derive(Default)]
struct Memory {
    pending: Mutex<Vec<Told>>,
    ended: Mutex<Vec<Told>>,
    acknowledged: AtomicUsize,
    enough: Notify,
}

impl Memory {
    fn acknowledge(&self, target: usize) {
        if self.acknowledged.fetch_add(1, Ordering::Relaxed) + 1 == target {
            self.enough.notify_one();
        }
    }
}

fn path(project: &str, tail: &str) -> String {
    format!("/v2/{project}/os-volume-transfer{tail}")
}

async fn create(client: &Client, project: &str, volume: &str) -> Option<Told> {
    let body = json!({"transfer": {"volume_id": volume}});
    let answer = client.post(&path(project, ""), body).by(&format!("alice:{project}")).try_send().await.ok()?;
    let transfer = answer.is(202).transfer();
    let text = |key: &str| transfer[key].as_str().unwrap().to_owned();
    Some(Told { donor: project.to_owned(), id: text("id"), key: text("auth_key") })
}

async fn accept(client: &Client, told: &Told, project: &str) -> Option<Answer> {
    let body = json!({"accept": {"auth_key": told.key}});
    let ask = client.post(&path(project, &format!("/{}/accept", told.id)), body).by(&format!("alice:{project}"));
    ask.try_send().await.ok()
}

/// Offers, withdraws and passes on volumes until the server is gone.
async fn work(client: &Client, volumes: &Mutex<VecDeque<String>>, memory: &Memory, target: usize) {
    for turn in 0.. {
        let Some(volume) = volumes.lock().unwrap().pop_front() else { return };
        let Some(told) = create(client, "alpha", &volume).await else { return };
        memory.acknowledge(target);
        let ended = match turn % 3 {
            0 => {
                memory.pending.lock().unwrap().push(told);
                continue;
            }
            1 => client.delete(&path("alpha", &format!("/{}", told.id))).try_send().await.ok(),
            _ => accept(client, &told, "beta").await,
        };
        let Some(answer) = ended else { return };
        answer.is(202);
        memory.ended.lock().unwrap().push(told);
        memory.acknowledge(target);
    }
}

#[apply(both_engines!)]
async fn what_was_acknowledged_survives_a_kill_under_load(engine: Engine) {
    let rounds = std::env::var("CRASH_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().expect("CRASH_ROUNDS is a number"));
    let database = Database::fresh(engine);
    let seeds: Vec<Value> = (0..rounds * 300).map(|_| volume("alpha")).collect();
    binary::import(&database.url, &json!({"volumes": seeds}));
    let ids = seeds.iter().map(|seed| seed["id"].as_str().unwrap().to_owned());
    let volumes = Mutex::new(ids.collect::<VecDeque<String>>());

    let mut server = Binary::serve(&database.url, &[], &[]);
    for round in 0..rounds {
        let memory = Memory::default();
        let client = server.client();
        let target = LEAST + round * 7;
        let load = join_all((0..WORKERS).map(|_| work(&client, &volumes, &memory, target)));
        let kill = async {
            within("there is load", memory.enough.notified()).await;
            server.kill();
        };
        tokio::join!(load, kill);

        server = Binary::serve(&database.url, &[], &[]);
        let (pending, ended) = (memory.pending.into_inner().unwrap(), memory.ended.into_inner().unwrap());
        for told in &pending {
            server.get(&path(&told.donor, &format!("/{}", told.id))).await.is(200);
        }
        for told in &ended {
            server.get(&path(&told.donor, &format!("/{}", told.id))).await.is(404);
        }
        for told in pending.iter().take(3) {
            accept(&server.client(), told, "beta").await.expect("it answers").is(202); // its key still opens it
        }
        assert!(pending.len() + ended.len() > LEAST / 2, "no load: {} and {}", pending.len(), ended.len());
        assert_eq!(faults(&database.url).await, Vec::<String>::new(), "after the kill of round {round}");
    }
}
