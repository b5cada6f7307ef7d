//! Every bound is tried: where, this says, and those that are tried nowhere else are tried here.

use std::fs;
use std::future::IntoFuture;
use std::process::Command;
use std::time::Duration;

use futures_util::future::join_all;
use handover::domain::{Id, limits};
use handover::store::{Purpose, Store, batch};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::identity::{BuiltIn, by_password, named};
use crate::support::{
    Binary, Database, Engine, OperatorCli, TestServer, Value, apply, binary, both_engines, json, limited, volume, with, within,
};

/// Each bound, the file of its test, and the test.
const TRIED: &[(&str, &str, &str)] = &[
    ("ACTS", "history", "a_history_shows_a_thousand_acts_and_all_that_was_done"),
    ("BODY", "bodies", "a_body_has_112_kib_at_most"),
    ("DRAINED", "connections", "a_body_that_is_refused_is_not_read_on"),
    ("HEAD_TIME", "limits", "a_connection_that_says_nothing_is_closed"),
    ("HEAD", "no_http", "a_head_has_an_end_in_every_way"),
    ("HEADERS", "no_http", "a_head_has_an_end_in_every_way"),
    ("TARGET", "no_http", "a_head_has_an_end_in_every_way"),
    ("BODY_TIME", "limits", "a_connection_that_says_nothing_is_closed"),
    ("KEEP_ALIVE", "limits", "a_connection_that_says_nothing_is_closed"),
    ("UNREAD", "connections", "a_client_that_does_not_read_its_answers_is_cut"),
    ("OTHER_FILES", "limits", "connections_leave_files_to_the_database"),
    ("UNDER_WAY", "overload", "beyond_what_it_is_at_the_service_sends_away_at_once_and_loses_nothing"),
    ("STOP", "limits", "a_stop_cuts_what_takes_longer_than_it_may"),
    ("DEPTH", "bodies", "a_depth_of_32_is_the_most"),
    ("NAMED", "errors", "a_message_repeats_no_more_than_255_characters_of_what_was_sent"),
    ("QUOTED", "errors", "a_message_repeats_no_more_than_255_characters_of_what_was_sent"),
    ("NAME", "names", "two_hundred_and_fifty_five_bytes_are_the_most"),
    ("EXTRA_SPECS", "volume_types", "extra_specs_are_set_and_deleted_one_by_one_or_several_at_once"),
    ("TYPE_PROJECTS", "volume_types", "a_private_type_is_open_to_a_thousand_projects"),
    ("TEXT", "volumes_create", "a_field_that_is_none_is_refused_by_name"),
    ("LONG_TEXT", "limits", "a_description_in_a_document_has_its_end"),
    ("RECORD", "volumes_metadata", "what_a_record_carries_has_112_kib_at_most_whoever_adds_the_last_of_it"),
    ("PAGE_ROWS", "list", "a_thousand_rows_are_the_default_and_the_cap"),
    ("PAGE_BYTES", "pages", "a_page_ends_where_its_rows_come_to_4_mib_and_links_to_the_next"),
    ("PAIRS", "limits", "a_summary_shows_ten_thousand_different_pairs_at_most"),
    ("OFFSET", "list", "offset_skips_rows_and_is_an_integer"),
    ("SORT_KEYS", "limits", "a_list_is_sorted_by_three_keys_at_most"),
    ("IDS", "cloudvolumes", "ids_are_a_list_of_which_what_is_no_id_is_ignored"),
    ("KEY", "idempotency_headers", "an_idempotency_key_is_1_to_255_visible_ascii_characters"),
    ("ANSWERED", "idempotency", "after_eight_hours_a_retry_is_refused_and_the_answer_is_wiped"),
    ("REMEMBERED", "idempotency", "after_thirty_days_a_name_is_forgotten_and_its_use_is_a_new_request"),
    ("HASHES", "hashing", "a_full_queue_is_503_with_retry_after_and_offers_nothing"),
    ("SIGN_INS", "limits", "more_sign_ins_than_may_wait_are_sent_away"),
    ("FAILED_SIGN_INS", "identity_refusals", "who_fails_too_often_from_an_address_waits_a_minute_and_nobody_else_does"),
    ("PASSWORD", "identity_admin", "a_password_is_long_enough_and_not_one_that_everybody_tries"),
    ("TOKEN", "keystone", "what_is_no_token_is_refused_without_asking"),
    ("KEYSTONE_TIME", "keystone_failures", "who_waits_for_keystone_is_told_so_after_five_seconds"),
    ("KEYSTONE_ANSWER", "keystone_failures", "an_answer_that_is_no_good_lets_nobody_in_and_is_not_kept"),
    ("KEYSTONE_QUEUE", "keystone", "a_flood_of_bad_tokens_keeps_no_good_one_waiting"),
    ("CONNECTIONS", "races", "who_waits_for_a_locked_volume_keeps_nobody_waiting_but_who_wants_it_too"),
    ("FREE_CONNECTION", "database_away", "a_database_that_hangs_is_503_too_and_never_a_hang"),
    ("STATEMENT", "database_away", "connections_that_die_without_a_word_under_a_statement_leave_the_pool"),
    ("TRANSACTION", "limits", "who_waits_for_a_lock_for_long_is_told_to_come_again"),
    ("COMMITTED_TOGETHER", "together", "more_than_64_are_committed_in_two_goes"),
    ("REFUSALS", "acts", "of_a_flood_of_refusals_a_thousand_a_project_and_hour_are_kept_and_the_rest_is_counted"),
    ("HISTORY", "acts", "acts_are_kept_as_long_as_the_setting_says"),
    ("FAULTS", "check", "a_hundred_rows_of_a_table_are_named_and_hide_none_of_another"),
    ("BATCH", "import", "more_records_than_a_batch_holds_come_back_one_by_one"),
];

/// Half an hour, ten thousand tokens, and waits that nothing comes to before another bound ends it: too much for a test.
const TOO_MUCH: [&str; 4] = ["CONNECTION_LIFE", "TOKENS", "REQUEST", "HASH_TIME"];

#[apply(limited!)]
#[test]
fn every_bound_is_tried_by_a_test_that_is_there() {
    let mut tried: Vec<&str> = TRIED.iter().map(|(bound, ..)| *bound).chain(TOO_MUCH).collect();
    let mut bounds: Vec<&str> = limits::all().iter().map(|limit| limit.name).collect();
    tried.sort_unstable();
    bounds.sort_unstable();
    assert_eq!(tried, bounds);
    for (bound, file, test) in TRIED {
        let text = fs::read_to_string(format!("{}/tests/{file}.rs", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(text.contains(&format!("fn {test}(")), "{bound}: {file}::{test}");
    }
}

/// What comes until the end of a connection, which comes within a minute and a half.
async fn to_its_end(server: &TestServer, said: &str) -> String {
    let mut stream = TcpStream::connect(server.host()).await.unwrap();
    stream.write_all(said.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(90), stream.read_to_end(&mut received));
    let _ = reading.await.unwrap_or_else(|_| panic!("it stays open: {said}"));
    String::from_utf8(received).unwrap()
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_that_says_nothing_is_closed() {
    let server = TestServer::start(Engine::Sqlite).await;
    let head = "POST /v2/alpha/os-volume-transfer HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice:alpha\r\n";
    let body = format!("{head}Content-Length: 100\r\n\r\n{{");
    let whole = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    let all = join_all([head, &body, whole].map(|said| to_its_end(&server, said))).await;
    assert!(all[0].is_empty() || all[0].starts_with("HTTP/1.1 408 "), "{}", all[0]);
    assert!(all[1].starts_with("HTTP/1.1 400 ") && all[1].contains("The body did not arrive within 30 seconds"), "{}", all[1]);
    assert!(all[2].starts_with("HTTP/1.1 200 "), "{}", all[2]);
}

#[apply(both_engines!)]
async fn connections_leave_files_to_the_database(engine: Engine) {
    let database = Database::fresh(engine);
    let few = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        let own = binary::command(arguments);
        command.args(["-c", "ulimit -n 200; exec \"$0\" \"$@\""]).arg(own.get_program()).args(own.get_args());
        command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command
    };
    let server = Binary::serve_by(few(&[]), &database.url, &[], &[]);
    let mut streams = Vec::new();
    for _ in 0..150 {
        streams.push(TcpStream::connect(server.host()).await.unwrap());
    }
    // those that have a place are answered, though each needs the database
    let ask = "GET /v3/alpha/volumes HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice:alpha\r\n\r\n";
    for stream in streams.iter_mut().take(20) {
        stream.write_all(ask.as_bytes()).await.unwrap();
    }
    for stream in streams.iter_mut().take(20) {
        let mut answer = [0; 15];
        within("it answers", stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
    }
    // and whoever waits for a place has it when another goes
    let waiting = tokio::spawn(server.get("/health/ready").into_future());
    drop(streams);
    within("it answers", waiting).await.unwrap().is(200);
}

/// A request that waits for a lock of another process's, and that.
async fn locked(database: &Database) -> (String, handover::store::Db) {
    let seed = volume("alpha");
    binary::import(&database.url, &json!({"volumes": [seed]}));
    let id = seed["id"].as_str().unwrap().to_owned();
    let elsewhere = Store::open(&database.url, Purpose::Command).await.unwrap();
    let mut lock = elsewhere.transaction().await.unwrap();
    batch::lock(&mut lock, "volumes", "id", [Id::parse(&id).unwrap()]).await.unwrap();
    (id, lock)
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stop_cuts_what_takes_longer_than_it_may() {
    let database = Database::fresh(Engine::Postgres);
    let (volume, lock) = locked(&database).await;
    let mut server = Binary::serve(&database.url, &["--shutdown-timeout=1"], &[]);
    let asking = server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}}));
    let asked = tokio::spawn(asking.try_send());
    database.until_somebody_waits().await;
    server.signal("TERM");
    assert!(within("it is cut", asked).await.unwrap().is_err());
    assert_eq!(server.wait().code(), Some(0), "{}", server.output());
    drop(lock);
    assert_eq!(OperatorCli(database.into()).export()["transfers"], json!([]));
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_waits_for_a_lock_for_long_is_told_to_come_again() {
    let database = Database::fresh(Engine::Postgres);
    let (volume, lock) = locked(&database).await;
    let server = Binary::serve(&database.url, &[], &[]);
    let asking = server.post("/v2/alpha/os-volume-transfer", json!({"transfer": {"volume_id": volume}})).into_future();
    let answer = within("it answers", asking).await;
    assert!(answer.fails(503, "EVS.5503").contains("Other requests were in the way"), "{answer}");
    assert_eq!(answer.header("retry-after"), Some("1"));
    drop(lock);
}

#[apply(both_engines!)]
async fn a_description_in_a_document_has_its_end(desk: OperatorCli) {
    let described =
        |characters: usize| json!({"volumes": [with(volume("alpha"), json!({"description": "é".repeat(characters)}))]});
    desk.import(&described(65_535));
    let why = desk.refused(&described(65_536));
    assert!(why.contains("description: 65536 characters given, at most 65535 expected"), "{why}");
}

#[apply(both_engines!)]
async fn a_list_is_sorted_by_three_keys_at_most(server: TestServer) {
    server.get("/v3/alpha/volumes?sort=name,status,size,id").await.is(200);
    let message = server.get("/v3/alpha/volumes?sort=name,status,size,bootable").await.fails(400, "");
    assert_eq!(message, "Sort by 3 keys and the id at most.");
}

#[apply(both_engines!)]
async fn more_sign_ins_than_may_wait_are_sent_away(server: BuiltIn) {
    // of as many users, since those of one are limited by themselves
    let sign_in = |n: usize| {
        let auth = by_password(named(&format!("nobody-{n}")), "a password of nobody's", None);
        server.post("/identity/v3/auth/tokens", auth).by_nobody().into_future()
    };
    let answers = join_all((0..400).map(sign_in)).await;
    let (away, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 503);
    assert!(!away.is_empty() && away.iter().all(|answer| answer.header("retry-after") == Some("1")));
    // one address has no more of the places than it leaves free
    assert!((100..=256).contains(&others.len()) && others.iter().all(|answer| answer.status == 401), "{}", others.len());
}

#[apply(both_engines!)]
async fn a_summary_shows_ten_thousand_different_pairs_at_most(server: TestServer) {
    let pairs = |from: usize| (from..from + 410).map(|n| (format!("k{n:05}"), json!("v"))).collect::<Value>();
    let made = |n: usize| with(volume("alpha"), json!({"metadata": pairs(410 * n), "tags": pairs(410 * n)}));
    server.seed(json!({"volumes": (0..25).map(made).collect::<Vec<_>>()})).await;
    let summary = server.get("/v3/alpha/volumes/summary").at("3.36").await.is(200).json();
    let metadata = summary["volume-summary"]["metadata"].as_object().unwrap();
    let tags = server.get("/v3/alpha/cloudvolumes/tags").await.is(200).json();
    let tags = tags["tags"].as_object().unwrap();
    for (name, shown) in [("metadata", metadata), ("tags", tags)] {
        assert_eq!(shown.len(), 10_000, "{name}");
        assert!(shown.contains_key("k00000") && shown.contains_key("k09999") && !shown.contains_key("k10000"), "{name}");
    }
}
