//! The command line: one command a file. Results go to standard output, messages to standard error; the exit status is
//! 0 for done, 1 for failed, 2 for used wrongly.

mod acts;
mod check;
mod export;
mod healthcheck;
mod identity;
mod import;
mod layers;
mod manual;
mod migrate;
mod past;
mod serve;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind as Wrong};
use clap::{FromArgMatches, Parser, Subcommand};
use secrecy::ExposeSecret;

use crate::app::App;
use crate::service::export::ExportError;
use crate::settings::Settings;
use crate::store::{Purpose, Store};
use crate::{logs, system};

/// Passes block volumes between projects: the volume-transfer API of Huawei Cloud EVS and OpenStack Cinder.
#[derive(Debug, Parser)]
#[command(name = "handover", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the database to this binary's version, then serve
    Serve(serve::Args),
    /// Bring the database to this binary's version, and say from which to which
    Migrate,
    /// Load volumes, snapshots, backups and transfers from documents
    Import(import::Args),
    /// Write everything to standard output as a document that import loads
    Export,
    /// Verify every invariant of the database; exit with 1 and name the rows at fault
    Check,
    /// Print which transfers there are and were, newest first
    Transfers(past::Transfers),
    /// Print why a volume is in its status, and who can end it
    Explain(past::Explain),
    /// Print what callers did and were refused, a line of JSON each, oldest first
    Acts(acts::Args),
    #[command(flatten)]
    Identity(identity::Command),
    /// Exit with 0 when the service at the configured address is ready
    Healthcheck(healthcheck::Args),
    /// Print a script by which a shell completes this command
    Completions { shell: clap_complete::Shell },
    /// Print the manual page, or that of a command
    Man { command: Option<String> },
}

/// Why a command did not do what it was asked.
enum Failure {
    /// It was tried and went wrong: exit status 1.
    Failed(String),
    /// It was asked wrongly: exit status 2.
    Misused(String),
    /// Whoever reads the output has had enough: exit status 1, and nobody to tell.
    Silent,
}

/// What a command, or a part of one, comes to.
type Result<T = (), E = Failure> = std::result::Result<T, E>;

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        failed(error)
    }
}

/// A command that went wrong.
fn failed(error: impl Display) -> Failure {
    Failure::Failed(error.to_string())
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let told = |status: u8, message: &str| {
        eprintln!("handover: {message}");
        ExitCode::from(status)
    };
    match run(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Silent) => ExitCode::from(1),
        Err(Failure::Failed(message)) => told(1, &message),
        Err(Failure::Misused(message)) => told(2, &message),
    }
}

fn run(arguments: &[OsString]) -> Result {
    let command = layers::command(arguments).map_err(Failure::Misused)?;
    let matches = command.try_get_matches_from(arguments).unwrap_or_else(|error| refuse(error, arguments));
    let Cli { command, settings } = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match &command {
        Command::Completions { shell } => return manual::completions(*shell),
        Command::Man { command } => return manual::man(command.as_deref()),
        _ => {}
    }
    let has_database = !matches!(command, Command::Healthcheck(_));
    if let Some(error) = Store::check_url(settings.database_url.expose_secret()).err().filter(|_| has_database) {
        let origin = layers::origin("--database-url", arguments);
        return Err(Failure::Misused(format!("--database-url (from {origin}) {error}")));
    }
    if let Some((missing, given)) = settings.half_given() {
        return Err(Failure::Misused(format!("{missing} is missing: {given} needs it")));
    }
    logs::start(&settings.log, settings.log_format).map_err(|error| {
        let origin = layers::origin("--log", arguments);
        let log = &settings.log;
        Failure::Misused(format!("--log is `{log}` (from {origin}): {error}; allowed is such as info or handover=debug"))
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let settings = &settings;
        match &command {
            Command::Serve(args) => serve::run(args, settings).await,
            Command::Migrate => with_app(settings, Purpose::Command, migrate::run).await,
            Command::Import(args) => {
                let scratch = args.scratch(settings).await?;
                let settings = scratch.as_ref().map_or(settings, |(_, settings)| settings);
                with_app(settings, args.purpose(), async |app| import::run(args, app).await).await
            }
            Command::Transfers(args) => past::transfers(args, settings).await,
            Command::Explain(args) => past::explain(args, settings).await,
            Command::Export => with_app(settings, Purpose::Look, export::run).await,
            Command::Check => with_app(settings, Purpose::Look, check::run).await,
            Command::Acts(args) => with_app(settings, Purpose::Look, async |app| acts::run(args, app).await).await,
            Command::Identity(command) => {
                with_app(settings, Purpose::Command, async |app| identity::run(command, app).await).await
            }
            Command::Healthcheck(args) => healthcheck::run(args, settings).await,
            Command::Completions { .. } | Command::Man { .. } => Ok(()),
        }
    })
}

/// Ends with what clap has to say, and with the place that a wrong value comes from. The password of a URL is not shown.
fn refuse(mut error: clap::Error, arguments: &[OsString]) -> ! {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (value, named) = (text(ContextKind::InvalidValue), text(ContextKind::InvalidArg));
    if let Some((_, host)) = value.rsplit_once('@') {
        error.insert(ContextKind::InvalidValue, ContextValue::String(format!("…@{host}")));
    }
    let _ = error.print();
    if matches!(error.kind(), Wrong::ValueValidation | Wrong::InvalidValue) && !value.is_empty() {
        let flag = named.split([' ', '[', '=']).next().unwrap_or_default();
        eprintln!("The value comes from {}.", layers::origin(flag, arguments));
    }
    std::process::exit(error.exit_code())
}

/// Opens the database to write in it or only to look (`Purpose::Look`), which takes one of this binary's version; does `work`, and
/// closes it however that ended.
async fn with_app<T>(settings: &Settings, purpose: Purpose, work: impl AsyncFnOnce(&App) -> Result<T>) -> Result<T> {
    let app = App::build(settings, purpose, system::clock()).await?;
    let done = async {
        if purpose == Purpose::Look {
            app.store.require_newest().await?;
        }
        let _ = app.service.ask_the_time().await; // a database that does not answer now is for the work to tell of
        work(&app).await
    };
    let done = done.await;
    // an SQLite file left open would leave what was written last in a second file beside it
    app.store.close().await;
    done
}

/// What ends early where rows are written to standard output.
fn unwritten(error: ExportError) -> Failure {
    match error {
        // whoever reads has had enough, and says so to its own user
        ExportError::Io(error) if error.kind() == ErrorKind::BrokenPipe => Failure::Silent,
        error => failed(error),
    }
}

/// A line on standard output. Nobody to read it is a failure without words: what was done is done.
fn say(line: impl Display) -> Result {
    writeln!(std::io::stdout(), "{line}").map_err(|_| Failure::Silent)
}
