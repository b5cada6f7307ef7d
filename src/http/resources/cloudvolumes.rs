//! EVS's own calls for disks: the same volumes as `volumes`, with what EVS shows of them. Lists say how many there are in all,
//! and have `volumes_links` also where there is no further page.

use std::collections::BTreeMap;

use super::volumes::SORT_KEYS;
use super::volumes::response::{ChangedVolume, Detail, VolumeSummary};
use crate::domain::limits::IDS;
use crate::domain::volume::{Billing, DedicatedStorage};
use crate::http::resources::prelude::*;
use crate::service::{volume_types, volumes};
use crate::store::summary::Pair;

// What a volume looks like to a client of EVS: Cinder's body, and what EVS adds. Source: EVS, "querying details of all disks".

view! {
    /// A volume with every key.
    // Of a volume as it is read, alone or in a list: Cinder's keys, then EVS's own.
    CloudVolume<'a> of(call: &Call, volume: &'a Volume) {
        #[serde(flatten)]
        volume: Detail<'a> = cinders(call, volume),
        extended_status as "os-volume-replication:extended_status": AnyJson<'a> =
            or(volume, "os-volume-replication:extended_status", Value::Null),
        /// `EVS`, `DSS` or `DESS`.
        #[schema(pattern = "^(EVS|DSS|DESS)$", examples("EVS"))]
        service_type: &'static str = service_type(volume.dedicated_storage),
        dedicated_storage_id: AnyJson<'a> = or(volume, "dedicated_storage_id", Value::Null),
        dedicated_storage_name: AnyJson<'a> = or(volume, "dedicated_storage_name", Value::Null),
        enterprise_project_id: AnyJson<'a> = or(volume, "enterprise_project_id", DEFAULT_ENTERPRISE_PROJECT),
        /// What `multiattach` is, as text.
        shareable: AnyJson<'a> = or(volume, "shareable", volume.multiattach.to_string()),
        tags: AnyJson<'a> = or(volume, "tags", json!({})),
        volume_image_metadata: AnyJson<'a> = or(volume, "volume_image_metadata", json!({})),
        /// The number that a server knows an attached disk by.
        wwn: AnyJson<'a> = or(volume, "wwn", format!("{WWN}{}", &volume.id.uuid().simple().to_string()[..16])),
        serial_number: AnyJson<'a> = or(volume, "serial_number", volume.id.to_string()),
        iops: AnyJson<'a> = or(volume, "iops", Value::Null),
        throughput: AnyJson<'a> = or(volume, "throughput", Value::Null),
    }, keys ChangedVolume::KEYS; // what Cinder shows to admins alone, EVS shows to all

    /// A tag of one disk.
    Tag of(tag: Pair) {
        key: String = tag.key,
        value: String = tag.value,
    };
}

/// What EVS calls the volumes in a path.
pub const RESOURCE: &str = "cloudvolumes";

/// How each WWN begins in EVS's own answers: the kind of number, the maker, the storage. Half of the volume's id follows.
const WWN: &str = "688860300000d136";

/// EVS's default enterprise project.
const DEFAULT_ENTERPRISE_PROJECT: &str = "0";

/// What an export said is shown as it was, nulls too.
fn or<'a>(volume: &'a Volume, name: &str, default: impl Into<Value>) -> AnyJson<'a> {
    AnyJson::or(volume.extra.get(name), default)
}

fn cinders<'a>(call: &Call, volume: &'a Volume) -> Detail<'a> {
    let mut cinders = Detail::of(call, volume);
    cinders.volume_image_metadata = None; // EVS shows it of every volume
    cinders.changed.status = volume.status.as_str();
    cinders.changed.metadata = metadata(volume);
    cinders.changed.links = call.links(RESOURCE, volume.id);
    cinders
}

/// The service that a disk belongs to, in EVS's word.
pub const fn service_type(storage: DedicatedStorage) -> &'static str {
    match storage {
        DedicatedStorage::None => "EVS",
        DedicatedStorage::Dss => "DSS",
        DedicatedStorage::Dess => "DESS",
    }
}

/// Clients of EVS learn only from metadata how a disk is paid for and whether it is encrypted, so what the record says stands
/// there too. A volume whose order nobody named has its own id for the order's.
fn metadata(volume: &Volume) -> Cow<'_, Map<String, Value>> {
    let is_silent = |key: &str| volume.metadata.get(key).is_none_or(|value| value == "");
    let mut shown = Cow::Borrowed(&volume.metadata);
    if volume.billing == Billing::Prepaid && is_silent("orderID") {
        shown.to_mut().insert("orderID".to_owned(), json!(volume.id));
    }
    if volume.encrypted && is_silent("__system__encrypted") {
        shown.to_mut().insert("__system__encrypted".to_owned(), json!("1"));
    }
    shown
}

// What EVS's list of disks can be narrowed to. Source: EVS, "querying details of all disks".

/// What `enterprise_project_id` says for all of them.
const ALL_ENTERPRISE_PROJECTS: &str = "all_granted_eps";

/// What a list of disks can be narrowed to, beside where they lie.
pub const FILTERS: &[Parameter] = &[
    text("name"),
    text("status"),
    text("server_id"),
    own("id", "Only what has exactly this. Not beside `ids`.", "c86b9af4-151d-4ead-b62c-5fb967af0e37"),
    own("ids", "Only those; 60 at most.", "['c86b9af4-151d-4ead-b62c-5fb967af0e37']"),
    own("volume_type_id", "Only what has exactly this.", "c86b9af4-151d-4ead-b62c-5fb967af0e37"),
    boolean("multiattach"),
    dictionary("metadata", "Only what has all of these metadata."),
    dictionary("not_metadata", "Only what has not all of these metadata."),
];

/// Where disks lie, and whose they are.
pub const PLACE: &[Parameter] = &[
    text("availability_zone"),
    text("dedicated_storage_id"),
    text("dedicated_storage_name"),
    own("service_type", "`EVS`, `DSS` or `DESS`.", "EVS"),
    own("enterprise_project_id", "Only what has exactly this; all with `all_granted_eps`.", "0"),
];

/// The filters of a query. Refused: a boolean, a dictionary or a list of ids that is none.
async fn filters<'q>(call: &Call, query: &'q Query) -> Result<Filters<'q>> {
    let volume_type = match query.get("volume_type_id").and_then(Id::parse) {
        Some(id) => volume_types::name_of(&call.service, id).await?,
        None => None,
    };
    let mut filters = place(call, query)?.table(call, FILTERS)?;
    // with both, EVS looks at the list alone
    filters = match query.get("ids") {
        Some(_) => filters.checked("ids", |text| ids(text).map(Some))?,
        None => filters.parsed("id", Id::parse),
    };
    Ok(filters.parsed_as("volume_type_id", "volume_type", |_| volume_type))
}

/// Where a disk lies, and whose it is: lists of snapshots can be narrowed to that of their disks too.
///
/// # Errors
/// What [`Filters::table`] says no with.
pub fn place<'q>(call: &Call, query: &'q Query) -> Result<Filters<'q>> {
    let filters = Filters::of(query).table(call, PLACE)?.parsed("service_type", storage);
    Ok(match query.get("enterprise_project_id") {
        Some(ALL_ENTERPRISE_PROJECTS) => filters,
        _ => filters.text("enterprise_project_id"),
    })
}

/// The storage that a service's word stands for, as it is stored.
fn storage(text: &str) -> Option<String> {
    let named = DedicatedStorage::ALL.into_iter().find(|storage| service_type(*storage) == text);
    named.map(|storage| storage.as_str().to_owned())
}

/// `['id1','id2']`, with either quotes or none. What is no id is ignored, as EVS does.
fn ids(text: &str) -> Result<Vec<Id>> {
    let malformed = |what: String| problem!(Url, "ids {what}; give a list of 1 to {IDS} ids, such as ['id1','id2'].");
    let list = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let list = list.ok_or_else(|| malformed("is no list".to_owned()))?;
    let items: Vec<&str> = list.split(',').map(|item| item.trim().trim_matches(['\'', '"'])).collect();
    ensure!(items.len() <= IDS, malformed(format!("has {} ids", items.len())));
    Ok(items.into_iter().filter_map(Id::parse).collect())
}

/// What the operations are about.
pub static CLOUDVOLUMES: Subject = Subject { name: "cloudvolumes", what: "The volumes as EVS shows them." };

operations! { CLOUDVOLUMES;
    /// A page of ids, names and links, always counted.
    LIST: "List disks", |call| list(call) => 200 Paged(&SUMMARIES);

    /// A page with every key, always counted.
    LIST_WITH_DETAILS: "List disks with details", |call| list_with_details(call) => 200 Paged(&DETAILS);

    /// One volume; 404 for another project's.
    SHOW: "Show a disk", |call| show(call) => 200 One("volume", part::<CloudVolume>()), refuses: &[Kind::NotFound];

    /// Each key with every value that it has in the caller's project.
    TAGS: "List the tags of all disks", |call| tags(call) => 200 One("tags", part::<TagValues>()),
        description: "The values under each key.";

    /// The tags of one volume; 404 for another project's.
    TAGS_OF_DISK: "List the tags of a disk", |call| tags_of_disk(call) => 200 Rows("tags", part::<Tag>()), refuses: &[Kind::NotFound];
}

static SUMMARIES: Listing = Listing {
    count: Count::Always,
    always_links: true,
    ..listing("volumes", part::<VolumeSummary>(), RecordKind::Volume, SORT_KEYS, &[FILTERS, PLACE])
};

async fn list(call: Call) -> Result<Answer> {
    let (page, count) = page(&call).await?;
    Ok(Answer::page(&call, &SUMMARIES, &page, count, |volume| VolumeSummary::of(&call, volume, RESOURCE)))
}

static DETAILS: Listing = Listing { part: part::<CloudVolume>(), ..SUMMARIES };

async fn list_with_details(mut call: Call) -> Result<Answer> {
    let (page, count) = page(&call).await?;
    call.know_types(&page.rows).await?;
    Ok(Answer::page(&call, &DETAILS, &page, count, |volume| CloudVolume::of(&call, volume)))
}

async fn page(call: &Call) -> Result<(Page<Volume>, Option<i64>)> {
    let query = call.query()?;
    let page = SUMMARIES.narrowed(call, &query, filters(call, &query).await?)?;
    SUMMARIES.look(call, volumes::list(call.cx(), &page, true)).await
}

async fn show(mut call: Call) -> Result<Answer> {
    let volume = call.look(volumes::show(call.cx(), call.id(RecordKind::Volume)?)).await?;
    call.know_types([&volume]).await?;
    Ok(Answer::one(&call, 200, "volume", &CloudVolume::of(&call, &volume)))
}

// Tags of disks, in EVS's two shapes: a list of pairs of one disk, and the values under each key of all of a project's.

/// Every value that a key has on some disk.
#[derive(Default, Serialize, ToSchema)]
pub struct TagValues(BTreeMap<String, Vec<String>>);

impl Versioned for TagValues {}

async fn tags(call: Call) -> Result<Answer> {
    let mut values = TagValues::default();
    for tag in call.look(volumes::tags_of_project(call.cx())).await? {
        values.0.entry(tag.key).or_default().push(tag.value);
    }
    Ok(Answer::one(&call, 200, "tags", &values))
}

async fn tags_of_disk(call: Call) -> Result<Answer> {
    let tags = call.look(volumes::tags_of_volume(call.cx(), call.id(RecordKind::Volume)?)).await?;
    Ok(Answer::rows(&call, "tags", tags.into_iter().map(Tag::of)))
}
