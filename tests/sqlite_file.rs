//! What becomes of an SQLite file: a second service wants it, it is taken away, it may only be read, its pages are damaged.

use std::fs::{self, File, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Binary, Database, Engine, apply, binary, json, limited, volume, with};

fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_second_service_on_one_file_is_refused_and_commands_are_not() {
    let database = Database::empty(Engine::Sqlite);
    let server = Binary::serve(&database.url, &[], &[]);
    let second = binary::run(&["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url], "");
    assert_eq!(second.status.code(), Some(1));
    assert!(error_of(&second).contains("is served by another process already"), "{}", error_of(&second));
    let volume = volume("alpha");
    binary::import(&database.url, &json!({"volumes": [volume]}));
    let body = json!({"transfer": {"volume_id": volume["id"]}});
    server.post("/v2/alpha/os-volume-transfer", body).await.is(202);
    assert_eq!(binary::run(&["check", "--database-url", &database.url], "").status.code(), Some(0));
    // who was killed holds nothing
    drop(server);
    Binary::serve(&database.url, &[], &[]).get("/v2/alpha/os-volume-transfer").await.is(200);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_file_that_is_taken_away_ends_the_service_and_nothing_is_acknowledged_meanwhile() {
    for replaced in [false, true] {
        let database = Database::empty(Engine::Sqlite);
        let volume = volume("alpha");
        binary::import(&database.url, &json!({"volumes": [volume]}));
        let mut server = Binary::serve(&database.url, &[], &[]);
        let file = database.folder().join("handover.db");
        fs::rename(&file, database.folder().join("elsewhere.db")).unwrap();
        if replaced {
            fs::write(&file, "").unwrap();
        }
        let body = json!({"transfer": {"volume_id": volume["id"]}});
        server.post("/v2/alpha/os-volume-transfer", body).await.fails(503, "EVS.5503");
        server.get("/health/ready").by_nobody().await.fails(503, "EVS.5503");
        assert_eq!(server.wait().code(), Some(1));
        assert!(server.output().contains("was deleted or replaced while it was served"), "{}", server.output());
    }
}

#[apply(limited!)]
#[test]
fn what_may_only_be_read_is_checked_and_exported_and_nothing_is_laid_beside_it() {
    let database = Database::empty(Engine::Sqlite);
    binary::import(&database.url, &json!({"volumes": [volume("alpha")]}));
    let folder = database.folder();
    let set = |mode, of: &Path| fs::set_permissions(of, Permissions::from_mode(mode)).unwrap();
    set(0o444, &folder.join("handover.db"));
    set(0o555, folder);
    for arguments in ["check", "export"].map(|command| [command, "--database-url", &database.url]) {
        let output = by_who_may_not_write(&arguments);
        assert!(output.status.success(), "{arguments:?}: {}", error_of(&output));
    }
    set(0o755, folder);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["handover.db"]);
}

/// By a user who owns nothing: root may write everywhere.
fn by_who_may_not_write(arguments: &[&str]) -> Output {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return binary::run(arguments, "");
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_handover")]);
    command.args(arguments).output().unwrap()
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn pages_that_cannot_be_read_make_it_not_ready_and_check_says_what_to_do() {
    let database = Database::empty(Engine::Sqlite);
    let volumes: Vec<_> = (0..500).map(|_| with(volume("alpha"), json!({"description": "x".repeat(200)}))).collect();
    binary::import(&database.url, &json!({"volumes": volumes}));
    let mut file = File::options().write(true).open(database.folder().join("handover.db")).unwrap();
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(length / 2)).unwrap();
    file.write_all(&vec![0xff; usize::try_from(length / 2).unwrap()]).unwrap();
    drop(file);

    let checked = binary::run(&["check", "--database-url", &database.url], "");
    assert_eq!(checked.status.code(), Some(1));
    assert!(error_of(&checked).contains("restore a backup"), "{}", error_of(&checked));
    let server = Binary::serve(&database.url, &[], &[]);
    server.get("/v3/alpha/volumes/detail").await.fails(500, "500");
    let ready = server.get("/health/ready").by_nobody().await;
    assert!(ready.fails(503, "503").contains("restore a backup"), "{ready}");
}
