//! `handover transfers` and `handover explain`: what was given and got, and why a volume is as it is. By the database, or by asking a
//! service with a token.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{App, Result, failed, say, with_app};
use crate::asking::{plain, root};
use crate::domain::page::{Direction, Filter, Order};
use crate::domain::transfer::State;
use crate::domain::{Id, ProjectId};
use crate::service::page::PageRequest;
use crate::service::transfers::history;
use crate::service::volumes::explain;
use crate::service::{Context, Error};
use crate::settings::{Settings, allowed};
use crate::store::Purpose;

/// How the answer comes, and where it is from.
#[derive(Debug, clap::Args)]
struct From {
    /// Print JSON, a line a record
    #[arg(long)]
    json: bool,

    /// Ask the service at this URL with the token in OS_TOKEN, and see what that sees; else the database is asked
    #[arg(long, value_name = "URL")]
    service: Option<reqwest::Url>,

    #[arg(long, env = "OS_TOKEN", hide = true, hide_env_values = true, default_value = "")]
    token: SecretString,
}

/// The arguments of `handover transfers`.
#[derive(Debug, clap::Args)]
pub struct Transfers {
    /// Only those in this state
    #[arg(long, value_name = "STATE", value_parser = State::WORDS)]
    state: Option<String>,

    /// Only those of this volume
    #[arg(long, value_name = "ID", value_parser = allowed(Id::parse, "a UUID, the volume's id"))]
    volume: Option<Id>,

    /// Only those that this project gave or got
    #[arg(long, value_name = "PROJECT", value_parser = allowed(ProjectId::parse, ProjectId::RULE))]
    project: Option<ProjectId>,

    /// So many, newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,

    /// Those behind this one
    #[arg(long, value_name = "ID", value_parser = allowed(Id::parse, "a UUID, the transfer's id"))]
    marker: Option<Id>,

    #[command(flatten)]
    from: From,
}

/// The arguments of `handover explain`.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The volume's id
    #[arg(value_parser = allowed(Id::parse, "a UUID, the volume's id"))]
    volume: Id,

    #[command(flatten)]
    from: From,
}

/// How long a service is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a row of the table shows.
const COLUMNS: [&str; 8] =
    ["id", "state", "volume_id", "created_at", "expires_at", "ended_at", "source_project_id", "destination_project_id"];

/// Prints transfers.
pub async fn transfers(args: &Transfers, settings: &Settings) -> Result {
    let Transfers { state, volume, project, limit, marker, from } = args;
    let rows = if let Some(service) = &from.service {
        let words = [
            ("state", state.clone()),
            ("volume_id", volume.map(|id| id.to_string())),
            ("marker", marker.map(|id| id.to_string())),
            ("project_id", project.as_ref().map(ToString::to_string)),
        ];
        let given = words.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        let mut url = service.clone();
        url.query_pairs_mut().append_pair("limit", &limit.to_string()).append_pair("all_tenants", "1").extend_pairs(given);
        from.ask(url, "transfers", "transfers").await?
    } else {
        let state = state.clone().map(|state| Filter { name: "state", value: state.into() });
        let filters = state.into_iter().chain(volume.map(|id| Filter { name: "volume_id", value: id.into() }));
        let asked = PageRequest {
            all_projects: true,
            project: project.clone(),
            filters: filters.collect(),
            matches_none: false,
            order: Order::by_age(Direction::Descending),
            marker: *marker,
            offset: 0,
            limit: *limit,
        };
        let asking = async |app: &App| {
            let cx = Context::of_operator(&app.service);
            let (page, failed) = history::list(&cx, &asked).await?;
            let told: Vec<_> = page.rows.iter().map(|row| history::told(&cx, row, &failed)).collect();
            Ok(serde_json::to_value(told)?)
        };
        with_app(settings, Purpose::Look, asking).await?
    };
    let rows = rows.as_array().cloned().unwrap_or_default();
    if from.json {
        return rows.iter().try_for_each(say);
    }
    say(row(COLUMNS.map(|name| name.trim_end_matches("_id"))))?;
    rows.iter().map(|of| row(COLUMNS.map(|name| of[name].as_str().unwrap_or("-")))).try_for_each(say)
}

/// Prints why a volume is as it is.
pub async fn explain(args: &Explain, settings: &Settings) -> Result {
    let Explain { volume, from } = args;
    let found = if let Some(service) = &from.service {
        from.ask(service.clone(), &format!("volumes/{volume}/explain"), "explanation").await?
    } else {
        let asking = async |app: &App| match explain::explain(&Context::of_operator(&app.service), *volume).await {
            Err(Error::NotFound(..)) => Err(failed(format!("there is no volume {volume}"))),
            explained => Ok(serde_json::to_value(explained?)?),
        };
        with_app(settings, Purpose::Look, asking).await?
    };
    if from.json {
        return say(found);
    }
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    for key in ["status", "since", "request_id", "transfer_id", "text"] {
        say(format_args!("{:<12} {}", key.replace("_id", ""), text(&found[key])))?;
    }
    for (n, way) in found["ends"].as_array().into_iter().flatten().enumerate() {
        say(format_args!("{:<12} {}: {}", if n == 0 { "ends by" } else { "" }, text(&way["who"]), text(&way["call"])))?;
    }
    Ok(())
}

impl From {
    /// What a service answers, under this name.
    async fn ask(&self, mut url: reqwest::Url, path: &str, name: &str) -> Result<Value> {
        let client = plain().timeout(PATIENCE).build()?;
        url.set_path(&format!("{}/handover/v1/{path}", url.path().trim_end_matches('/')));
        let asking = client.get(url).header("X-Auth-Token", self.token.expose_secret());
        let answer = asking.send().await.map_err(|error| failed(format!("the service does not answer: {}", root(&error))))?;
        let (status, text) = (answer.status(), answer.text().await.map_err(|error| failed(root(&error)))?);
        let mut body: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() {
            return Ok(body[name].take());
        }
        let message = body.as_object().and_then(|body| body.values().next()?["message"].as_str());
        Err(failed(format!("the service answers {status}: {}", message.unwrap_or("no reason given"))))
    }
}

/// A row of a table, as wide as ids, states and times are.
fn row(cells: [&str; 8]) -> String {
    let [id, state, volume, made, expires, ended, from, to] = cells;
    format!("{id:36}  {state:9}  {volume:36}  {made:26}  {expires:26}  {ended:26}  {from:32}  {to}")
}
