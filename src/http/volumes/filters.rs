//! What a list of volumes can be narrowed to.

use crate::http::{dictionary, list_query::Filters, problem::Problem, query::Query};

/// The filters of a query.
///
/// # Errors
/// A boolean, or a dictionary, that is none.
pub fn of(query: &Query) -> Result<Filters<'_>, Problem> {
    let texts = ["name", "status", "availability_zone", "volume_type", "user_id", "description", "migration_status"];
    let references = ["consistencygroup_id", "group_id", "snapshot_id", "source_volid", "replication_status"];
    let compared = texts.iter().chain(&references).fold(Filters::of(query), |filters, name| filters.text(name));
    compared
        .id("id")
        .parsed("size", |text| text.parse::<i64>().ok())
        .boolean("bootable")?
        .boolean("multiattach")?
        .boolean("encrypted")?
        .checked("metadata", dictionary::filter)
}
