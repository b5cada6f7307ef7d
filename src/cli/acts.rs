//! `handover acts`.

use std::io::{BufWriter, Write, stdout};

use serde_json::json;

use super::{App, Result, unwritten};
use crate::domain::{Act, Id, ProjectId, Time, span};
use crate::service::acts::{Asked, history};
use crate::service::export::ExportError;
use crate::settings::allowed;

/// The arguments of `handover acts`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only what was done from then on: a time such as 2026-11-25T08:00:00, or so long ago, such as 2h
    #[arg(long, value_name = "TIME|SPAN", value_parser = since)]
    since: Option<Since>,

    /// Only what callers of this project did
    #[arg(long, value_name = "PROJECT", value_parser = allowed(ProjectId::parse, ProjectId::RULE))]
    project: Option<ProjectId>,

    /// Only what was done to this transfer, from its create to its end
    #[arg(long, value_name = "ID", value_parser = allowed(Id::parse, "a UUID, the transfer's id"))]
    transfer: Option<Id>,
}

#[derive(Debug, Clone, Copy)]
enum Since {
    At(Time),
    Ago(std::time::Duration),
}

/// Prints the acts, oldest first.
pub async fn run(args: &Args, App { store, service }: &App) -> Result {
    let since = match args.since {
        Some(Since::At(at)) => at,
        Some(Since::Ago(span)) => service.clock.now().before(span),
        None => Time::EPOCH,
    };
    let asked = Asked { since, project: args.project.clone(), transfer: args.transfer };
    let mut out = BufWriter::new(stdout().lock());
    let write = |act: &Act| writeln!(out, "{}", line(act)).map_err(ExportError::Io);
    history(store, &asked, write).await.and_then(|()| Ok(out.flush()?)).map_err(unwritten)
}

/// An act as a line of JSON.
fn line(act: &Act) -> String {
    let (outcome, reasons) = act.outcome.words();
    json!({
        "at": act.at,
        "request_id": format!("req-{}", act.request_id),
        "action": act.action,
        "outcome": outcome,
        "reasons": reasons,
        "project_id": act.project_id.some(),
        "user_id": act.user_id,
        "address": act.address,
        "kind": act.kind,
        "id": act.record,
        "volume_id": act.volume_id(),
        "transfer_id": act.transfer_id,
    })
    .to_string()
}

fn since(text: &str) -> Result<Since, String> {
    let since = Time::parse(text).map(Since::At).or_else(|| span::parse(text).map(Since::Ago));
    since.ok_or_else(|| format!("allowed is a time in UTC such as 2026-11-25T08:00:00, or how long ago it was: {}", span::RULE))
}
