//! Transfers by the batch, for `import`: read by id or by volume, and written with whatever state they have.

use serde::Serialize;

use super::{
    Db, Engine, Sql, StoreError,
    bulk::{self, At, listed},
    transfers::columns,
};
use crate::domain::{Id, Transfer, TransferName, transfer::State};

const BY_IDS: Sql = listed!(
    concat!(
        "
    SELECT ",
        columns!(),
        "
    FROM transfers
    WHERE "
    ),
    "id",
    ""
);

const PENDING_OF_VOLUMES: Sql = listed!(
    concat!(
        "
    SELECT ",
        columns!(),
        "
    FROM transfers
    WHERE state = 'pending'
      AND "
    ),
    "volume_id",
    ""
);

const INSERT: Sql = Sql {
    sqlite: "
    INSERT INTO transfers (volume_id, id, name, state, auth_key_hash, created_at, source_project_id, source_user_id,
                           source_request_id, resource, microversion, no_snapshots, ended_at, ended_project_id, ended_user_id,
                           ended_request_id)
    SELECT value ->> 'volume_id', value ->> 'id', value ->> 'name', value ->> 'state', value ->> 'auth_key_hash',
           value ->> 'created_at', value ->> 'source_project_id', value ->> 'source_user_id', value ->> 'source_request_id',
           value ->> 'resource', value ->> 'microversion', value ->> 'no_snapshots', value ->> 'ended_at',
           value ->> 'ended_project_id', value ->> 'ended_user_id', value ->> 'ended_request_id'
    FROM json_each($1)",
    postgres: "
    INSERT INTO transfers (volume_id, id, name, state, auth_key_hash, created_at, source_project_id, source_user_id,
                           source_request_id, resource, microversion, no_snapshots, ended_at, ended_project_id, ended_user_id,
                           ended_request_id)
    SELECT *
    FROM jsonb_to_recordset($1::jsonb) AS r (
        volume_id UUID, id UUID, name TEXT, state TEXT, auth_key_hash TEXT, created_at TIMESTAMPTZ, source_project_id TEXT,
        source_user_id TEXT, source_request_id UUID, resource TEXT, microversion BIGINT, no_snapshots BOOLEAN,
        ended_at TIMESTAMPTZ, ended_project_id TEXT, ended_user_id TEXT, ended_request_id UUID)",
};

/// Those of the transfers that exist, pending or ended.
pub async fn by_ids(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<Vec<Transfer>, StoreError> {
    db.sql(BY_IDS).bind(bulk::ids(ids)).all().await
}

/// The pending transfers of these volumes.
pub async fn pending_of(db: &mut Db, volumes: impl IntoIterator<Item = Id>) -> Result<Vec<Transfer>, StoreError> {
    db.sql(PENDING_OF_VOLUMES).bind(bulk::ids(volumes)).all().await
}

/// Inserts transfers, pending and ended ones.
pub async fn insert(db: &mut Db, transfers: &[Transfer]) -> Result<(), StoreError> {
    if transfers.is_empty() {
        return Ok(());
    }
    let engine = db.engine();
    let rows: Vec<_> = transfers.iter().map(|transfer| TransferRow::new(engine, transfer)).collect();
    db.sql(INSERT).bind(bulk::json(&rows)).run().await.map(|_| ())
}

#[derive(Serialize)]
struct TransferRow<'a> {
    volume_id: Id,
    id: Id,
    name: Option<&'a TransferName>,
    state: &'a str,
    auth_key_hash: Option<&'a str>,
    created_at: At,
    source_project_id: &'a str,
    source_user_id: &'a str,
    source_request_id: Id,
    resource: &'a str,
    microversion: Option<u16>,
    no_snapshots: bool,
    ended_at: Option<At>,
    ended_project_id: Option<&'a str>,
    ended_user_id: Option<&'a str>,
    ended_request_id: Option<Id>,
}

impl<'a> TransferRow<'a> {
    fn new(engine: Engine, transfer: &'a Transfer) -> Self {
        let Transfer { offer, state } = transfer;
        let by = match state {
            State::Pending { .. } => None,
            State::Ended { by, .. } => Some(by),
        };
        Self {
            volume_id: offer.volume_id,
            id: offer.id,
            name: offer.name.as_ref(),
            state: state.as_str(),
            auth_key_hash: transfer.pending_hash(),
            created_at: At(engine, offer.made.at),
            source_project_id: offer.made.project_id.as_str(),
            source_user_id: &offer.made.user_id,
            source_request_id: offer.made.request_id,
            resource: offer.made_on.resource.as_str(),
            microversion: offer.made_on.microversion,
            no_snapshots: offer.no_snapshots,
            ended_at: by.map(|by| At(engine, by.at)),
            ended_project_id: by.map(|by| by.project_id.as_str()),
            ended_user_id: by.map(|by| by.user_id.as_str()),
            ended_request_id: by.map(|by| by.request_id),
        }
    }
}
