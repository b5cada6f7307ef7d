//! The keys of a document are hashed before anything is locked: others write meanwhile, and the import sees what they have done.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use handover::app::App;
use handover::service::import::{Options, Pass, Source, Step, import};
use handover::store::{Purpose, Store, batch};
use handover::system::System;

use crate::support::operator_cli::{NONE, ONE_CREATED, said};
use crate::support::{
    Offered, OperatorCli, TestServer, Value, apply, binary, both_engines, copy, json, pending, settings, volume, with, within,
};

/// Three batches of transfers: when the last has been read, the first has been dealt with.
const MANY: usize = 1500;

/// More than lies unread in a pipe and in the reader's buffer together.
const UNREAD: usize = 256 * 1024;

/// An import that has hashed the first keys of a document, and waits for its end.
struct Fed {
    child: Child,
    pipe: ChildStdin,
}

impl Fed {
    fn with(url: &str, volumes: &[Value], transfers: &[Value]) -> Self {
        let mut child = binary::command(&["import", "-", "--database-url", url, "--hash=token", "--hash-threads=1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let most = format!(r#"{{"volumes": {}, "transfers": {}"#, json!(volumes), json!(transfers));
        pipe.write_all(most.as_bytes()).unwrap();
        pipe.write_all(" ".repeat(UNREAD).as_bytes()).unwrap();
        Self { child, pipe }
    }

    /// Gives it the end; the exit status and what it says.
    fn end(mut self) -> (Option<i32>, String) {
        self.pipe.write_all(b"}").unwrap();
        drop(self.pipe);
        let output = self.child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap().trim_end().to_owned())
    }
}

/// Volumes, and a transfer with a clear key of each.
fn many() -> (Vec<Value>, Vec<Value>) {
    let volumes: Vec<Value> = (0..MANY).map(|_| volume("alpha")).collect();
    let transfers = volumes.iter().map(pending).collect();
    (volumes, transfers)
}

#[apply(both_engines!)]
async fn others_write_while_keys_are_hashed(server: TestServer) {
    let (mut volumes, transfers) = many();
    // in the document too: it would be locked with it
    let own = volume("alpha");
    volumes.insert(0, own.clone());
    server.seed(json!({"volumes": [own]})).await;
    let fed = Fed::with(&server.database.url, &volumes, &transfers);
    let offered = server.offer_of(own["id"].as_str().unwrap()).await;
    let line = format!(
        "volumes: {MANY} created, 0 updated, 1 unchanged; snapshots: {NONE}; backups: {NONE}; transfers: {MANY} created, 0 updated, 0 unchanged"
    );
    assert_eq!(fed.end(), (Some(0), format!("standard input: {line}")));
    server.accept_by("beta", &offered).await.is(202);
}

#[apply(both_engines!)]
async fn a_transfer_that_another_import_brings_meanwhile_is_unchanged(desk: OperatorCli) {
    let (volumes, transfers) = many();
    let fed = Fed::with(&desk.0.url, &volumes, &transfers);
    let (url, first) = (desk.0.url.clone(), json!({"volumes": [volumes[0]], "transfers": [transfers[0]]}).to_string());
    let load = move || binary::run(&["import", "-", "--database-url", &url, "--hash=token"], &first);
    let other = within("it waits for nobody", tokio::task::spawn_blocking(load)).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&other.stdout), format!("standard input: {}\n", said(ONE_CREATED, ONE_CREATED)));
    let (status, line) = fed.end();
    let rest = MANY - 1;
    assert_eq!(status, Some(0), "{line}");
    assert!(line.contains(&format!("volumes: {rest} created, 0 updated, 1 unchanged")), "{line}");
    assert!(line.ends_with(&format!("transfers: {rest} created, 0 updated, 1 unchanged")), "{line}");
}

#[apply(both_engines!)]
async fn a_transfer_that_ends_meanwhile_refuses_the_document(server: TestServer) {
    let (volumes, transfers) = many();
    server.seed(json!({"volumes": [volumes[0]], "transfers": [transfers[0]]})).await;
    let fed = Fed::with(&server.database.url, &volumes, &transfers);
    let text = |record: &Value, key: &str| record[key].as_str().unwrap().to_owned();
    let [id, key, volume_id] = ["id", "auth_key", "volume_id"].map(|name| text(&transfers[0], name));
    // by its own project, which moves nothing
    server.accept_by("alpha", &Offered { id, key, volume_id }).await.is(202);
    let desk = OperatorCli(server.database.clone());
    let before = desk.text();
    let (status, why) = fed.end();
    assert_eq!(status, Some(1), "{why}");
    assert!(why.contains("transfers[0] (id ") && why.contains("has ended in the database (accepted on "), "{why}");
    assert_eq!(desk.text(), before);
}

#[apply(both_engines!)]
async fn a_document_that_is_wrong_at_its_end_waits_for_no_lock(desk: OperatorCli) {
    let (volumes, _) = many();
    let [one, other] = [&volumes[0], &volumes[1]];
    let wrong = |more: Value| json!({"volumes": ([&volumes[1..], &[with(one.clone(), more)]].concat())});
    let backup = |more: Value| with(copy("available"), with(json!({"volume_id": one["id"]}), more));
    let twice = backup(json!({}));
    let without_key = |more: Value| {
        let mut record = with(pending(other), more);
        record.as_object_mut().unwrap().remove("auth_key");
        record
    };
    let ending =
        json!({"state": "deleted", "ended_at": "2026-01-01T00:00:00", "ended_project_id": "alpha", "ended_user_id": "a"});
    let ended = |more: Value| without_key(with(ending.clone(), more));
    let too_early = json!({"source_project_id": "alpha", "created_at": "2026-01-02T00:00:00"});

    let settings = settings::parse(&desk.0.url, &[]);
    let app = App::build(&settings, Purpose::Command, Arc::new(System)).await.unwrap();
    // of another process's
    let elsewhere = Store::open(&desk.0.url, Purpose::Command).await.unwrap();
    let mut lock = elsewhere.transaction().await.unwrap();
    batch::take_turn(&mut lock).await.unwrap();
    for (more, why) in [
        (wrong(json!({"size": 0})), "size: 0 given"),
        (wrong(json!({"backups": [{"id": one["id"], "size": -1}]})), "backups[0].size: -1 given"),
        (json!({"backups": [backup(json!({"status": 1}))]}), "status: 1 given"),
        (json!({"backups": [twice, twice]}), "stands twice in this document"),
        (json!({"transfers": [pending(one), pending(one)]}), "is on offer already, by transfer"),
        (json!({"transfers": [pending(one), without_key(json!({"auth_key_hash": "$argon2id$"}))]}), "auth_key_hash: is no"),
        (json!({"transfers": [ended(json!({}))]}), "source_project_id: missing"),
        (json!({"transfers": [ended(too_early)]}), "ended_at: 2026-01-01T00:00:00.000000 given"),
        (json!({"transfers": [pending(one)], "zone": "red"}), "has the unknown key `zone`"),
    ] {
        let text = with(json!({"volumes": volumes}), more).to_string();
        for is_rehearsal in [false, true] {
            let source = Source::stream(Cursor::new(text.clone()));
            let done = import(&app.service, source, Options { is_rehearsal, ..Options::default() }).await;
            let error = done.expect_err("it is refused").to_string();
            assert!(error.contains(why), "{why}: {error}");
        }
    }
    drop(lock);
    elsewhere.close().await;
    app.store.close().await;
}

#[apply(both_engines!)]
async fn a_file_that_is_another_when_it_is_stored_changes_nothing(desk: OperatorCli) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("document.json");
    let one = volume("alpha");
    let offer = pending(&one);
    let document = json!({"volumes": [one], "transfers": [offer]}).to_string();
    let settings = settings::parse(&desk.0.url, &[]);
    let app = App::build(&settings, Purpose::Command, Arc::new(System)).await.unwrap();
    let before = desk.text();
    for then in [
        json!({"volumes": [one], "transfers": [with(offer.clone(), json!({"auth_key": "another"}))]}).to_string(),
        json!({"volumes": [one], "transfers": [pending(&one)]}).to_string(),
        json!({"volumes": [with(one.clone(), json!({"name": "another"}))]}).to_string(),
        document[..100].to_owned(),
        String::new(),
    ] {
        fs::write(&path, &document).unwrap();
        let file = File::open(&path).unwrap();
        let path = path.clone();
        let rewrite = move |step| {
            if matches!(step, Step::Begins(Pass::Write, _)) {
                fs::write(&path, &then).unwrap();
            }
        };
        let done = import(&app.service, Source::file(file).unwrap().watched(rewrite), Options::default()).await;
        assert_eq!(done.expect_err("it is refused").to_string(), "was changed while it was read; import it again");
        assert_eq!(desk.text(), before);
    }
    app.store.close().await;
}

#[apply(both_engines!)]
async fn a_named_pipe_is_read_once_and_loaded(desk: OperatorCli) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe").display().to_string();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let one = volume("alpha");
    let text = json!({"volumes": [one], "transfers": [pending(&one)]}).to_string();
    let writer = std::thread::spawn({
        let path = path.clone();
        move || fs::write(path, text).unwrap()
    });
    let ran = desk.run(&["import", &path], "");
    writer.join().unwrap();
    assert_eq!(
        (ran.status, ran.out.trim_end()),
        (Some(0), format!("{path}: {}", said(ONE_CREATED, ONE_CREATED)).as_str()),
        "{}",
        ran.err
    );
}
