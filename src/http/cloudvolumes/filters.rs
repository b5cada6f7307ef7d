//! What EVS's list of disks can be narrowed to. Source: EVS, "querying details of all disks".

use super::view::service_type;
use crate::{
    domain::{Id, catalog::Catalog, volume::DedicatedStorage},
    http::{
        dictionary,
        list_query::Filters,
        problem::{Kind, Problem},
        query::Query,
    },
};

/// The most ids of one `ids`. Source: EVS.
const MOST_IDS: usize = 60;

/// What `enterprise_project_id` says for all of them.
const ALL_ENTERPRISE_PROJECTS: &str = "all_granted_eps";

/// The filters of a query.
///
/// # Errors
/// A boolean, a dictionary or a list of ids that is none.
pub fn of<'q>(query: &'q Query, catalog: &Catalog) -> Result<Filters<'q>, Problem> {
    let mut filters = place(query).text("name").text("status").text("server_id");
    // with both, EVS looks at the list alone
    filters = if query.get("ids").is_some() { filters.checked("ids", |text| ids(text).map(Some))? } else { filters.id("id") };
    filters
        .parsed_as("volume_type_id", "volume_type", |text| {
            Id::parse(text).and(catalog.volume_type(text)).map(|known| &known.name)
        })
        .boolean("multiattach")?
        .checked("metadata", dictionary::filter)?
        .checked("not_metadata", dictionary::filter)
}

/// Where a disk lies, and whose it is: lists of snapshots can be narrowed to that of their disks too.
pub fn place(query: &Query) -> Filters<'_> {
    let texts = ["availability_zone", "dedicated_storage_id", "dedicated_storage_name"];
    let filters = texts.iter().fold(Filters::of(query), |filters, name| filters.text(name)).parsed("service_type", storage);
    match query.get("enterprise_project_id") {
        Some(ALL_ENTERPRISE_PROJECTS) => filters,
        _ => filters.text("enterprise_project_id"),
    }
}

/// The storage that a service's word stands for, as it is stored.
fn storage(text: &str) -> Option<&'static str> {
    let all = [DedicatedStorage::None, DedicatedStorage::Dss, DedicatedStorage::Dess];
    all.into_iter().find(|storage| service_type(*storage) == text).map(DedicatedStorage::as_str)
}

/// `['id1','id2']`, with either quotes or none. What is no id is ignored, as EVS does.
fn ids(text: &str) -> Result<Vec<Id>, Problem> {
    let malformed = |what: String| {
        Problem::new(Kind::Url, format!("ids {what}; give a list of 1 to {MOST_IDS} ids, such as ['id1','id2']."))
    };
    let list = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let list = list.ok_or_else(|| malformed("is no list".to_owned()))?;
    let items: Vec<&str> = list.split(',').map(|item| item.trim().trim_matches(['\'', '"'])).collect();
    if items.len() > MOST_IDS {
        return Err(malformed(format!("has {} ids", items.len())));
    }
    Ok(items.into_iter().filter_map(Id::parse).collect())
}
