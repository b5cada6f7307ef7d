//! What a project may have and has: extract, call the service, pick a view.

use serde_json::{Value, json};

mod view;

use super::{
    answer::Answer,
    api::Api,
    call::Call,
    fields::{Fields, malformed},
    problem::{Kind, Problem},
    query::quoted,
};
use crate::{
    domain::{
        ProjectId,
        quota::{self, Overrides, Quota, Resource},
    },
    service::quotas::{defaults, reset, set, show},
};

/// The one class there is: its limits hold where a project has none of its own.
const DEFAULT_CLASS: &str = "default";

pub async fn show(call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    let with_usage = call.query()?.boolean("usage")?.unwrap_or_default();
    let (limits, usage) = show::show(&call.service, call.asker(), &project).await?;
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

pub async fn defaults(call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    let limits = defaults::of_project(&call.service, call.asker(), &project).await?;
    Ok(Answer::json(200, json!({"quota_set": view::with_id(project.as_str(), view::limits(&limits))})))
}

pub async fn set(mut call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    let quota = Quota { project_id: Some(project), limits: set_fields(&mut call)? };
    let limits = set::set(&call.service, call.asker(), &quota).await?;
    Ok(Answer::json(200, json!({"quota_set": view::limits(&limits)})))
}

pub async fn reset(call: Call) -> Result<Answer, Problem> {
    reset::reset(&call.service, call.asker(), &target(&call)?).await?;
    Ok(Answer::empty(200))
}

pub async fn show_class(call: Call) -> Result<Answer, Problem> {
    class(&call)?;
    let limits = defaults::of_class(&call.service, call.asker()).await?;
    Ok(Answer::json(200, json!({"quota_class_set": view::with_id(DEFAULT_CLASS, view::limits(&limits))})))
}

pub async fn set_class(mut call: Call) -> Result<Answer, Problem> {
    class(&call)?;
    let limits = limits_fields(Fields::of(call.body.take(), "quota_class_set")?)?;
    let limits = set::set(&call.service, call.asker(), &Quota { project_id: None, limits }).await?;
    Ok(Answer::json(200, json!({"quota_class_set": view::limits(&limits)})))
}

/// The caller's project's, all in one; from 3.39 an admin may name another.
pub async fn absolute(call: Call) -> Result<Answer, Problem> {
    let query = call.query()?;
    let named = ["project_id", "tenant_id"].into_iter().find_map(|name| Some((name, query.get(name)?)));
    let project = match named.filter(|_| call.is_from(39) && call.asker().caller.is_admin) {
        Some((name, text)) => ProjectId::parse(text).ok_or_else(|| {
            Problem::new(Kind::Url, format!("{name} is {}; give a project's id: {}.", quoted(text), ProjectId::RULE))
        })?,
        None => call.asker().caller.project.clone(),
    };
    let (limits, usage) = show::show(&call.service, call.asker(), &project).await?;
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

/// What stands in a quota set beside its limits and says nothing. Source: Cinder's `quota.py`.
const NO_LIMITS: [&str; 2] = ["tenant_id", "id"];

fn set_fields(call: &mut Call) -> Result<Overrides, Problem> {
    let mut fields = Fields::of(call.body.take(), "quota_set")?;
    if fields.is_empty() {
        return Err(malformed(format!("`quota_set` is empty; give a limit for one of {}.", Resource::WORDS.join(", "))));
    }
    for name in NO_LIMITS {
        fields.optional(name);
    }
    limits_fields(fields)
}

fn limits_fields(mut fields: Fields) -> Result<Overrides, Problem> {
    let mut limits = Overrides::default();
    for resource in Resource::ALL {
        let given = fields.optional(resource.as_str());
        limits.set(resource, given.map(|value| limit(resource, &value)).transpose()?);
    }
    fields.end()?;
    Ok(limits)
}

/// A whole number, or its digits in a string.
fn limit(resource: Resource, value: &Value) -> Result<i64, Problem> {
    let is_number = |text: &&str| *text == "-1" || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let number = value.as_i64().or_else(|| value.as_str().filter(is_number)?.parse().ok());
    number.filter(|limit| quota::LIMIT.contains(limit)).ok_or_else(|| {
        let (least, most) = quota::LIMIT.into_inner();
        malformed(format!("{} is {value}; give a whole number from {least} (no limit) to {most}.", resource.as_str()))
    })
}
