//! Log lines on standard error: for people on a terminal, JSON elsewhere, and never a secret.

use std::io::{self, IsTerminal};

use tracing::Level;
use tracing_subscriber::filter::{ParseError, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::domain::str_enum::str_enum;

str_enum! {
    /// How log lines look.
    pub enum LogFormat {
        /// `text` on a terminal, `json` elsewhere.
        Auto = "auto",
        Text = "text",
        Json = "json",
    }
}

/// Begins to log; once a process.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(filter: &str, format: LogFormat) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let is_json = format == LogFormat::Json || format == LogFormat::Auto && !io::stderr().is_terminal();
    let lines = if is_json {
        fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(io::stderr).boxed()
    } else {
        fmt::layer().with_target(false).with_ansi(io::stderr().is_terminal()).with_writer(io::stderr).boxed()
    };
    // libraries print headers, bound values and packets at debug and trace: whatever the filter says, of them only warnings are logged
    let is_fit = filter_fn(|event| event.target().starts_with("handover") || *event.level() <= Level::WARN);
    // a second start in one process (tests) keeps the first
    let _ = tracing_subscriber::registry().with(lines.with_filter(is_fit).with_filter(filter)).try_init();
    Ok(())
}
