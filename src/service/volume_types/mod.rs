//! Volume types: seen by everybody who may make volumes of them, changed by admins, and made at each start as the settings name
//! them.

mod change;

pub use change::{Change, ChangeType, no_spec};

use crate::service::prelude::*;
use crate::store::volume_types as stored;

/// A page of the types that the caller sees; an admin may ask for those of `all_projects`.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no type that the caller sees.
pub async fn list(cx: &Context, asked: &PageRequest) -> Result<Page<VolumeType>> {
    let db = &mut look(cx, &policy::TYPES_LIST, None).await?;
    page::page_of(db, cx, &stored::ALL, asked, |found| sees(cx, found)).await
}

/// A type by its id, as in Cinder not by its name; without one, that of volumes that name none, where there is such.
/// `action`: what the policy calls it to see this of a type.
///
/// # Errors
/// [`Error::NotFound`], for one that the caller does not see, too.
pub async fn show(cx: &Context, action: &'static Action, id: Option<Id>) -> Result<Option<VolumeType>> {
    let db = &mut look(cx, action, None).await?;
    let Some(id) = id else { return Ok(default_type(cx, db).await?.filter(|found| sees(cx, found))) };
    let found = stored::TABLE.by_id(db, id).await?;
    found.filter(|found| sees(cx, found)).map(Some).ok_or(Error::NotFound(RecordKind::VolumeType, id))
}

/// The type of a volume that names none, where there is such.
async fn default_type(cx: &Context, db: &mut Db) -> Result<Option<VolumeType>, StoreError> {
    let Some((name, id)) = cx.service.catalog.default_type() else { return Ok(None) };
    stored::held(db, Some(name), Some(id)).await
}

fn sees(cx: &Context, found: &VolumeType) -> bool {
    found.is_public || cx.sees_every_project() || found.projects.contains(&cx.caller.project)
}

/// The name of a type; `None` where there is none of this id.
///
/// # Errors
/// Those of the store.
pub async fn name_of(service: &Service, id: Id) -> Result<Option<String>> {
    Ok(stored::TABLE.by_id(&mut service.store.reader().await?, id).await?.map(|found| found.name))
}

/// The types that are called so.
///
/// # Errors
/// Those of the store.
pub async fn named<'n>(service: &Service, names: impl IntoIterator<Item = &'n str>) -> Result<Vec<VolumeType>, StoreError> {
    stored::named(&mut service.store.reader().await?, names).await
}

/// The type of a new volume: the one that is asked for by name or id, else that of what it is a copy of, else the default one.
/// It is there, and called so, until the transaction ends.
///
/// # Errors
/// [`Error::Missing`] when there is no such type, or none that the caller sees.
pub async fn of_volume(cx: &Context, db: &mut Db, asked: Option<&str>, inherited: Option<&str>) -> Result<Option<VolumeType>> {
    let Some(name) = asked else {
        return Ok(match inherited {
            Some(name) => stored::held(db, Some(name), None).await?,
            None => default_type(cx, db).await?,
        });
    };
    let id = Id::parse(name);
    let found = stored::held(db, Some(name), id).await?.filter(|found| sees(cx, found));
    found.map(Some).ok_or_else(|| {
        let by_name = if id.is_some() { "" } else { "with name " };
        let advice = "Give the name or the id of one of the types that GET types lists.";
        Error::Missing(format!("Volume type {by_name}{} could not be found. {advice}", shown(name)))
    })
}

/// Makes those of the types that the settings name which are not there: neither by their names nor, renamed since, by their ids.
/// Invariant kept: of several starts at once each finds them made, by itself or by another.
///
/// # Errors
/// Those of the store.
pub async fn make_named(service: &Service) -> Result<(), StoreError> {
    let (now, names) = (service.clock.now(), &service.catalog.types);
    if named(service, names.iter().map(String::as_str)).await?.len() == names.len() {
        return Ok(());
    }
    let types: Vec<_> = names.iter().map(|name| VolumeType::new(VolumeType::id_of(name), name, now)).collect();
    service.store.write(&Repeatable(types, |types, db| Box::pin(stored::TABLE.insert_missing(db, types)))).await
}
