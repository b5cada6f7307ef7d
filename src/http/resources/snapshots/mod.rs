//! Snapshots as clients drive them: extract, call the service, pick a view.

use serde_json::json;

pub mod asked;
pub mod view;

use super::{
    cloudvolumes::filters,
    copies::{self, Listed},
};
use crate::{
    http::{
        answer::{problem::Problem, success::Answer},
        request::call::Call,
    },
    service::copies::{Kind, VolumesOf},
};

/// Makes a snapshot at once: 202.
pub async fn create(mut call: Call) -> Result<Answer, Problem> {
    let asked = asked::create(&mut call)?;
    let snapshot = call.perform(asked).await?;
    Ok(Answer::json(202, json!({"snapshot": view::created(&call, &snapshot)})))
}

/// One snapshot; 404 for another project's.
pub async fn show(call: Call) -> Result<Answer, Problem> {
    let snapshot = copies::named(&call, Kind::Snapshot).await?;
    Ok(Answer::json(200, json!({"snapshot": view::detail(&call, &snapshot)})))
}

/// A page of snapshots without what only details have.
pub async fn list(call: Call) -> Result<Answer, Problem> {
    let listed = Listed::of(&call, Kind::Snapshot).await?;
    Ok(listed.answer(&call, "snapshots", |snapshot| view::summary(&call, snapshot)))
}

/// A page with every key.
pub async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let listed = Listed::of(&call, Kind::Snapshot).await?;
    Ok(listed.answer(&call, "snapshots", |snapshot| view::detail(&call, snapshot)))
}

/// EVS's list: narrowed by where each snapshot's volume lies and with that, and always counted.
pub async fn list_as_evs(call: Call) -> Result<Answer, Problem> {
    let query = call.query()?;
    let listed = Listed::narrowed(&call, Kind::Snapshot, &query, filters::place(&call, &query)?, true).await?;
    let volumes = call.look(VolumesOf::of(&listed.page.rows)).await?;
    Ok(listed.answer(&call, "snapshots", |snapshot| view::evs(&call, snapshot, volumes.get(&snapshot.volume_id))))
}

/// Renames it or describes it anew.
pub async fn update(mut call: Call) -> Result<Answer, Problem> {
    let asked = asked::update(&mut call)?;
    let snapshot = copies::update(&mut call, Kind::Snapshot, asked).await?;
    Ok(Answer::json(200, json!({"snapshot": view::changed(&call, &snapshot)})))
}

/// Deletes it: 202, or a refusal for its state.
pub async fn delete(mut call: Call) -> Result<Answer, Problem> {
    copies::delete(&mut call, Kind::Snapshot).await
}

/// An action of [`SNAPSHOT_ACTIONS`](super::copies::SNAPSHOT_ACTIONS).
pub async fn act(mut call: Call) -> Result<Answer, Problem> {
    copies::act(&mut call, Kind::Snapshot).await
}
