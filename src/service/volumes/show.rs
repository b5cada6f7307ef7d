//! Show and list: a project looks at a volume of its own, an admin at any, or at a page of them and how many there are in all.

use crate::domain::page::SortKey;
use crate::service::prelude::*;
pub use crate::store::summary::Total;
use crate::store::summary::{self, Pair};

/// A volume, whole. A volume that is `creating` until it was looked at so many times counts this look.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn show(cx: &Context, id: Id) -> Result<Volume> {
    let volume = read(cx, &policy::VOLUMES_GET, id).await?;
    settling::look(cx, &volume).await;
    Ok(volume)
}

/// What is known of the image that a volume was made of.
///
/// # Errors
/// As of [`show`].
pub async fn image_metadata(cx: &Context, id: Id) -> Result<Map<String, Value>> {
    Ok(read(cx, &policy::VOLUMES_IMAGE_METADATA_GET, id).await?.image_metadata())
}

/// A volume, whole, without a look being counted; `action`: what the policy calls it to see this of it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`], for another project's too.
pub(super) async fn read(cx: &Context, action: &'static Action, id: Id) -> Result<Volume> {
    permit(cx, action, Some((RecordKind::Volume, id))).await?;
    let volume = cx.visible(cx.service.volumes.by_id(&cx.service.store, id).await?, RecordKind::Volume, id)?;
    Ok(settling::seen(cx, volume).await)
}

/// A volume that exists for the caller, as it is stored.
pub(in crate::service) async fn visible(cx: &Context, db: &mut Db, id: Id) -> Result<Volume> {
    cx.visible(volumes::TABLE.by_id(db, id).await?, RecordKind::Volume, id)
}

/// Locks a volume that exists for the caller to the end of the transaction, and settles it: what may be judged and changed.
pub(in crate::service) async fn locked(cx: &Context, tx: &mut Tx<'_>, id: Id) -> Result<Volume> {
    ensure!(volumes::lock(tx, id).await?, Error::NotFound(RecordKind::Volume, id));
    let stored = visible(cx, tx, id).await?;
    Ok(settling::locked(&cx.service, tx, stored).await?)
}

/// A page of volumes, by the filters that `store::volumes::ALL` names, and how many there are on all pages where that is asked.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names no volume that the caller may see.
pub async fn list(cx: &Context, page: &PageRequest, is_counted: bool) -> Result<Counted<Volume>> {
    permit(cx, &policy::VOLUMES_LIST, None).await?;
    // what is shown of a volume is settled below; which volumes are shown, their stored status decides
    let is_sorted = |key| page.order.keys().iter().any(|(asked, _)| *asked == key);
    let is_asked = |key: SortKey| is_sorted(key) || page.filters.iter().any(|filter| filter.name == key.as_str());
    if [SortKey::Status, SortKey::UpdatedAt].into_iter().any(is_asked) {
        settling::all(cx).await;
    }
    let (page, count) = page::page_and_count(cx, &volumes::ALL, page, is_counted).await?;
    // where nothing could be written, what is due is stored as it was
    let now = cx.now();
    let rows = page.rows.into_iter().map(|volume| settling::settled(volume, now)).collect();
    Ok((Page { rows, ..page }, count))
}

// Summary: how many volumes a caller may see, how large they are, and which metadata they have.

/// Each value that some volume has under a name, once, in order.
pub type Metadata = BTreeMap<String, BTreeSet<String>>;

/// Sums up the caller's volumes, or, to an admin who asks for them, everybody's.
pub async fn summary(cx: &Context, all_projects: bool) -> Result<(Total, Metadata)> {
    permit(cx, &policy::VOLUMES_SUMMARY, None).await?;
    let sees_all = all_projects && cx.sees_every_project();
    let project = (!sees_all).then_some(&cx.caller.project);
    let mut db = cx.service.store.snapshot().await?;
    let total = summary::total(&mut db, project).await?;
    let mut metadata = Metadata::new();
    for pair in summary::metadata(&mut db, project).await? {
        metadata.entry(pair.key).or_default().insert(pair.value);
    }
    Ok((total, metadata))
}

// Tags: those of one volume, and all that the volumes of the caller's project have.

/// Every tag of the project's volumes, once, in order.
pub async fn tags_of_project(cx: &Context) -> Result<Vec<Pair>> {
    let db = &mut look(cx, &policy::VOLUMES_LIST, None).await?;
    Ok(summary::tags(db, &cx.caller.project).await?)
}

/// The tags of one volume, in order.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn tags_of_volume(cx: &Context, id: Id) -> Result<Vec<Pair>> {
    let volume = read(cx, &policy::VOLUMES_GET, id).await?;
    let tags = volume.extra.get("tags").and_then(Value::as_object).into_iter().flatten();
    let tag = |(key, value): (&String, &Value)| Some(Pair { key: key.clone(), value: value.as_str()?.to_owned() });
    Ok(tags.filter_map(tag).collect())
}
