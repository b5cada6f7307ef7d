//! Volume types: seen by everybody who may make volumes of them, changed by admins, and made at each start as the settings name
//! them.

mod change;

pub use change::{Change, ChangeType, Encrypted, no_spec};

use crate::domain::volume_type::Access as Opening;
use crate::service::prelude::*;
use crate::store::volume_types as stored;

/// A page of the types that the caller sees; an admin may ask for those of `all_projects`.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no type that the caller sees.
pub async fn list(cx: &Context, asked: &PageRequest) -> Result<Page<VolumeType>, Error> {
    look(cx, Access::new(&policy::TYPES_LIST), async || {
        let mut db = cx.service.store.reader().await?;
        if let Some(marker) = asked.marker {
            let found = stored::TABLE.by_id(&mut db, marker).await?;
            visible(cx, &mut db, found).await?.ok_or(Error::MarkerNotFound)?;
        }
        page::page(&mut db, cx, &stored::ALL, asked).await
    })
    .await
}

/// A type by its id, as in Cinder not by its name; without one, that of volumes that name none, where there is such.
/// `action`: what the policy calls it to see this of a type.
///
/// # Errors
/// [`Error::NotFound`], for one that the caller does not see, too.
pub async fn show(cx: &Context, action: &'static Action, id: Option<Id>) -> Result<Option<VolumeType>, Error> {
    look(cx, Access::new(action), async || {
        let Some(id) = id.or(cx.service.catalog.default_type()) else { return Ok(None) };
        seen(cx, &mut cx.service.store.reader().await?, id).await.map(Some)
    })
    .await
}

/// The projects that a private type is open to.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Missing`] for a public type.
pub async fn access(cx: &Context, id: Id) -> Result<Vec<Opening>, Error> {
    look(cx, Access::new(&policy::TYPES_ACCESS_LIST), async || {
        let mut db = cx.service.store.reader().await?;
        if seen(cx, &mut db, id).await?.is_public {
            let words = "Access list not available for public volume types. Every project sees this one.";
            return Err(Error::Missing(words.to_owned()));
        }
        Ok(stored::access(&mut db, [id], None).await?)
    })
    .await
}

/// The name of a type; `None` where there is none of this id.
///
/// # Errors
/// Those of the store.
pub async fn name_of(service: &Service, id: Id) -> Result<Option<String>, Error> {
    Ok(stored::TABLE.by_id(&mut service.store.reader().await?, id).await?.map(|found| found.name))
}

/// The types that are called so.
///
/// # Errors
/// Those of the store.
pub async fn named<'n>(service: &Service, names: impl IntoIterator<Item = &'n str>) -> Result<Vec<VolumeType>, Error> {
    Ok(stored::named(&mut service.store.reader().await?, names).await?)
}

async fn seen(cx: &Context, db: &mut Db, id: Id) -> Result<VolumeType, Error> {
    let found = stored::TABLE.by_id(db, id).await?;
    visible(cx, db, found).await?.ok_or(Error::NotFound(RecordKind::VolumeType, id))
}

/// A type, where the caller sees it.
async fn visible(cx: &Context, db: &mut Db, found: Option<VolumeType>) -> Result<Option<VolumeType>, StoreError> {
    let Some(found) = found else { return Ok(None) };
    let sees = found.is_public
        || cx.sees_every_project()
        || !stored::access(db, [found.id], Some(&cx.caller.project)).await?.is_empty();
    Ok(sees.then_some(found))
}

/// The type of a new volume: the one that is asked for by name or id, else that of what it is a copy of, else the default one.
/// It is there, and called so, until the transaction ends.
///
/// # Errors
/// [`Error::Missing`] when there is no such type, or none that the caller sees.
pub(super) async fn of_volume(
    cx: &Context,
    db: &mut Db,
    asked: Option<&str>,
    inherited: Option<&str>,
) -> Result<Option<VolumeType>, Error> {
    let Some(name) = asked else {
        let default = cx.service.catalog.default_type().filter(|_| inherited.is_none());
        return Ok(stored::held(db, inherited, default).await?);
    };
    let id = Id::parse(name);
    let found = stored::held(db, Some(name), id).await?;
    visible(cx, db, found).await?.map(Some).ok_or_else(|| {
        let by_name = if id.is_some() { "" } else { "with name " };
        let advice = "Give the name or the id of one of the types that GET types lists.";
        Error::Missing(format!("Volume type {by_name}{} could not be found. {advice}", shown(name)))
    })
}

/// Makes those of the types that the settings name which are not there: neither by their names nor, renamed since, by their ids.
///
/// # Errors
/// Those of the store.
pub async fn make_named(service: &Service) -> Result<(), StoreError> {
    let now = service.clock.now();
    let types: Vec<VolumeType> =
        service.catalog.types().iter().map(|name| VolumeType::new(VolumeType::id_of(name), name, now)).collect();
    let there = stored::named(&mut service.store.reader().await?, types.iter().map(|named| named.name.as_str())).await?;
    if types.iter().all(|named| there.iter().any(|there| there.name == named.name)) {
        return Ok(());
    }
    service.store.write(&Named(types)).await
}

/// Invariant kept: of several starts at once each finds them made, by itself or by another.
struct Named(Vec<VolumeType>);

impl Write for Named {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, db: &mut Db) -> Result<(), StoreError> {
        stored::TABLE.insert_missing(db, &self.0).await
    }
}
