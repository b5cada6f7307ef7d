//! What EVS's list of disks can be narrowed to. Source: EVS, "querying details of all disks".

use super::response::service_type;
use crate::domain::limits::IDS;
use crate::domain::volume::DedicatedStorage;
use crate::http::resources::prelude::*;
use crate::service::volume_types;

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

/// The filters of a query.
///
/// # Errors
/// A boolean, a dictionary or a list of ids that is none.
pub async fn of<'q>(call: &Call, query: &'q Query) -> Result<Filters<'q>, Problem> {
    let volume_type = match query.get("volume_type_id").and_then(Id::parse) {
        Some(id) => volume_types::name_of(&call.service, id).await?,
        None => None,
    };
    let mut filters = place(call, query)?.table(call, FILTERS)?;
    // with both, EVS looks at the list alone
    filters = if query.get("ids").is_some() { filters.checked("ids", |text| ids(text).map(Some))? } else { filters.id("id") };
    Ok(filters.parsed_as("volume_type_id", "volume_type", |_| volume_type))
}

/// Where a disk lies, and whose it is: lists of snapshots can be narrowed to that of their disks too.
///
/// # Errors
/// What [`Filters::table`] says no with.
pub fn place<'q>(call: &Call, query: &'q Query) -> Result<Filters<'q>, Problem> {
    let filters = Filters::of(query).table(call, PLACE)?.parsed("service_type", storage);
    Ok(match query.get("enterprise_project_id") {
        Some(ALL_ENTERPRISE_PROJECTS) => filters,
        _ => filters.text("enterprise_project_id"),
    })
}

/// The storage that a service's word stands for, as it is stored.
fn storage(text: &str) -> Option<String> {
    let all = [DedicatedStorage::None, DedicatedStorage::Dss, DedicatedStorage::Dess];
    all.into_iter().find(|storage| service_type(*storage) == text).map(|storage| storage.as_str().to_owned())
}

/// `['id1','id2']`, with either quotes or none. What is no id is ignored, as EVS does.
fn ids(text: &str) -> Result<Vec<Id>, Problem> {
    let malformed = |what: String| problem!(Url, "ids {what}; give a list of 1 to {IDS} ids, such as ['id1','id2'].");
    let list = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let list = list.ok_or_else(|| malformed("is no list".to_owned()))?;
    let items: Vec<&str> = list.split(',').map(|item| item.trim().trim_matches(['\'', '"'])).collect();
    if items.len() > IDS {
        return Err(malformed(format!("has {} ids", items.len())));
    }
    Ok(items.into_iter().filter_map(Id::parse).collect())
}
