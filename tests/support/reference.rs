//! docs/settings.md, docs/policy.md and docs/limits.md, printed from the declarations: a test holds the files to them.

use clap::{Arg, CommandFactory};

use handover::cli::Cli;
use handover::domain::limits::{self, Limit};
use handover::service::policy::ACTIONS;
use handover::settings::GROUPS;

/// The policy in force where no file changes it, as Markdown.
pub fn policy() -> String {
    let mut text = String::from(
        "# Policy\n\n\
         Who may what: any of these roles. `--policy FILE` changes rows, by either name; see \
         [who is calling](identity.md#policy). What is a user's own it may see and do whatever stands here.\n\n\
         | action | Cinder's name | roles |\n| --- | --- | --- |\n",
    );
    for action in ACTIONS {
        let cinder = action.cinder.map(|name| format!("`{name}`")).unwrap_or_default();
        let roles = action.roles.iter().map(|role| format!("`{role}`")).collect::<Vec<_>>().join(", ");
        text += &["| `", action.name, "` | ", &cinder, " | ", &roles, " |\n"].concat();
    }
    text
}

/// Every bound, as Markdown.
pub fn limits() -> String {
    let mut text = String::from(
        "# Limits\n\n\
         Everything that callers, clocks or neighbours could make endless has a bound. What a setting bounds, names it; the others are \
         the same in every service.\n\n\
         | bound | of what | beyond it | because |\n| --- | --- | --- | --- |\n",
    );
    for Limit { value, texts, .. } in limits::all() {
        let cells: Vec<String> = texts.join("").split(". ").map(|cell| cell.trim().trim_end_matches('.').to_owned()).collect();
        text += &["| ", &value, " | ", &cells.join(" | "), " |\n"].concat();
    }
    text
}

/// The reference of every setting, as Markdown.
pub fn settings() -> String {
    let mut text = String::from(
        "# Settings\n\n\
         Every setting is a flag and an environment variable. `serve` heeds all of them; `handover COMMAND --help` shows those that \
         another command heeds. Flags beat the environment, the environment \
         beats a file that a `_FILE` variable names, that beats `DATABASE_URL` and `RUST_LOG`, these beat the settings file, \
         that beats the default. An empty variable is as absent. A wrong value stops the start with its name, what is \
         allowed, and where the value comes from.\n\n\
         A secret can lie in a file: `HANDOVER_DATABASE_URL_FILE` names a file that holds the database's URL.\n\n\
         The settings file is TOML, one key a setting, called as the flag without `--`; it is given by `--config`.\n",
    );
    let command = Cli::command();
    let mut headings: Vec<_> = GROUPS.iter().map(|(heading, ..)| heading).collect();
    headings.dedup();
    for heading in headings {
        text += &["\n## ", heading, "\n\n| flag | variable | default | meaning |\n| --- | --- | --- | --- |\n"].concat();
        text.extend(command.get_arguments().filter(|arg| arg.get_help_heading() == Some(heading)).map(row));
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
