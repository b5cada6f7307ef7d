//! Show: a project looks at what it may have and has, and at what it would have to keep to if nothing were set; an admin at any's.

use crate::service::prelude::*;

/// The limits in force for a project, and what it has.
pub async fn show(cx: &Context, project: &ProjectId) -> Result<(Limits, Usage), Error> {
    look(cx, Access::of_project(&policy::QUOTAS_GET, project), async || {
        let mut db = cx.service.store.reader().await?;
        let limits = super::in_force(&cx.service, &mut db, Some(project)).await?;
        Ok((limits, usage::of(&mut db, project).await?))
    })
    .await
}

/// What a project, or without one any, would have to keep to if nothing had been set for it: the limits of the default class.
pub async fn defaults(cx: &Context, project: Option<&ProjectId>) -> Result<Limits, Error> {
    let access = match project {
        Some(project) => Access::of_project(&policy::QUOTAS_GET, project),
        None => Access::new(&policy::QUOTA_CLASSES_GET),
    };
    look(cx, access, async || Ok(super::in_force(&cx.service, &mut cx.service.store.reader().await?, None).await?)).await
}
