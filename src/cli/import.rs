//! `handover import`.

use std::fs::File;
use std::io::stdin;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::{App, Result, failed, say, with_app};
use crate::service::import::{Options, Orphans, Pass, Report, Source, Step, Tally, import};
use crate::settings::{Settings, allowed};
use crate::store::migrate::MigrateError;
use crate::store::{Purpose, Store, StoreError};

/// The arguments of `handover import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Documents: our own (YAML or JSON), or what Cinder's …/volumes/detail or EVS's …/cloudvolumes/detail answered;
    /// - is standard input. Each is loaded whole or not at all
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// What becomes of a volume that is awaiting-transfer while its transfer is nowhere: refuse the document, or load the
    /// volume as available
    #[arg(long, value_name = "refuse|available", default_value = "refuse", value_parser = allowed(Orphans::parse, Orphans::WORDS.join(" or ")))]
    orphans: Orphans,

    /// Move volumes, snapshots and backups that are in the database to the projects that the document names; without it, a
    /// document that would is refused
    #[arg(long = "move")]
    is_moving: bool,

    /// Do all of it but keep nothing: say what would be done, or what is wrong. Needs no database: where there is none, it is
    /// checked against an empty one
    #[arg(long)]
    check: bool,
}

impl Args {
    /// Who only looks writes nothing.
    pub const fn purpose(&self) -> Purpose {
        if self.check { Purpose::Look } else { Purpose::Command }
    }

    /// Documents can be checked where there is no database: against an empty one, which lies in this folder and goes with it.
    pub async fn scratch(&self, settings: &Settings) -> Result<Option<(TempDir, Settings)>> {
        let found = if self.check { newest(settings.database_url.expose_secret()).await } else { Ok(()) };
        let why = match found {
            Err(MigrateError::Older { database: 0, .. }) => "the database is empty".to_owned(),
            Err(MigrateError::Store(StoreError::Missing(file))) => format!("there is no database at {}", file.display()),
            // what is wrong with one that is there is said where it is opened
            _ => return Ok(None),
        };
        eprintln!("handover: {why}: checked against an empty one");
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}/empty.db", folder.path().display());
        let settings = Settings { database_url: url.into(), ..settings.clone() };
        with_app(&settings, Purpose::Command, async |app| Ok(app.store.migrate().await.map(drop)?)).await?;
        Ok(Some((folder, settings)))
    }
}

/// Loads each document in one transaction, and prints what changed.
pub async fn run(args: &Args, App { store, service }: &App) -> Result {
    if !args.check {
        store.migrate().await?;
    }
    let options = Options { orphans: args.orphans, is_moving: args.is_moving, is_rehearsal: args.check, is_first: false };
    let mut loaded = Vec::new();
    for file in &args.files {
        let name = called(file);
        let bar = ProgressBar::no_length();
        let shown = bar.clone();
        let done = match source(file) {
            Ok(source) => import(service, source.watched(move |step| show(&shown, step)), options)
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(format!("cannot be opened: {error}")),
        };
        bar.finish_and_clear();
        let report = done.map_err(|error| failed(refused(&name, &error, &loaded, args.check)))?;
        say(format_args!("{name}: {}{}", line(&report), if args.check { " (checked, nothing written)" } else { "" }))?;
        loaded.push(name);
    }
    Ok(())
}

/// Whether there is a database of this binary's version.
async fn newest(url: &str) -> Result<(), MigrateError> {
    let store = Store::open(url, Purpose::Look).await?;
    let found = store.require_newest().await;
    store.close().await;
    found
}

/// What a document is called in messages.
pub fn called(file: &Path) -> String {
    if is_stdin(file) { "standard input".to_owned() } else { file.display().to_string() }
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

/// A document's source; `-` is standard input.
pub fn source(file: &Path) -> std::io::Result<Source> {
    if is_stdin(file) { Ok(Source::stream(stdin())) } else { Source::file(File::open(file)?) }
}

/// How far each reading is, on a terminal only.
fn show(bar: &ProgressBar, step: Step) {
    match step {
        Step::Begins(pass, length) => {
            let template = match length {
                Some(_) => "{msg} {wide_bar} {bytes}/{total_bytes} {eta}",
                None => "{msg} {spinner} {bytes} {elapsed}",
            };
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
            length.map_or_else(|| bar.unset_length(), |length| bar.set_length(length));
            bar.set_message(if pass == Pass::Look { "reading" } else { "writing" });
            bar.reset();
        }
        Step::Read(bytes) => bar.inc(bytes),
    }
}

/// One line for what became of a file.
pub fn line(report: &Report) -> String {
    let counted = report.each().map(|(kind, Tally { created, updated, unchanged, removed })| {
        let removed = if removed > 0 { format!(", {removed} removed") } else { String::new() };
        format!("{kind}: {created} created, {updated} updated, {unchanged} unchanged{removed}")
    });
    counted.collect::<Vec<_>>().join("; ")
}

/// Why a document was not loaded, and what was before it.
pub fn refused(name: &str, error: &str, loaded: &[String], is_check: bool) -> String {
    let rest = match (loaded, is_check) {
        (_, true) => String::new(),
        ([], false) => "Nothing was loaded".to_owned(),
        (loaded, false) => format!("Nothing of it was loaded; before it were {}", loaded.join(", ")),
    };
    // several faults are a line each
    let between = if error.contains('\n') { "\n" } else { ". " };
    if rest.is_empty() { format!("{name}: {error}") } else { format!("{name}: {error}{between}{rest}") }
}
