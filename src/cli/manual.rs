//! `handover completions` and `handover man`: what shells and people are told of the command, made from its declaration.

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::{Cli, Result, failed};

/// Prints what a shell reads to complete the command.
pub fn completions(shell: Shell) -> Result {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "handover", &mut script);
    super::say(String::from_utf8_lossy(&script).trim_end())
}

/// Prints the manual's page, or that of a command.
pub fn man(name: Option<&str>) -> Result {
    let (mut all, mut page) = (Cli::command(), Vec::new());
    all.build();
    let asked = match name {
        Some(name) => all.find_subcommand(name).ok_or_else(|| failed(format!("there is no command {name}")))?,
        None => &all,
    };
    Man::new(asked.clone()).render(&mut page)?;
    super::say(String::from_utf8_lossy(&page).trim_end())
}
