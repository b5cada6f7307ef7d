//! docs/settings.md, printed from the declarations: a test holds the file to it.

use clap::{Arg, CommandFactory};

use super::Cli;

/// The reference of every setting, as Markdown.
pub fn settings() -> String {
    let mut text = String::from(
        "# Settings\n\n\
         Every setting is a flag of every command and an environment variable. Flags beat the environment, the environment \
         beats a file that a `_FILE` variable names, that beats `DATABASE_URL` and `RUST_LOG`, these beat the settings file, \
         that beats the default. An empty variable is as absent. A wrong value stops the start with its name and what is \
         allowed.\n\n\
         A secret can lie in a file: `HANDOVER_DATABASE_URL_FILE` names a file that holds the database's URL.\n\n\
         The settings file is TOML, one key a setting, called as the flag without `--`; it is given by `--config`.\n\n\
         | flag | variable | default | meaning |\n| --- | --- | --- | --- |\n",
    );
    let command = Cli::command();
    for arg in command.get_arguments().filter(|arg| arg.get_env().is_some()) {
        text += &row(arg);
    }
    text
}

fn row(arg: &Arg) -> String {
    let flag = arg.get_long().unwrap_or_default();
    let value = arg.get_value_names().and_then(|names| names.first()).map(|name| format!(" {name}")).unwrap_or_default();
    let variable = arg.get_env().and_then(|name| name.to_str()).unwrap_or_default();
    let default = match (flag, arg.get_default_values()) {
        ("workers" | "hash-threads", _) => "the machine's cores".to_owned(),
        (_, [default]) => format!("`{}`", default.to_string_lossy()),
        _ => "none".to_owned(),
    };
    let meaning = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let cells = [format!("`--{flag}{value}`"), format!("`{variable}`"), default, meaning.replace('\n', " ")];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}
