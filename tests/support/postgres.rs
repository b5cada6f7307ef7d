//! A real PostgreSQL: of our own, started when the first test asks for it and gone when the test process is; or the server that
//! `HANDOVER_TEST_DATABASE_URL` names, in which databases are made and dropped.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Output, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use handover::store::{Purpose, Store};
use reqwest::Url;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::scratch;

const SERVER_VARIABLE: &str = "HANDOVER_TEST_DATABASE_URL";

/// Migrated once; every database of a test is a copy of it.
const TEMPLATE: &str = "handover_template";

/// Statics are never dropped, so nothing here may rest on `Drop`: this shell holds the cluster until our end.
const WATCHER: &str = include_str!("postgres.sh");

struct Server {
    /// Of the database from which others are made.
    url: Url,
    /// Holds a cluster of our own.
    until_we_end: Option<ChildStdin>,
}

static SERVER: LazyLock<Server> = LazyLock::new(|| match std::env::var(SERVER_VARIABLE) {
    Ok(url) => named(&url),
    Err(_) => start(),
});

/// The URL of a database of the server.
pub fn url(database: &str) -> String {
    let mut url = SERVER.url.clone();
    url.set_path(database);
    url.into()
}

/// Where the server listens, as `host:port`.
pub fn address() -> String {
    let url = &SERVER.url;
    format!("{}:{}", url.host_str().expect("it has a host"), url.port().expect("it has a port"))
}

/// A new database, migrated or empty; its name.
pub fn create(migrated: bool) -> String {
    static TEMPLATE_IS_MADE: LazyLock<()> = LazyLock::new(|| {
        execute(format!("CREATE DATABASE {TEMPLATE}"));
        migrate(TEMPLATE);
    });
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // others may use a server that is not ours
    let name = format!("handover_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    match (migrated, SERVER.until_we_end.is_some()) {
        (true, true) => {
            LazyLock::force(&TEMPLATE_IS_MADE);
            execute(format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"));
        }
        // a template would be left in it, and a distributed one copies none
        (true, false) => {
            execute(format!("CREATE DATABASE {name}"));
            migrate(&name);
        }
        (false, _) => execute(format!("CREATE DATABASE {name}")),
    }
    name
}

pub fn drop(database: &str) {
    execute(format!("DROP DATABASE {database} WITH (FORCE)"));
}

fn migrate(database: &str) {
    let url = url(database);
    aside(async move {
        let store = Store::open(&url, Purpose::Command).await.unwrap();
        store.migrate().await.unwrap();
        store.close().await;
    });
}

fn execute(statement: String) {
    aside(async {
        let mut connection = PgConnection::connect(SERVER.url.as_str()).await.unwrap();
        connection.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// On a thread of its own, since the caller is within a runtime already.
fn aside(work: impl Future<Output = ()> + Send + 'static) {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime().block_on(work)).join().unwrap();
}

fn named(url: &str) -> Server {
    let mut url: Url = url.parse().unwrap_or_else(|error| panic!("{SERVER_VARIABLE}: {error}"));
    let port = url.port().unwrap_or(5432);
    url.set_port(Some(port)).unwrap_or_else(|()| panic!("{SERVER_VARIABLE} has no host"));
    Server { url, until_we_end: None }
}

fn start() -> Server {
    let programs = programs();
    let root = scratch::folder("handover-postgres-").keep();
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
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres").parse().unwrap();
    Server { url, until_we_end: Some(until_we_end) }
}

/// One of PostgreSQL's programs, beside those that run here.
#[allow(dead_code)] // a bench asks
pub fn program(name: &str) -> String {
    programs().join(name).to_string_lossy().into_owned()
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
