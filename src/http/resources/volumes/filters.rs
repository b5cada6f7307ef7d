//! What a list of volumes can be narrowed to.

use crate::http::request::query_parameter::{Parameter, boolean, dictionary, id, number, text, times};

/// What `volumes` reads.
pub const FILTERS: &[Parameter] = &[
    text("name"),
    text("status"),
    text("availability_zone"),
    text("volume_type"),
    text("user_id"),
    text("description"),
    text("migration_status"),
    text("replication_status"),
    text("consistencygroup_id"),
    text("group_id"),
    text("snapshot_id"),
    text("source_volid"),
    id("id"),
    number("size"),
    boolean("bootable"),
    boolean("multiattach"),
    boolean("encrypted"),
    dictionary("metadata", "Only what has all of these metadata."),
    times("created_at").since(60),
    times("updated_at").since(60),
];
