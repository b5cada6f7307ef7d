//! The transfer row: made once, ended once, kept for good.

use super::{
    Db, FromRow, StoreError,
    list::{Kind, List},
    statement::{BadColumn, Row},
};
use crate::domain::{
    Id, Offer, ProjectId, Transfer, TransferName,
    page::SortKey,
    transfer::{Ending, MadeOn, Resource, Stamp, State},
};

/// Every column, by its name: a column that a newer binary adds must not change what this one's statements give.
macro_rules! columns {
    () => {
        "volume_id, id, name, state, auth_key_hash, created_at, source_project_id, source_user_id, source_request_id, resource, \
         microversion, no_snapshots, ended_at, ended_project_id, ended_user_id, ended_request_id"
    };
}
pub(super) use columns;

/// The offers that are pending.
pub static PENDING: List = List {
    columns: columns!(),
    table: "transfers",
    only: Some("state = 'pending'"),
    project: "source_project_id",
    filters: &[("name", "name", Kind::Is), ("id", "id", Kind::Is), ("volume_id", "volume_id", Kind::Is)],
    keys: &[(SortKey::Name, "name"), (SortKey::VolumeId, "volume_id"), (SortKey::CreatedAt, "created_at")],
    counted_as: None,
};

const BY_ID: &str = concat!(
    "
    SELECT ",
    columns!(),
    "
    FROM transfers
    WHERE id = $1"
);

const INSERT_PENDING: &str = "
    INSERT INTO transfers (volume_id, id, name, state, auth_key_hash, created_at, source_project_id, source_user_id,
                           source_request_id, resource, microversion, no_snapshots)
    VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $10, $11)";

const END: &str = "
    UPDATE transfers
    SET state = $3, auth_key_hash = NULL, ended_at = $4, ended_project_id = $5, ended_user_id = $6, ended_request_id = $7
    WHERE volume_id = $1
      AND id = $2
      AND state = 'pending'";

/// A transfer, pending or ended.
pub async fn by_id(db: &mut Db, id: Id) -> Result<Option<Transfer>, StoreError> {
    db.sql(BY_ID).bind(id).first().await
}

/// Records a new offer. [`StoreError::Duplicate`] when its volume is on offer already.
pub async fn insert_pending(db: &mut Db, offer: &Offer, auth_key_hash: &str) -> Result<(), StoreError> {
    db.sql(INSERT_PENDING)
        .bind(offer.volume_id)
        .bind(offer.id)
        .bind(offer.name.as_ref().map(TransferName::as_str))
        .bind(auth_key_hash)
        .bind(offer.made.at)
        .bind(offer.made.project_id.as_str())
        .bind(offer.made.user_id.as_str())
        .bind(offer.made.request_id)
        .bind(offer.made_on.resource.as_str())
        .bind(offer.made_on.microversion.map(i64::from))
        .bind(offer.no_snapshots)
        .run()
        .await
        .map(|_| ())
}

/// Ends a pending transfer and forgets its key; whether it was still pending.
pub async fn end(db: &mut Db, offer: &Offer, how: Ending, by: &Stamp) -> Result<bool, StoreError> {
    let changed = db
        .sql(END)
        .bind(offer.volume_id)
        .bind(offer.id)
        .bind(how.as_str())
        .bind(by.at)
        .bind(by.project_id.as_str())
        .bind(by.user_id.as_str())
        .bind(by.request_id)
        .run()
        .await?;
    Ok(changed == 1)
}

impl FromRow for Transfer {
    const TABLE: &'static str = "transfers";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        let offer = Offer {
            id: row.get("id")?,
            volume_id: row.get("volume_id")?,
            name: row
                .get::<Option<String>>("name")?
                .map(|name| TransferName::parse(&name))
                .transpose()
                .map_err(|_| BadColumn("name"))?,
            made: Stamp {
                at: row.get("created_at")?,
                project_id: row.parse("source_project_id", ProjectId::parse)?,
                user_id: row.get("source_user_id")?,
                request_id: row.get("source_request_id")?,
            },
            made_on: MadeOn {
                resource: row.parse("resource", Resource::parse)?,
                microversion: row
                    .get::<Option<i64>>("microversion")?
                    .map(u16::try_from)
                    .transpose()
                    .map_err(|_| BadColumn("microversion"))?,
            },
            no_snapshots: row.get("no_snapshots")?,
        };
        let state = match row.get::<String>("state")?.as_str() {
            State::PENDING => State::Pending { auth_key_hash: row.get("auth_key_hash")? },
            word => State::Ended {
                how: Ending::parse(word).ok_or(BadColumn("state"))?,
                by: Stamp {
                    at: row.get("ended_at")?,
                    project_id: row.parse("ended_project_id", ProjectId::parse)?,
                    user_id: row.get("ended_user_id")?,
                    request_id: row.get("ended_request_id")?,
                },
            },
        };
        Ok(Self { offer, state })
    }
}
