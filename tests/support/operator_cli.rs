//! Commands on a database, as an operator runs them: load, save, check.

use std::process::Output;
use std::sync::Arc;

use super::{Database, Engine, Fixture, Value, binary};

/// A database that commands are run on.
pub struct OperatorCli(pub Arc<Database>);

/// A command that has ended.
pub struct Ran {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl OperatorCli {
    pub fn new(engine: Engine) -> Self {
        Self(Database::fresh(engine).into())
    }

    pub fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let all = [arguments, &["--database-url", &self.0.url, "--hash", "token"]].concat();
        Ran::of(&binary::run(&all, input))
    }

    /// Loads a document, which must succeed; what it says it did.
    #[track_caller]
    pub fn import(&self, document: &Value) -> String {
        let ran = self.run(&["import", "-"], &document.to_string());
        assert_eq!(ran.status, Some(0), "{}", ran.err);
        ran.out.strip_prefix("standard input: ").expect("a line about the file").trim_end().to_owned()
    }

    /// Loads a document, which must be refused and leave everything as it was; what it says.
    #[track_caller]
    pub fn refused(&self, document: &Value) -> String {
        let before = self.text();
        let ran = self.run(&["import", "-"], &document.to_string());
        assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""), "{}", ran.err);
        assert_eq!(self.text(), before, "a refused document changed something");
        ran.err
    }

    #[track_caller]
    pub fn text(&self) -> String {
        let ran = self.run(&["export"], "");
        assert_eq!(ran.status, Some(0), "{}", ran.err);
        ran.out
    }

    #[track_caller]
    pub fn export(&self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }

    /// The exported volume with this id.
    #[track_caller]
    pub fn volume(&self, id: &Value) -> Value {
        let all = self.export();
        all["volumes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|volume| volume["id"] == *id)
            .unwrap_or_else(|| panic!("no {id}"))
            .clone()
    }
}

impl Drop for OperatorCli {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let ran = self.run(&["check"], "");
            assert_eq!(ran.status, Some(0), "{}{}", ran.out, ran.err);
        }
    }
}

impl Fixture for OperatorCli {
    async fn on(engine: Engine) -> Self {
        let desk = Self::new(engine);
        assert_eq!(desk.run(&["migrate"], "").status, Some(0));
        desk
    }
}

/// What an import says of volumes and transfers when it touches nothing else.
pub fn said(volumes: &str, transfers: &str) -> String {
    format!("volumes: {volumes}; snapshots: {NONE}; backups: {NONE}; transfers: {transfers}")
}

pub const NONE: &str = "0 created, 0 updated, 0 unchanged";
pub const ONE_CREATED: &str = "1 created, 0 updated, 0 unchanged";
pub const ONE_UPDATED: &str = "0 created, 1 updated, 0 unchanged";
pub const ONE_UNCHANGED: &str = "0 created, 0 updated, 1 unchanged";
