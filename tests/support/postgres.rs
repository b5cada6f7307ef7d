//! A real PostgreSQL of our own, started when the first test asks for it and gone when the test process is.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::{fs::MetadataExt, fs::PermissionsExt, process::CommandExt},
    path::PathBuf,
    process::{ChildStdin, Command, Output, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use handover::store::{Purpose, Store};

use super::room;

/// Migrated once; every database of a test is a copy of it.
const TEMPLATE: &str = "handover_template";

/// Statics are never dropped, so nothing here may rest on `Drop`: this shell holds the cluster until our end.
const WATCHER: &str = include_str!("postgres.sh");

struct Cluster {
    programs: PathBuf,
    port: u16,
    _until_we_end: ChildStdin,
}

static CLUSTER: LazyLock<Cluster> = LazyLock::new(start);

/// The URL of `database` in the throw-away cluster.
pub fn url(database: &str) -> String {
    format!("postgres://postgres@{}/{database}", address())
}

/// Where the cluster listens, as `host:port`.
pub fn address() -> String {
    format!("127.0.0.1:{}", CLUSTER.port)
}

/// A new database, migrated or empty; its name.
pub fn create(migrated: bool) -> String {
    static TEMPLATE_IS_MADE: LazyLock<()> = LazyLock::new(make_template);
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    if migrated {
        LazyLock::force(&TEMPLATE_IS_MADE);
        program("createdb", &["-T", TEMPLATE, &name]);
    } else {
        program("createdb", &[&name]);
    }
    name
}

pub fn drop(database: &str) {
    program("dropdb", &["--force", database]);
}

fn make_template() {
    program("createdb", &[TEMPLATE]);
    // of its own thread, since the first caller is within a runtime already
    let migrate = async {
        let store = Store::open(&url(TEMPLATE), Purpose::Command).await.unwrap();
        store.migrate().await.unwrap();
        store.close().await;
    };
    std::thread::spawn(|| tokio::runtime::Runtime::new().unwrap().block_on(migrate)).join().unwrap();
}

/// Runs a client program of PostgreSQL's against the cluster.
fn program(name: &str, arguments: &[&str]) {
    let Cluster { programs, port, .. } = &*CLUSTER;
    let connection = ["-h", "127.0.0.1", "-U", "postgres", "-p", &port.to_string()].map(str::to_owned);
    let output = Command::new(programs.join(name)).args(connection).args(arguments).output();
    succeeded(name, &output.unwrap());
}

fn start() -> Cluster {
    let programs = programs();
    let root = room::folder("handover-postgres-").keep();
    std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o755)).unwrap();
    // PostgreSQL refuses to run as root
    let as_root = root.metadata().unwrap().uid() == 0;
    let mut shell = Command::new(if as_root { "setpriv" } else { "/bin/sh" });
    if as_root {
        succeeded("chown", &Command::new("chown").arg("postgres:postgres").arg(&root).output().unwrap());
        shell.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "/bin/sh"]);
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = format!(
        "-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync=off -c synchronous_commit=off",
        root.display()
    );
    #[allow(clippy::zombie_processes)] // it waits for our end, not we for its
    let mut watcher = shell
        .args(["-c", WATCHER])
        .args([programs.as_os_str(), root.as_os_str(), options.as_ref()])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0) // an interrupt from the keyboard ends us, not the one who cleans up after us
        .spawn()
        .unwrap();
    let until_we_end = watcher.stdin.take().unwrap();
    let mut line = String::new();
    BufReader::new(watcher.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n", "PostgreSQL does not start: {}", std::fs::read_to_string(root.join("log")).unwrap_or_default());
    Cluster { programs, port, _until_we_end: until_we_end }
}

/// The folder of the newest PostgreSQL's programs. Debian's come before those in the PATH, which may be wrappers.
fn programs() -> PathBuf {
    let version = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<u32>().ok());
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = debian.filter(|path| version(path).is_some()).max_by_key(version).map(|path| path.join("bin"));
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    newest
        .into_iter()
        .chain(std::env::split_paths(&in_path))
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
        .expect("no PostgreSQL on this machine: run scripts/test, which installs it")
}

fn succeeded(program: &str, output: &Output) {
    assert!(output.status.success(), "{program} fails: {}", String::from_utf8_lossy(&output.stderr));
}
