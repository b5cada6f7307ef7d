//! Settings as the command line would read them.

use clap::Parser;
use handover::settings::Settings;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

/// What every test's server has: any port, one worker, one thread for hashes.
const FLAGS: [&str; 5] =
    ["--listen=127.0.0.1:0", "--workers=1", "--hash-threads=1", "--database-connections=8", "--shutdown-timeout=5"];

/// Those flags, with `flags` in their stead where they name the same setting.
pub fn parse(database_url: &str, flags: &[&str]) -> Settings {
    let name = |flag: &str| flag.split('=').next().unwrap_or_default().to_owned();
    let database = format!("--database-url={database_url}");
    let ours = FLAGS.into_iter().chain([&*database]).filter(|ours| !flags.iter().any(|given| name(given) == name(ours)));
    let line: Vec<&str> = ["handover"].into_iter().chain(ours).chain(flags.iter().copied()).collect();
    Line::try_parse_from(line).unwrap_or_else(|error| panic!("{error}")).settings
}
