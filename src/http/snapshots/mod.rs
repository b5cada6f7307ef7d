//! Snapshots as clients drive them: extract, call the service, pick a view.

use serde_json::json;

mod view;

use super::{
    answer::Answer,
    call::Call,
    cloudvolumes::filters,
    copies::{self, Listed},
    fields::{self, Fields, boolean, first_of, malformed, metadata, text},
    problem::Problem,
};
use crate::{
    domain::Noun,
    service::copies::{
        Kind,
        create::{self, Create, What},
        show, snapshot,
        update::Update,
    },
};

pub async fn create(mut call: Call) -> Result<Answer, Problem> {
    let asked = create_fields(&mut call)?;
    let snapshot = create::create(&call.service, call.asker(), &asked).await?;
    Ok(Answer::json(202, json!({"snapshot": view::created(&call, &snapshot)})))
}

pub async fn show(call: Call) -> Result<Answer, Problem> {
    let snapshot = copies::named(&call, Kind::Snapshot).await?;
    Ok(Answer::json(200, json!({"snapshot": view::detail(&call, &snapshot)})))
}

pub async fn list(call: Call) -> Result<Answer, Problem> {
    let listed = Listed::of(&call, Kind::Snapshot).await?;
    Ok(listed.answer(&call, "snapshots", |snapshot| view::summary(&call, snapshot)))
}

pub async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let listed = Listed::of(&call, Kind::Snapshot).await?;
    Ok(listed.answer(&call, "snapshots", |snapshot| view::detail(&call, snapshot)))
}

/// EVS's list: narrowed by where each snapshot's volume lies and with that, and always counted.
pub async fn list_as_evs(call: Call) -> Result<Answer, Problem> {
    let query = call.query()?;
    let listed = Listed::narrowed(&call, Kind::Snapshot, &query, filters::place(&query), true).await?;
    let volumes = show::volumes(&call.service, call.asker(), &listed.page.rows).await?;
    Ok(listed.answer(&call, "snapshots", |snapshot| view::evs(&call, snapshot, volumes.get(&snapshot.volume_id))))
}

pub async fn update(mut call: Call) -> Result<Answer, Problem> {
    let asked = update_fields(&mut call)?;
    let snapshot = copies::update(&call, Kind::Snapshot, &asked).await?;
    Ok(Answer::json(200, json!({"snapshot": view::changed(&call, &snapshot)})))
}

pub async fn delete(call: Call) -> Result<Answer, Problem> {
    copies::delete(&call, Kind::Snapshot).await
}

pub async fn act(mut call: Call) -> Result<Answer, Problem> {
    copies::act(&mut call, Kind::Snapshot).await
}

const NAMES: [&str; 2] = ["name", "display_name"];

fn create_fields(call: &mut Call) -> Result<Create, Problem> {
    let mut fields = Fields::of(call.body.take(), "snapshot")?;
    let volume_id = fields.required("volume_id")?;
    let name = first_of(&mut fields, NAMES)?.flatten();
    let description = fields.read("description", text)?.flatten();
    let metadata = fields.read("metadata", metadata)?.unwrap_or_default();
    let force = fields.read("force", boolean)?;
    fields.end()?;
    let takes_in_use = takes_in_use(call, force)?;
    if volume_id.is_null() {
        return Err(Problem::not_found(Noun::Volume, "null")); // Cinder takes it and looks for it
    }
    let what = What::Snapshot(snapshot::Asked { takes_in_use });
    Ok(Create { volume_id: fields::volume_id(&volume_id)?, name, description, metadata, what })
}

/// From 3.66 a volume's being in use is nothing to force. Source: Cinder's `SNAPSHOT_IN_USE`.
fn takes_in_use(call: &Call, force: Option<bool>) -> Result<bool, Problem> {
    match force {
        Some(false) if call.is_from(66) => Err(malformed(
            "Since microversion 3.66 the 'force' flag is invalid for this request: a volume that is in-use needs none. \
             Leave it out, or send true, which is ignored.",
        )),
        _ => Ok(call.is_from(66) || force.unwrap_or_default()),
    }
}

fn update_fields(call: &mut Call) -> Result<Update, Problem> {
    let mut fields = Fields::of(call.body.take(), "snapshot")?;
    let name = first_of(&mut fields, NAMES)?;
    let description = first_of(&mut fields, ["description", "display_description"])?;
    fields.end()?;
    if name.is_none() && description.is_none() {
        return Err(malformed("`snapshot` says nothing. Give name, description, or both."));
    }
    Ok(Update { name, description, metadata: None })
}
