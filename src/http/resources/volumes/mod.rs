//! Volumes as clients drive them.

pub mod actions;
pub mod request;
pub mod response;

use self::request::{CreateVolume, UpdateVolume};
use self::response::{ChangedVolume, Detail, VolumeSummary, VolumeTotals};
use crate::http::resources::prelude::*;
use crate::service::volumes::{self, ChangeVolume, Delete, Manner};

/// What the operations are about.
pub static VOLUMES: Subject = Subject { name: "volumes", what: "The volumes that are passed on, as Cinder shows them." };

operations! { VOLUMES;
    /// 202, and `creating` in this answer also where it is there at once.
    CREATE: "Create a volume", |call, body: CreateVolume| create(call, body) => 202 One("volume", part::<ChangedVolume>()),
        refuses: &[Kind::NotFound, Kind::Refused, Kind::Quota];

    /// A page of ids, names and links.
    LIST: "List volumes", |call| list(call) => 200 Paged(&SUMMARIES);

    /// A page with every key.
    LIST_WITH_DETAILS: "List volumes with details", |call| list_with_details(call) => 200 Paged(&DETAILS);

    /// How many volumes there are and how large they are together.
    SUMMARY: "Count volumes and their GiB", |call| summary(call) => 200 One("volume-summary", part::<VolumeTotals>()),
        description: "Since microversion 3.12; before, 404.",
        query: &[word("all_tenants", "From an admin: every project's. From anyone else it is ignored.")],
        refuses: &[Kind::NotFound];

    /// One volume; 404 for another project's.
    SHOW: "Show a volume", |call| show(call) => 200 One("volume", part::<Detail>()), refuses: &[Kind::NotFound];

    /// Renames it, describes it anew, or replaces its metadata.
    UPDATE: "Change a volume's name, description or metadata", |call, body: UpdateVolume| update(call, body)
        => 200 One("volume", part::<ChangedVolume>()), refuses: &[Kind::NotFound, Kind::Refused];

    /// Deletes it: 202, or a refusal for its state or its snapshots.
    DELETE: "Delete a volume", |call| delete(call) => 202 Nothing,
        query: &[
            switch("cascade", "Whether its snapshots are to go with it."),
            switch("force", "From an admin: whether it is to go whatever its status."),
        ],
        refuses: &[Kind::NotFound, Kind::Refused];
}

async fn create(mut call: Call, body: CreateVolume) -> Result<Answer> {
    let volume = call.perform(body.asked()?).await?;
    call.know_types([&volume]).await?;
    Ok(Answer::one(&call, 202, "volume", &ChangedVolume::created(&call, &volume)))
}

static SUMMARIES: Listing = Listing {
    count: Count::Asked,
    ..listing("volumes", part::<VolumeSummary>(), RecordKind::Volume, SORT_KEYS, &[TEXTS, FILTERS])
};

async fn list(call: Call) -> Result<Answer> {
    let (page, count) = page(&call, &SUMMARIES).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, count, |volume| VolumeSummary::of(&call, volume, "volumes")))
}

static DETAILS: Listing = Listing { part: part::<Detail>(), ..SUMMARIES };

async fn list_with_details(mut call: Call) -> Result<Answer> {
    let (page, count) = page(&call, &DETAILS).await?;
    call.know_types(&page.rows).await?;
    Ok(Answer::page(&call, &DETAILS, &page, count, |volume| Detail::of(&call, volume)))
}

async fn page(call: &Call, listing: &Listing) -> Result<(Page<Volume>, Option<i64>)> {
    let (page, is_counted) = listing.counted(call)?;
    let (page, count) = listing.look(call, volumes::list(call.cx(), &page, is_counted)).await?;
    Ok((page.linked_when_full(), count))
}

async fn summary(call: Call) -> Result<Answer> {
    call.needs(12)?;
    let (total, metadata) = call.look(volumes::summary(call.cx(), call.query()?.is_on("all_tenants"))).await?;
    Ok(Answer::one(&call, 200, "volume-summary", &VolumeTotals::of(total, &metadata)))
}

async fn show(mut call: Call) -> Result<Answer> {
    let volume = call.look(volumes::show(call.cx(), call.id(RecordKind::Volume)?)).await?;
    call.know_types([&volume]).await?;
    Ok(Answer::one(&call, 200, "volume", &Detail::of(&call, &volume)))
}

async fn update(mut call: Call, body: UpdateVolume) -> Result<Answer> {
    let (name, description) = (body.name.or(body.display_name), body.description.or(body.display_description));
    let is_something = name.is_some() || description.is_some() || body.metadata.is_some();
    let empty = "`volume` is empty; give a name, a description or metadata to change.";
    ensure!(is_something || !call.is_from(53), malformed(empty));
    let change = Update { name, description, metadata: body.metadata.flatten().map(|Texts(texts)| texts) };
    let volume = call.perform(ChangeVolume { id: call.id(RecordKind::Volume)?, change }).await?;
    call.know_types([&volume]).await?;
    Ok(Answer::one(&call, 200, "volume", &ChangedVolume::of(&call, &volume)))
}

async fn delete(mut call: Call) -> Result<Answer> {
    let query = call.query()?;
    let is_on = |name: &str| query.boolean(name).map(Option::unwrap_or_default);
    let (cascade, manner) = (is_on("cascade")?, if is_on("force")? { Manner::ByForce } else { Manner::Gently });
    let id = call.id(RecordKind::Volume)?;
    call.perform(Delete { id, cascade, manner }).await?;
    Ok(Answer::empty(202))
}

/// What volumes can be sorted by.
pub const SORT_KEYS: &[SortKey] = {
    use SortKey::{AvailabilityZone, Bootable, CreatedAt, Id, Name, Size, Status, UpdatedAt, VolumeType};
    &[Id, Name, Status, Size, AvailabilityZone, Bootable, VolumeType, CreatedAt, UpdatedAt]
};

/// What a list of volumes can be narrowed to.
const TEXTS: &[Parameter] = &texts([
    "name", "status", "availability_zone", "volume_type", "user_id", "description", "migration_status", "replication_status",
    "consistencygroup_id", "group_id", "snapshot_id", "source_volid",
]);

const FILTERS: &[Parameter] = &[
    id("id"),
    number("size"),
    boolean("bootable"),
    boolean("multiattach"),
    boolean("encrypted"),
    dictionary("metadata", "Only what has all of these metadata."),
    times("created_at").since(60),
    times("updated_at").since(60),
];
