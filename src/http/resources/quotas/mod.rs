//! What a project may have and has: extract, call the service, pick a view.

use serde_json::json;

pub mod asked;
pub mod view;

use crate::{
    domain::{ProjectId, quota::Quota},
    http::{
        answer::{
            problem::{Kind, Problem},
            success::Answer,
        },
        request::{
            api::Api,
            call::Call,
            parameter::{Parameter, own, switch},
            query::quoted,
        },
    },
    service::quotas::{Reset, Set, Show, defaults},
};

/// The one class there is: its limits hold where a project has none of its own.
const DEFAULT_CLASS: &str = "default";

/// What show reads.
pub const SHOW: &[Parameter] = &[switch("usage", "Whether to say how much there is of each, too.")];

/// What the limits read.
pub const LIMITS: &[Parameter] = &[
    own("project_id", "From an admin: another project's.", "firstproject").since(39),
    own("tenant_id", "What `project_id` once was called.", "firstproject").since(39),
];

/// A project's limits, with what there is of each if `usage` asks for it.
pub async fn show(call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    let with_usage = call.query()?.boolean("usage")?.unwrap_or_default();
    let (limits, usage) = call.look(Show(project.clone())).await?;
    let id = project.as_str();
    Ok(Answer::json(
        200,
        if with_usage {
            json!({"quota_set": view::with_id(id, view::used(&limits, &usage))})
        } else {
            json!({"quota_set": view::with_id(id, view::limits(&limits))})
        },
    ))
}

/// The limits of a project for which none were set.
pub async fn defaults(call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    let limits = call.look(defaults::OfProject(project.clone())).await?;
    Ok(Answer::json(200, json!({"quota_set": view::with_id(project.as_str(), view::limits(&limits))})))
}

/// Sets the limits that the body names, and answers with all. For admins.
pub async fn set(mut call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    let limits = asked::quota_set(&mut call)?;
    let quota = Quota { project_id: Some(project), limits };
    let limits = call.perform(Set(quota)).await?;
    Ok(Answer::json(200, json!({"quota_set": view::limits(&limits)})))
}

/// Forgets what was set for a project: the defaults hold again. For admins.
pub async fn reset(mut call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    call.perform(Reset(project)).await?;
    Ok(Answer::empty(200))
}

/// The defaults themselves, as the one class that there is. For admins.
pub async fn show_class(call: Call) -> Result<Answer, Problem> {
    class(&call)?;
    let limits = call.look(defaults::OfClass).await?;
    Ok(Answer::json(200, json!({"quota_class_set": view::with_id(DEFAULT_CLASS, view::limits(&limits))})))
}

/// Sets defaults, and answers with all. For admins.
pub async fn set_class(mut call: Call) -> Result<Answer, Problem> {
    class(&call)?;
    let limits = asked::class_set(&mut call)?;
    let limits = call.perform(Set(Quota { project_id: None, limits })).await?;
    Ok(Answer::json(200, json!({"quota_class_set": view::limits(&limits)})))
}

/// The caller's project's, all in one; from 3.39 an admin may name another.
pub async fn absolute(call: Call) -> Result<Answer, Problem> {
    let query = call.query()?;
    let named = ["project_id", "tenant_id"].into_iter().find_map(|name| Some((name, query.get(name)?)));
    let project = match named.filter(|_| call.is_from(39) && call.cx().sees_every_project()) {
        Some((name, text)) => ProjectId::parse(text).ok_or_else(|| {
            Problem::new(Kind::Url, format!("{name} is {}; give a project's id: {}.", quoted(text), ProjectId::RULE))
        })?,
        None => call.cx().caller.project.clone(),
    };
    let (limits, usage) = call.look(Show(project.clone())).await?;
    Ok(Answer::json(200, json!({"limits": view::absolute(&limits, &usage)})))
}

/// The project that the path names beside the caller's.
fn target(call: &Call) -> Result<ProjectId, Problem> {
    let sent = call.parameter("target_project_id");
    ProjectId::parse(sent).ok_or_else(|| match call.api {
        Api::V2 => {
            Problem::new(Kind::ProjectMalformed, format!("The project whose quotas are asked for must be {}.", ProjectId::RULE))
        }
        _ => Problem::new(Kind::NotFound, format!("Project {sent} could not be found. Its id must be {}.", ProjectId::RULE)),
    })
}

fn class(call: &Call) -> Result<(), Problem> {
    match call.parameter("class_name") {
        DEFAULT_CLASS => Ok(()),
        sent => Err(Problem::new(
            Kind::NotFound,
            format!("Quota class {sent} could not be found. The one that there is is {DEFAULT_CLASS}."),
        )),
    }
}
