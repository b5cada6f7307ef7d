//! What lies under flags and environment: a secret's file, the settings file, variables of other programs. Each becomes the
//! default of its setting, so that clap reads, checks and names every value in one way.

use std::ffi::OsString;
use std::path::PathBuf;
use std::{env, fs};

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::Cli;
use crate::settings::group;

/// Variables of other programs, and the settings that they stand in for.
const FOREIGN: [(&str, &str); 2] = [("database_url", "DATABASE_URL"), ("log", "RUST_LOG")];

/// What the settings file may hold for a setting.
const KINDS: &str = "text, a number, true or false, or a list of texts";

/// The command line with every lower layer as its defaults.
pub fn command(arguments: &[OsString]) -> Result<Command, String> {
    let declared = Cli::command();
    let secrets = secrets(&declared);
    let command = without_empty_variables(declared);
    // weakest first: a later default replaces an earlier one
    let mut layers = config_path(arguments).map_or(Ok(Vec::new()), |path| read(&path, &command))?;
    layers.extend(FOREIGN.iter().filter_map(|(setting, variable)| Some(((*setting).to_owned(), given(variable)?))));
    for (setting, variable) in secrets {
        if let Some(path) = given(&format!("{variable}_FILE")).map(PathBuf::from).filter(|_| given(&variable).is_none()) {
            let unread = |error| format!("cannot read {}, which {variable}_FILE names: {error}", path.display());
            layers.push((setting, fs::read_to_string(&path).map_err(unread)?.trim().into()));
        }
    }
    let defaults = layers.into_iter();
    let command = defaults.fold(command, |command, (name, value)| command.mut_arg(name, |arg| arg.default_value(value)));
    Ok(offering(command, arguments))
}

/// What the help of a command shows: of the settings those that it heeds.
fn offering(command: Command, arguments: &[OsString]) -> Command {
    let names = command.get_subcommands().map(|command| command.get_name().to_owned());
    let asked = names.filter(|name| name != "serve").find(|name| arguments.iter().any(|argument| argument == name.as_str()));
    let Some(asked) = asked else { return command };
    let heeds = move |arg: &Arg| group(arg.get_id().as_str()).1.split(' ').any(|heeding| heeding == asked);
    command.mut_args(|arg| if arg.is_global_set() && !heeds(&arg) { arg.hide(true) } else { arg })
}

/// A variable that holds something: an empty one is as absent, since compose files hand on what is not set as empty.
fn given(variable: &str) -> Option<OsString> {
    env::var_os(variable).filter(|value| !value.is_empty())
}

fn without_empty_variables(command: Command) -> Command {
    let is_empty =
        |arg: &&Arg| arg.get_env().is_some_and(|variable| env::var_os(variable).is_some_and(|value| value.is_empty()));
    let empty: Vec<_> = command.get_arguments().filter(is_empty).map(|arg| arg.get_id().clone()).collect();
    empty.into_iter().fold(command, |command, id| command.mut_arg(id, |arg| arg.env(None::<&'static str>)))
}

/// Every setting whose value may be a secret, and its variable; with `_FILE` behind it, it names a file with the value.
fn secrets(command: &Command) -> Vec<(String, String)> {
    let is_secret = |arg: &&Arg| arg.is_hide_env_values_set();
    let named = |arg: &Arg| Some((arg.get_id().to_string(), arg.get_env()?.to_str()?.to_owned()));
    command.get_arguments().filter(is_secret).filter_map(named).collect()
}

/// `--config FILE`, `--config=FILE`, or the variable. Clap parses the command line only once the file is read.
fn config_path(arguments: &[OsString]) -> Option<PathBuf> {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_str().unwrap_or_default();
        match text.strip_prefix("--config") {
            Some("") => return rest.next().map(PathBuf::from),
            Some(value) if value.starts_with('=') => return Some(PathBuf::from(&value[1..])),
            _ if text == "--" => break,
            _ => {}
        }
    }
    given("HANDOVER_CONFIG").map(PathBuf::from)
}

fn read(path: &PathBuf, command: &Command) -> Result<Vec<(String, OsString)>, String> {
    let file = path.display();
    let unread = |error| format!("cannot read the settings file {file}: {error}. Check --config (HANDOVER_CONFIG)");
    let text = fs::read_to_string(path).map_err(unread)?;
    let wrong = |problem| format!("the settings file {file} {problem}");
    let table: toml::Table = toml::from_str(&text).map_err(|error| wrong(not_toml(&text, &error)))?;
    let layer = |(name, value): (String, toml::Value)| {
        let is_called = |arg: &&Arg| arg.get_long() == Some(name.as_str()) && arg.get_id() != "config";
        let takes_value = |arg: &&Arg| matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
        let arg = command.get_arguments().filter(takes_value).find(is_called);
        let unknown = |meant| format!("has `{name}`, which is no setting; {meant}`handover --help` lists them all");
        let arg = arg.ok_or_else(|| wrong(unknown(meant(&name, command))))?;
        let of_no_kind = || format!("has a table, a date or a list with more than texts for `{name}`; give {KINDS}");
        Ok((arg.get_id().to_string(), plain(&value).ok_or_else(|| wrong(of_no_kind()))?))
    };
    table.into_iter().map(layer).collect()
}

/// What the name of no setting was meant to be, if it is near to one.
fn meant(name: &str, command: &Command) -> String {
    let likeness = |setting: &&str| strsim::jaro_winkler(name, setting);
    let settings = command.get_arguments().filter_map(Arg::get_long).filter(|setting| *setting != "config");
    let nearest = settings.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.filter(|it| likeness(it) > 0.85).map_or_else(String::new, |it| format!("did you mean `{it}`? "))
}

/// Where the value of a setting comes from, named by its flag: the strongest layer that has one.
pub fn origin(flag: &str, arguments: &[OsString]) -> String {
    if arguments.iter().any(|argument| argument.to_string_lossy().split('=').next() == Some(flag)) {
        return flag.to_owned();
    }
    let setting = flag.trim_start_matches('-').replace('-', "_");
    let own = format!("HANDOVER_{}", setting.to_uppercase());
    let foreign = FOREIGN.iter().filter(|(of, _)| *of == setting).map(|(_, variable)| (*variable).to_owned());
    let of_file = secrets(&Cli::command()).into_iter().filter(|(of, _)| *of == setting).map(|_| format!("{own}_FILE"));
    let set = std::iter::once(own.clone()).chain(of_file).chain(foreign).find(|variable| given(variable).is_some());
    let file = || config_path(arguments).map(|path| format!("the settings file {}", path.display()));
    set.or_else(file).unwrap_or_else(|| flag.to_owned())
}

/// The line itself is not shown: it may hold a password.
fn not_toml(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.get(..before).unwrap_or_default().matches('\n').count() + 1;
    format!("is not TOML: line {line}: {}", error.message())
}

/// A value as a flag would give it.
fn plain(value: &toml::Value) -> Option<OsString> {
    Some(match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.to_string().into(),
        toml::Value::Boolean(on) => on.to_string().into(),
        toml::Value::Array(items) => items.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>()?.join(",").into(),
        _ => return None,
    })
}
