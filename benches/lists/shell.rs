//! The same selects through the engine's own shell.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use handover::domain::ProjectId;
use handover::domain::limits::PAGE_ROWS;
use handover::domain::page::{Direction, Filter, FilterValue, Order, SortKey};
use handover::store::list::{self, List, Query};
use handover::store::{Engine, copies, transfers, volumes};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::postgres;

/// What narrows or orders a list.
pub enum Scan {
    Number(&'static str, i64),
    Text(&'static str, &'static str),
    Metadata(&'static str, &'static str),
    Order(SortKey),
}

/// The statement that the list of this path runs, its parameters written out.
pub fn select(engine: Engine, path: &str, scan: &Scan) -> String {
    match path {
        "volumes" => written_out(engine, &volumes::ALL, scan),
        "snapshots" => written_out(engine, &copies::ALL_SNAPSHOTS, scan),
        "backups" => written_out(engine, &copies::ALL_BACKUPS, scan),
        _ => written_out(engine, &transfers::PENDING, scan),
    }
}

fn written_out<T: DeserializeOwned>(engine: Engine, list: &List<T>, scan: &Scan) -> String {
    let quoted = |text: &str| format!("'{text}'");
    let (filters, values, order) = match *scan {
        Scan::Number(name, number) => (vec![Filter { name, value: number.into() }], vec![number.to_string()], None),
        Scan::Text(name, text) => (vec![Filter { name, value: text.to_owned().into() }], vec![quoted(text)], None),
        Scan::Metadata(key, value) => {
            let pair = json!({key: value});
            let texts = FilterValue::Texts(pair.as_object().unwrap().clone());
            (vec![Filter { name: "metadata", value: texts }], vec![quoted(&pair.to_string())], None)
        }
        Scan::Order(key) => (vec![], vec![], Order::new([(key, Direction::Descending)])),
    };
    let order = order.unwrap_or_else(|| Order::by_age(Direction::Descending));
    let rows = i64::from(PAGE_ROWS) + 1;
    let query = Query {
        project: ProjectId::parse("alpha"),
        filters,
        order,
        after: None,
        offset: 0,
        rows,
        now: handover::domain::Time::EPOCH,
    };
    let select = list::page(engine, list, &query).unwrap();
    let values = [vec![quoted("alpha")], values, vec![rows.to_string(), "0".to_owned()]].concat();
    // from the last, since $1 begins $10
    let numbered = values.iter().enumerate().rev();
    numbered.fold(format!("SELECT *{}", select.text()), |text, (at, value)| text.replace(&format!("${}", at + 1), value))
}

/// A program that runs a statement which is its last argument.
pub struct Shell {
    program: String,
    arguments: Vec<String>,
}

/// Where there is no `sqlite3`.
const PYTHON: &str = "import sqlite3, sys\nfor row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(*row, sep='|')";

impl Shell {
    /// The one for the database of this URL, where the machine has it.
    pub fn find(url: &str) -> Option<Self> {
        let runs = |program: &String| Command::new(program).arg("--version").output().is_ok_and(|ran| ran.status.success());
        let (program, arguments) = match url.strip_prefix("sqlite://") {
            None => (postgres::program("psql"), vec!["-qAt".into(), "-d".into(), url.to_owned(), "-c".into()]),
            Some(file) if runs(&"sqlite3".to_owned()) => ("sqlite3".to_owned(), vec!["-batch".into(), file.to_owned()]),
            Some(file) => ("python3".to_owned(), vec!["-c".into(), PYTHON.into(), file.to_owned()]),
        };
        runs(&program).then_some(Self { program, arguments })
    }

    /// How long it takes over a select, to its last row.
    pub fn time(&self, select: &str) -> Duration {
        let begun = Instant::now();
        let mut command = Command::new(&self.program);
        let ran = command.args(&self.arguments).arg(select.trim()).stdout(Stdio::null()).status().unwrap();
        assert!(ran.success(), "{} fails: {select}", self.program);
        begun.elapsed()
    }
}
