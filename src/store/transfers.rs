//! The transfer row: made once, ended once, kept for good.

use super::list::{Kind, List};
use super::prelude::*;
use super::table::{boolean, id, number, text, time};
use crate::domain::page::SortKey;
use crate::domain::transfer::{Ending, Stamp};
use crate::domain::{Offer, Transfer};

/// Its columns, by their names: a column that a newer binary adds must not change what this one's statements give.
pub static TABLE: Table<Transfer> = Table {
    name: "transfers",
    key: &["volume_id", "id"],
    columns: &[
        Column::Part(&[
            id("id", |transfer| Some(transfer.offer.id.into())),
            id("volume_id", |transfer| Some(transfer.offer.volume_id.into())),
            text("name", |transfer| transfer.offer.name.as_ref().map(|name| name.as_str().into())),
            Column::Part(&[
                time("created_at", |transfer| Some(transfer.offer.made.at.into())),
                text("source_project_id", |transfer| Some(transfer.offer.made.project_id.as_str().into())),
                text("source_user_id", |transfer| Some(transfer.offer.made.user_id.as_str().into())),
                id("source_request_id", |transfer| Some(transfer.offer.made.request_id.into())),
            ]),
            Column::Part(&[
                text("resource", |transfer| Some(transfer.offer.made_on.resource.as_str().into())),
                number("microversion", |transfer| transfer.offer.made_on.microversion.map(|minor| i64::from(minor).into())),
            ]),
            boolean("no_snapshots", |transfer| Some(transfer.offer.no_snapshots.into())),
        ]),
        Column::Part(&[
            text("state", |transfer| Some(transfer.state.as_str().into())),
            text("auth_key_hash", |transfer| transfer.pending_hash().map(Into::into)),
            Column::Part(&[
                time("ended_at", |transfer| transfer.state.ended_by().map(|by| by.at.into())),
                text("ended_project_id", |transfer| transfer.state.ended_by().map(|by| by.project_id.as_str().into())),
                text("ended_user_id", |transfer| transfer.state.ended_by().map(|by| by.user_id.as_str().into())),
                id("ended_request_id", |transfer| transfer.state.ended_by().map(|by| by.request_id.into())),
            ]),
        ]),
    ],
};

/// The offers that are pending.
pub static PENDING: List<Transfer> = List {
    table: &TABLE,
    only: Some("state = 'pending'"),
    project: "source_project_id",
    filters: &[(Kind::Is, None, &["name", "id", "volume_id"])],
    keys: &[SortKey::Name, SortKey::VolumeId, SortKey::CreatedAt],
    counted_as: None,
};

const ANY: &str = "
    SELECT CAST(1 AS BIGINT) AS n
    FROM transfers
    WHERE volume_id = $1
    LIMIT 1";

const END: &str = "
    UPDATE transfers
    SET state = $3, auth_key_hash = NULL, ended_at = $4, ended_project_id = $5, ended_user_id = $6, ended_request_id = $7
    WHERE volume_id = $1
      AND id = $2
      AND state = 'pending'";

/// Whether the volume was ever on offer.
pub async fn has_any(db: &mut Db, volume: Id) -> Result<bool, StoreError> {
    Ok(db.sql(ANY).bind(volume).first::<Number>().await?.is_some())
}

/// The pending transfers of these volumes.
pub async fn pending_of(db: &mut Db, volumes: impl IntoIterator<Item = Id>) -> Result<Vec<Transfer>, StoreError> {
    let mut select = TABLE.select(db.engine());
    select.push("state = 'pending'\n      AND ").is_one_of("volume_id", volumes);
    TABLE.all(db, select).await
}

/// Ends a pending transfer and forgets its key; whether it was still pending.
pub async fn end(db: &mut Db, offer: &Offer, how: Ending, by: &Stamp) -> Result<bool, StoreError> {
    let Stamp { at, project_id, user_id, request_id } = by;
    let ending = db.sql(END).bind(offer.volume_id).bind(offer.id).bind(how.as_str());
    let changed = ending.bind(*at).bind(project_id.as_str()).bind(user_id.as_str()).bind(*request_id).run().await?;
    Ok(changed == 1)
}
