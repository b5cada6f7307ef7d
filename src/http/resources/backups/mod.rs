//! Backups as clients drive them: extract, call the service, pick a view.

use serde_json::json;

pub mod asked;
pub mod view;

use super::copies::{self, Listed};
use crate::{
    http::{
        answer::{problem::Problem, success::Answer},
        request::call::Call,
    },
    service::copies::{Kind, Parents},
};

/// Makes a backup, complete or incremental, at once: 202.
pub async fn create(mut call: Call) -> Result<Answer, Problem> {
    let asked = asked::create(&mut call)?;
    let backup = call.perform(asked).await?;
    Ok(Answer::json(202, json!({"backup": view::summary(&call, &backup)})))
}

/// One backup; 404 for another project's.
pub async fn show(call: Call) -> Result<Answer, Problem> {
    let backup = copies::named(&call, Kind::Backup).await?;
    let parents = call.look(Parents::of(std::slice::from_ref(&backup))).await?;
    Ok(Answer::json(200, json!({"backup": view::detail(&call, &backup, &parents)})))
}

/// A page of ids, names and links.
pub async fn list(call: Call) -> Result<Answer, Problem> {
    let listed = Listed::of(&call, Kind::Backup).await?;
    Ok(listed.answer(&call, "backups", |backup| view::summary(&call, backup)))
}

/// A page with every key.
pub async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let listed = Listed::of(&call, Kind::Backup).await?;
    let parents = call.look(Parents::of(&listed.page.rows)).await?;
    Ok(listed.answer(&call, "backups", |backup| view::detail(&call, backup, &parents)))
}

/// Renames it or describes it anew, from microversion 3.9 on; 404 before.
pub async fn update(mut call: Call) -> Result<Answer, Problem> {
    call.needs(9)?;
    let asked = asked::update(&mut call)?;
    let backup = copies::update(&mut call, Kind::Backup, asked).await?;
    Ok(Answer::json(200, json!({"backup": view::summary(&call, &backup)})))
}

/// Deletes it: 202; 400 while an incremental one builds on it.
pub async fn delete(mut call: Call) -> Result<Answer, Problem> {
    copies::delete(&mut call, Kind::Backup).await
}

/// An action of [`BACKUP_ACTIONS`](super::copies::BACKUP_ACTIONS).
pub async fn act(mut call: Call) -> Result<Answer, Problem> {
    copies::act(&mut call, Kind::Backup).await
}
