//! The transfer row: made once, ended once, kept for good.

use super::prelude::*;
use crate::domain::page::SortKey;
use crate::domain::transfer::{Ending, Stamp};

/// Its columns, by their names: a column that a newer binary adds must not change what this one's statements give.
pub static TABLE: Table<Transfer> = Table::new(
    "transfers",
    &["volume_id", "id"],
    &[
        Part(&[
            Of(UUID, &["id", "volume_id"]),
            Of(TEXT, &["name"]),
            Part(&[
                Of(TIMESTAMPTZ, &["created_at"]),
                Of(TEXT, &["source_project_id", "source_user_id"]),
                Of(UUID, &["source_request_id"]),
            ]),
            Part(&[Of(TEXT, &["resource"]), Of(BIGINT, &["microversion"])]),
            Of(BOOLEAN, &["no_snapshots"]),
            Of(TIMESTAMPTZ, &["expires_at"]),
        ]),
        Part(&[
            Of(TEXT, &["state", "auth_key_hash"]),
            Part(&[
                Of(TIMESTAMPTZ, &["ended_at"]),
                Of(TEXT, &["ended_project_id", "ended_user_id"]),
                Of(UUID, &["ended_request_id"]),
            ]),
        ]),
    ],
);

/// The offers that are pending.
pub static PENDING: List<Transfer> = List {
    table: &TABLE,
    only: Some("state = 'pending'"),
    until: Some("expires_at"),
    project: "source_project_id = ?",
    filters: &[(Kind::Is, None, &["name", "id", "volume_id"])],
    keys: &[SortKey::Name, SortKey::VolumeId, SortKey::CreatedAt],
    counted_as: None,
};

/// All that a project gave, ended ones too.
pub static GIVEN: List<Transfer> =
    List { only: None, until: None, filters: &[(Kind::Is, None, &["state", "volume_id"])], ..PENDING };

/// All that a project got.
pub static GOT: List<Transfer> = List { only: Some("state = 'accepted'"), project: "ended_project_id = ?", ..GIVEN };

/// Both, in no order that an index holds.
pub static ALL: List<Transfer> =
    List { project: "(source_project_id = ? OR state = 'accepted' AND ended_project_id = ?)", ..GIVEN };

const ANY: &str = "SELECT CAST(1 AS BIGINT) AS n FROM transfers WHERE volume_id = $1 LIMIT 1";

const END: &str = "
    UPDATE transfers
    SET state = $3, auth_key_hash = NULL, ended_at = $4, ended_project_id = $5, ended_user_id = $6, ended_request_id = $7
    WHERE volume_id = $1 AND id = $2 AND state = 'pending'";

/// Whether the volume was ever on offer.
pub async fn has_any(db: &mut Db, volume: Id) -> Result<bool> {
    Ok(db.sql(ANY).bind(volume).first::<Only<i64>>().await?.is_some())
}

/// The pending transfers of these volumes.
pub async fn pending_of(db: &mut Db, volumes: impl IntoIterator<Item = Id>) -> Result<Vec<Transfer>> {
    TABLE.all(db, TABLE.select(db.engine()).push("state = 'pending'\n      AND ").is_one_of("volume_id", volumes)).await
}

/// Ends a transfer that is pending, whose volume is locked, and forgets its key.
pub fn end(db: &mut Db, offer: &Offer, how: Ending, by: &Stamp) {
    let Stamp { at, project_id, user_id, request_id } = by;
    let ending = db.sql_later(END).bind(offer.volume_id).bind(offer.id).bind(how.as_str());
    ending.bind(*at).bind(project_id.as_str()).bind(user_id.as_str()).bind(*request_id).later("transfers");
}
