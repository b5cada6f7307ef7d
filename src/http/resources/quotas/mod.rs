//! What a project may have and has.

pub mod request;
pub mod response;

use self::request::{DEFAULT_CLASS, SetLimits, SetQuotas, class, target};
use self::response::{AllLimits, Limit, QuotaSet, Resources, Used};
use crate::domain::quota::Quota;
use crate::http::answer::visibility::Part;
use crate::http::resources::prelude::*;
use crate::service::quotas::{self, Reset, Set};

/// What the operations are about.
pub static QUOTAS: Subject = Subject { name: "quotas", what: "What a project may have, and what it has." };

const LIMITS: Part = part::<QuotaSet<Limit>>().called(|| "QuotaSet".into());
const USAGE: Part = part::<QuotaSet<Used>>().called(|| "QuotaUsage".into());
const LIMITS_ALONE: Part = part::<Resources<Limit>>().called(|| "Quotas".into());

const OF_PROJECT: &[Kind] = &[Kind::ProjectMalformed, Kind::NotFound];
const OF_CLASS: &[Kind] = &[Kind::NotFound];

operations! { QUOTAS;
    /// A project's limits, with what there is of each if `usage` asks for it.
    SHOW: "Show a project's quotas", |call| show(call) => 200 Either("quota_set", [LIMITS, USAGE]),
        query: &[switch("usage", "Whether to say how much there is of each, too.")], refuses: OF_PROJECT;

    /// The limits of a project for which none were set.
    DEFAULTS: "Show the quotas of a project that has none of its own", |call| defaults(call) => 200 One("quota_set", LIMITS),
        refuses: OF_PROJECT;

    /// Sets the limits that the body names, and answers with all. For admins.
    SET: "Set a project's quotas", |call, body: SetQuotas| set(call, body) => 200 One("quota_set", LIMITS_ALONE),
        refuses: OF_PROJECT;

    /// Forgets what was set for a project: the defaults hold again. For admins.
    RESET: "Make a project's quotas the default ones", |call| reset(call) => 200 Nothing, refuses: OF_PROJECT;

    /// The defaults themselves, as the one class that there is. For admins.
    SHOW_CLASS: "Show the default quotas", |call| show_class(call) => 200 One("quota_class_set", LIMITS), refuses: OF_CLASS;

    /// Sets defaults, and answers with all. For admins.
    SET_CLASS: "Set the default quotas", |call, body: SetLimits| set_class(call, body)
        => 200 One("quota_class_set", LIMITS_ALONE), refuses: OF_CLASS;

    /// The caller's project's, all in one; from 3.39 an admin may name another.
    ABSOLUTE: "Show limits and what there is of them", |call| absolute(call) => 200 One("limits", part::<AllLimits>()),
        query: &[
            own("project_id", "From an admin: another project's.", "firstproject").since(39),
            own("tenant_id", "What `project_id` once was called.", "firstproject").since(39),
        ];
}

async fn show(call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    let with_usage = call.query()?.boolean("usage")?.unwrap_or_default();
    let (limits, usage) = call.look(quotas::show(call.cx(), &project)).await?;
    let id = project.as_str();
    Ok(if with_usage {
        Answer::one(&call, 200, "quota_set", &response::with_id(id, response::used(&limits, &usage)))
    } else {
        Answer::one(&call, 200, "quota_set", &response::with_id(id, response::limits(&limits)))
    })
}

async fn defaults(call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    let limits = call.look(quotas::defaults(call.cx(), Some(&project))).await?;
    Ok(Answer::one(&call, 200, "quota_set", &response::with_id(project.as_str(), response::limits(&limits))))
}

async fn set(mut call: Call, body: SetQuotas) -> Result<Answer, Problem> {
    let project = target(&call)?;
    let quota = Quota { project_id: Some(project), limits: body.asked()? };
    let limits = call.perform(Set(quota)).await?;
    Ok(Answer::one(&call, 200, "quota_set", &response::limits(&limits)))
}

async fn reset(mut call: Call) -> Result<Answer, Problem> {
    let project = target(&call)?;
    call.perform(Reset(project)).await?;
    Ok(Answer::empty(200))
}

async fn show_class(call: Call) -> Result<Answer, Problem> {
    class(&call)?;
    let limits = call.look(quotas::defaults(call.cx(), None)).await?;
    Ok(Answer::one(&call, 200, "quota_class_set", &response::with_id(DEFAULT_CLASS, response::limits(&limits))))
}

async fn set_class(mut call: Call, body: SetLimits) -> Result<Answer, Problem> {
    class(&call)?;
    let limits = call.perform(Set(Quota { project_id: None, limits: body.limits() })).await?;
    Ok(Answer::one(&call, 200, "quota_class_set", &response::limits(&limits)))
}

async fn absolute(call: Call) -> Result<Answer, Problem> {
    let query = call.query()?;
    let named = ["project_id", "tenant_id"].into_iter().find_map(|name| Some((name, query.get(name)?)));
    let project = match named.filter(|_| call.is_from(39) && call.cx().sees_every_project()) {
        Some((name, text)) => ProjectId::parse(text)
            .ok_or_else(|| problem!(Url, "{name} is {}; give a project's id: {}.", quoted(text), ProjectId::RULE))?,
        None => call.cx().caller.project.clone(),
    };
    let (limits, usage) = call.look(quotas::show(call.cx(), &project)).await?;
    Ok(Answer::one(&call, 200, "limits", &AllLimits::of(&limits, &usage)))
}
