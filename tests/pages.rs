//! Walks through pages, against a model: every row once, in order, in every order, whatever ends meanwhile.

use std::cmp::Ordering;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::support::{NOBODYS_HASH, TestServer, Value, apply, both_engines, json, new_id, property, volume, with, within};

/// A transfer as the model knows it.
#[derive(Debug, Clone)]
struct Row {
    id: String,
    volume_id: String,
    name: Option<String>,
    created_at: String,
}

impl Row {
    fn compare(&self, other: &Self, key: &str) -> Ordering {
        match key {
            "id" => self.id.cmp(&other.id),
            "name" | "display_name" => self.name.cmp(&other.name), // None is less than any text
            "volume_id" => self.volume_id.cmp(&other.volume_id),
            "created_at" => self.created_at.cmp(&other.created_at),
            _ => panic!("no key {key}"),
        }
    }
}

/// The order that `sort` asks for: keys, and whether each ascends.
fn sorted(mut rows: Vec<Row>, sort: &[(&str, bool)]) -> Vec<Row> {
    rows.sort_by(|a, b| {
        let keys = sort.iter().map(|(key, ascends)| (a.compare(b, key), ascends));
        let differs = keys.map(|(order, ascends)| if *ascends { order } else { order.reverse() }).find(|order| order.is_ne());
        // ties by id, in the first key's direction
        differs.unwrap_or_else(|| if sort[0].1 { a.id.cmp(&b.id) } else { b.id.cmp(&a.id) })
    });
    rows
}

/// A project of its own with a pending transfer for each name and second given: few, so that many are the same.
async fn seeded(server: &TestServer, project: &str, asked: &[(Option<&'static str>, u8)]) -> Vec<Row> {
    let rows: Vec<Row> = asked
        .iter()
        .map(|(name, second)| Row {
            id: new_id(),
            volume_id: new_id(),
            name: name.map(str::to_owned),
            created_at: format!("2015-02-25T03:56:{second:02}.000000"),
        })
        .collect();
    let volumes: Vec<Value> = rows.iter().map(|row| with(volume(project), json!({"id": row.volume_id}))).collect();
    let transfer = |row: &Row| json!({"id": row.id, "volume_id": row.volume_id, "name": row.name, "created_at": row.created_at, "auth_key_hash": NOBODYS_HASH});
    server.seed(json!({"volumes": volumes, "transfers": rows.iter().map(transfer).collect::<Vec<_>>()})).await;
    rows
}

/// All rows that the next links lead to.
async fn walk(server: &TestServer, token: &str, path: &str, query: &str, limit: usize) -> Vec<String> {
    let mut seen = Vec::new();
    let mut href = format!("{path}?{query}");
    loop {
        let answer = server.get(&href).by(token).await.is(200);
        let page = answer.ids();
        assert!(page.len() <= limit, "{answer}");
        assert!(seen.is_empty() || !page.is_empty(), "a link leads to an empty page: {answer}");
        seen.extend(page);
        assert!(seen.len() < 10_000, "{path}?{query} has no end");
        match answer.json()["transfers_links"][0]["href"].as_str() {
            Some(next) => href = next.strip_prefix(&*server.base).expect("absolute").to_owned(),
            None => return seen,
        }
    }
}

const KEYS: [&str; 5] = ["id", "name", "display_name", "volume_id", "created_at"];
const LISTS: [(&str, &str); 5] = [
    ("v2", "os-volume-transfer"),
    ("v2", "os-volume-transfer/detail"),
    ("v3", "os-volume-transfer"),
    ("v3", "volume-transfers"),
    ("v3", "volume-transfers/detail"),
];

#[apply(both_engines!)]
async fn a_walk_shows_every_row_once_and_in_order(server: TestServer) {
    let names = option::of(select(&["a", "b", "B", "é", "a b"][..]));
    let rows = vec((names, 0_u8..3), 0..12);
    let sort = vec((select(&KEYS[..]), any::<Option<bool>>()), 0..4);
    let case = (rows, sort, 1_usize..6, 0_usize..4, select(&LISTS[..]));
    let count = std::sync::atomic::AtomicU32::new(0);
    property::holds(24, &case, |(asked, sort, limit, offset, (api, resource))| {
        let project = format!("p{}", count.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let server = &server;
        async move {
            let rows = seeded(server, &project, &asked).await;
            let word = |ascends: &Option<bool>| ascends.map_or("", |ascends| if ascends { ":asc" } else { ":desc" });
            let spelled: Vec<String> = sort.iter().map(|(key, way)| format!("{key}{}", word(way))).collect();
            let model: Vec<(&str, bool)> = if sort.is_empty() {
                vec![("created_at", true)]
            } else {
                sort.iter().map(|(key, way)| (*key, way.unwrap_or(false))).collect()
            };
            let query = format!("limit={limit}&offset={offset}&sort={}", spelled.join(","));
            let path = format!("/{api}/{project}/{resource}");
            let found = walk(server, &format!("alice:{project}"), &path, &query, limit).await;
            let expected: Vec<String> = sorted(rows, &model).into_iter().skip(offset).map(|row| row.id).collect();
            prop_assert_eq!(found, expected, "{}?{}", path, query);
            Ok(())
        }
    });
}

#[apply(both_engines!)]
async fn a_walk_goes_on_when_rows_end_meanwhile_its_marker_too(server: TestServer) {
    for (path, query) in [
        ("/v2/alpha/os-volume-transfer", "limit=3"),
        ("/v3/alpha/volume-transfers/detail", "limit=3&sort=name:asc,id:desc"),
        ("/v3/alpha/os-volume-transfer", "limit=3&sort=created_at:desc"),
    ] {
        let rows = seeded(
            &server,
            "alpha",
            &[(None, 1), (Some("a"), 1), (Some("b"), 2), (Some("a"), 2), (None, 3), (Some("c"), 0), (None, 0), (Some("d"), 5)],
        )
        .await;
        let mut seen = Vec::new();
        let mut href = format!("{path}?{query}");
        loop {
            let answer = server.get(&href).await.is(200);
            let page = answer.ids();
            // every row of the page ends before the next one is asked for, the marker among them
            for id in &page {
                server.delete(&format!("/v2/alpha/os-volume-transfer/{id}")).await.is(202);
            }
            seen.extend(page);
            let Some(next) = answer.json()["transfers_links"][0]["href"].as_str().map(str::to_owned) else { break };
            href = next.strip_prefix(&*server.base).expect("absolute").to_owned();
        }
        let mut expected: Vec<String> = rows.into_iter().map(|row| row.id).collect();
        expected.sort_unstable();
        seen.sort_unstable();
        assert_eq!(seen, expected, "{path}?{query}: no row lost, none twice");
    }
}

/// A volume whose metadata comes to about so many bytes.
fn heavy(bytes: usize) -> Value {
    let metadata: serde_json::Map<_, _> = (0..bytes / 260).map(|n| (format!("{n:05}"), json!("x".repeat(250)))).collect();
    with(volume("alpha"), json!({"name": new_id(), "metadata": metadata}))
}

#[apply(both_engines!)]
async fn a_page_ends_where_its_rows_come_to_4_mib_and_links_to_the_next(server: TestServer) {
    let described = |n: usize| json!({"description": if n.is_multiple_of(9) { "é".repeat(60_000) } else { String::new() }});
    let sized = |n: usize| heavy(if n.is_multiple_of(7) { 1000 } else { 110_000 });
    let volumes: Vec<Value> = (0..70).map(|n| with(sized(n), described(n))).collect();
    server.seed(json!({"volumes": volumes})).await;
    for (path, first) in [
        ("/v3/alpha/volumes/detail?sort=name:asc", 20..55),
        ("/v3/alpha/volumes/detail?limit=60", 20..55),
        ("/v2/alpha/cloudvolumes/detail?limit=1000", 20..55),
        ("/v3/alpha/volumes/detail?limit=7", 7..8),
    ] {
        let (mut next, mut ids, mut pages) = (Some(path.to_owned()), Vec::new(), Vec::new());
        for _ in 0..20 {
            let Some(asked) = next else { break };
            let page = server.get(&asked).await.is(200);
            assert!(page.body.len() < 6 << 20, "{asked}: {} bytes", page.body.len());
            let page = page.json();
            let rows = page["volumes"].as_array().unwrap();
            pages.push(rows.len());
            ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            let link = page["volumes_links"][0]["href"].as_str();
            next = link.map(|link| link.trim_start_matches(&server.base).to_owned());
        }
        assert_eq!(next, None, "{path}");
        assert!(first.contains(&pages[0]), "{path}: {pages:?}");
        ids.sort_unstable();
        let mut all: Vec<&str> = volumes.iter().map(|volume| volume["id"].as_str().unwrap()).collect();
        all.sort_unstable();
        assert_eq!(ids, all, "{path}: {pages:?}");
    }
}

#[apply(both_engines!)]
async fn who_does_not_read_a_page_holds_no_reader_of_the_database(server: TestServer) {
    server.seed(json!({"volumes": (0..30).map(|_| heavy(110_000)).collect::<Vec<_>>()})).await;
    let ask = "GET /v3/alpha/volumes/detail HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice:alpha\r\n\r\n";
    let mut streams = Vec::new();
    // more than there are readers, or connections
    for _ in 0..20 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(server.host().parse().unwrap()).await.unwrap();
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut answer = [0; 15];
        within("it is answered", stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        streams.push(stream);
    }
    server.get("/v3/alpha/volumes?limit=1").await.is(200);
    let offered = server.offer().await;
    server.accept_by("beta", &offered).await.is(202);
}
