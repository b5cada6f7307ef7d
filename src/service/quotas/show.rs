//! Show: a project looks at what it may have and has, an admin at what any may and has.

use crate::{
    domain::{
        ProjectId,
        quota::{Limits, Usage},
    },
    service::{Asker, Error, Service},
    store::{limits::Whose, usage},
};

/// The limits in force for a project, and what it has.
///
/// # Errors
/// [`Error::Forbidden`] for another project than the caller's.
pub async fn show(service: &Service, asker: &Asker, project: &ProjectId) -> Result<(Limits, Usage), Error> {
    super::may_see(asker, project)?;
    let mut db = service.store.reader().await?;
    let limits = super::in_force(service, &mut db, Whose::Project(project)).await?;
    Ok((limits, usage::of(&mut db, project).await?))
}
