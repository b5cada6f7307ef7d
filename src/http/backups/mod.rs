//! Backups as clients drive them: extract, call the service, pick a view.

use serde_json::json;

mod view;

use super::{
    answer::Answer,
    call::Call,
    copies::{self, Listed},
    fields::{self, Fields, boolean, metadata, reference, text},
    problem::Problem,
};
use crate::service::copies::{
    Kind, backup,
    create::{self, Create, What},
    show,
    update::Update,
};

pub async fn create(mut call: Call) -> Result<Answer, Problem> {
    let asked = create_fields(&mut call)?;
    let backup = create::create(&call.service, call.asker(), &asked).await?;
    Ok(Answer::json(202, json!({"backup": view::summary(&call, &backup)})))
}

pub async fn show(call: Call) -> Result<Answer, Problem> {
    let backup = copies::named(&call, Kind::Backup).await?;
    let parents = show::parents(&call.service, std::slice::from_ref(&backup)).await?;
    Ok(Answer::json(200, json!({"backup": view::detail(&call, &backup, &parents)})))
}

pub async fn list(call: Call) -> Result<Answer, Problem> {
    let listed = Listed::of(&call, Kind::Backup).await?;
    Ok(listed.answer(&call, "backups", |backup| view::summary(&call, backup)))
}

pub async fn list_with_details(call: Call) -> Result<Answer, Problem> {
    let listed = Listed::of(&call, Kind::Backup).await?;
    let parents = show::parents(&call.service, &listed.page.rows).await?;
    Ok(listed.answer(&call, "backups", |backup| view::detail(&call, backup, &parents)))
}

pub async fn update(mut call: Call) -> Result<Answer, Problem> {
    call.needs(9)?;
    let asked = update_fields(&mut call)?;
    let backup = copies::update(&call, Kind::Backup, &asked).await?;
    Ok(Answer::json(200, json!({"backup": view::summary(&call, &backup)})))
}

pub async fn delete(call: Call) -> Result<Answer, Problem> {
    copies::delete(&call, Kind::Backup).await
}

pub async fn act(mut call: Call) -> Result<Answer, Problem> {
    copies::act(&mut call, Kind::Backup).await
}

/// A field that this version does not know stays where it is, and is refused as any unknown one.
fn create_fields(call: &mut Call) -> Result<Create, Problem> {
    let (knows_metadata, knows_zones) = (call.is_from(43), call.is_from(51));
    let mut fields = Fields::of(call.body.take(), "backup")?;
    let volume_id = fields::volume_id(&fields.required("volume_id")?)?;
    let name = fields.read("name", text)?.flatten();
    let description = fields.read("description", text)?.flatten();
    let asked = backup::Asked {
        takes_in_use: fields.read("force", boolean)?.unwrap_or_default(),
        is_incremental: fields.read("incremental", boolean)?.unwrap_or_default(),
        snapshot_id: fields.read("snapshot_id", reference)?.flatten(),
        container: fields.read("container", text)?.flatten(),
        availability_zone: if knows_zones { fields.read("availability_zone", text)?.flatten() } else { None },
    };
    let metadata = if knows_metadata { fields.read("metadata", metadata)? } else { None };
    fields.end()?;
    Ok(Create { volume_id, name, description, metadata: metadata.unwrap_or_default(), what: What::Backup(asked) })
}

fn update_fields(call: &mut Call) -> Result<Update, Problem> {
    let knows_metadata = call.is_from(43);
    let mut fields = Fields::of(call.body.take(), "backup")?;
    let update = Update {
        name: fields.read("name", text)?,
        description: fields.read("description", text)?,
        metadata: if knows_metadata { fields.read("metadata", metadata)? } else { None },
    };
    fields.end()?;
    Ok(update)
}
