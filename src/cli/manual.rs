//! `handover completions` and `handover man`: what shells and people are told of the command, made from its declaration.

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::{Cli, Result};

/// Prints what a shell reads to complete the command.
pub fn completions(shell: Shell) -> Result {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "handover", &mut script);
    super::say(String::from_utf8_lossy(&script).trim_end())
}

/// Prints the manual's page.
pub fn man() -> Result {
    let mut page = Vec::new();
    Man::new(Cli::command()).render(&mut page)?;
    super::say(String::from_utf8_lossy(&page).trim_end())
}
