//! Volumes by the batch, for `import`: locked, read, written, put on offer.

use serde::Serialize;

use super::{
    Db, Engine, FromRow, Sql, StoreError,
    bulk::{self, At, listed},
    statement::{BadColumn, Row},
    volumes::{Candidate, columns},
};
use crate::domain::{Id, Time, Volume, volume::Creating};

const LOCK: Sql = Sql {
    // BEGIN IMMEDIATE has locked the whole database
    sqlite: "SELECT 1",
    postgres: "
    SELECT id
    FROM volumes
    WHERE id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb)::uuid))
    ORDER BY id
    FOR UPDATE",
};

const BY_IDS: Sql = listed!(
    concat!(
        "
    SELECT ",
        columns!(),
        "
    FROM volumes
    WHERE "
    ),
    "id",
    ""
);

const OFFERABLE: Sql = listed!(
    "
    SELECT v.id, v.project_id, v.user_id, COALESCE(v.updated_at, v.created_at) AS changed_at, v.status, v.billing, v.frozen, v.encrypted,
           v.backup_policy_id IS NOT NULL AS has_backup_policy, v.dedicated_storage, v.system_disk, v.replication_enabled,
           v.consistency_group_id IS NOT NULL AS in_consistency_group,
           EXISTS (SELECT 1 FROM snapshots s WHERE s.volume_id = v.id) AS has_snapshots,
           EXISTS (
               SELECT 1
               FROM snapshots s
               WHERE s.volume_id = v.id
                 AND CASE s.project_id WHEN v.project_id THEN s.status <> 'available' ELSE FALSE END
           ) AS has_unavailable_snapshot,
           EXISTS (SELECT 1 FROM backups b WHERE b.volume_id = v.id) AS has_backups
    FROM volumes v
    WHERE ",
    "v.id",
    ""
);

const SET_AVAILABLE: Sql = listed!(
    "
    UPDATE volumes
    SET status = 'available'
    WHERE ",
    "id",
    ""
);

/// `at` is null where an offer comes back as it was, and `updated_at` with it.
macro_rules! put_on_offer {
    ($rows:literal, $id:literal, $at:literal) => {
        concat!(
            "
    UPDATE volumes
    SET status = 'awaiting-transfer',
        updated_at = CASE
            WHEN ",
            $at,
            " IS NOT NULL AND (updated_at IS NULL OR updated_at < ",
            $at,
            ") THEN ",
            $at,
            "
            ELSE updated_at
        END
    FROM ",
            $rows,
            "
    WHERE volumes.id = ",
            $id
        )
    };
}

const PUT_ON_OFFER: Sql = Sql {
    sqlite: put_on_offer!("json_each($1) AS r", "r.value ->> 'id'", "r.value ->> 'at'"),
    postgres: put_on_offer!("jsonb_to_recordset($1::jsonb) AS r (id UUID, at TIMESTAMPTZ)", "r.id", "r.at"),
};

/// Inserts a row, or makes the one with this id the same.
macro_rules! save {
    ($rows:literal) => {
        concat!(
            "
    INSERT INTO volumes (id, project_id, user_id, name, description, size, status, availability_zone, volume_type, bootable,
                         system_disk, encrypted, frozen, billing, backup_policy_id, dedicated_storage, replication_enabled,
                         consistency_group_id, multiattach, metadata, extra, created_at, updated_at, creating_until,
                         creating_reads)
    SELECT ",
            $rows,
            "
    ON CONFLICT (id) DO UPDATE
    SET project_id = excluded.project_id, user_id = excluded.user_id, name = excluded.name,
        description = excluded.description, size = excluded.size, status = excluded.status,
        availability_zone = excluded.availability_zone, volume_type = excluded.volume_type, bootable = excluded.bootable,
        system_disk = excluded.system_disk, encrypted = excluded.encrypted, frozen = excluded.frozen,
        billing = excluded.billing, backup_policy_id = excluded.backup_policy_id,
        dedicated_storage = excluded.dedicated_storage, replication_enabled = excluded.replication_enabled,
        consistency_group_id = excluded.consistency_group_id, multiattach = excluded.multiattach,
        metadata = excluded.metadata, extra = excluded.extra, created_at = excluded.created_at,
        updated_at = excluded.updated_at, creating_until = excluded.creating_until,
        creating_reads = excluded.creating_reads"
        )
    };
}

const SAVE: Sql = Sql {
    sqlite: save!(
        "value ->> 'id', value ->> 'project_id', value ->> 'user_id', value ->> 'name', value ->> 'description',
           value ->> 'size', value ->> 'status', value ->> 'availability_zone', value ->> 'volume_type',
           value ->> 'bootable', value ->> 'system_disk', value ->> 'encrypted', value ->> 'frozen', value ->> 'billing',
           value ->> 'backup_policy_id', value ->> 'dedicated_storage', value ->> 'replication_enabled',
           value ->> 'consistency_group_id', value ->> 'multiattach', value ->> 'metadata', value ->> 'extra',
           value ->> 'created_at', value ->> 'updated_at', value ->> 'creating_until', value ->> 'creating_reads'
    FROM json_each($1)
    WHERE true" // else ON would be read as a join's
    ),
    postgres: save!(
        "*
    FROM jsonb_to_recordset($1::jsonb) AS r (
        id UUID, project_id TEXT, user_id TEXT, name TEXT, description TEXT, size BIGINT, status TEXT, availability_zone TEXT,
        volume_type TEXT, bootable BOOLEAN, system_disk BOOLEAN, encrypted BOOLEAN, frozen BOOLEAN, billing TEXT,
        backup_policy_id TEXT, dedicated_storage TEXT, replication_enabled BOOLEAN, consistency_group_id TEXT,
        multiattach BOOLEAN, metadata TEXT, extra TEXT, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ,
        creating_until TIMESTAMPTZ, creating_reads BIGINT)"
    ),
};

/// A volume as the rules see it, with whose it is.
pub struct Offerable {
    pub id: Id,
    pub user_id: Option<String>,
    pub candidate: Candidate,
}

/// Locks those of the volumes that exist, in the order of their ids, to the end of the transaction.
pub async fn lock(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<(), StoreError> {
    if db.engine() == Engine::Sqlite {
        return Ok(());
    }
    db.sql(LOCK).bind(bulk::ids(ids)).run().await.map(|_| ())
}

/// Those of the volumes that exist.
pub async fn by_ids(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<Vec<Volume>, StoreError> {
    db.sql(BY_IDS).bind(bulk::ids(ids)).all().await
}

/// Those of the volumes that exist, as the rules see them.
pub async fn offerable(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<Vec<Offerable>, StoreError> {
    db.sql(OFFERABLE).bind(bulk::ids(ids)).all().await
}

/// Makes the stored volumes these, whether they are new or not.
pub async fn save(db: &mut Db, volumes: &[Volume]) -> Result<(), StoreError> {
    if volumes.is_empty() {
        return Ok(());
    }
    let engine = db.engine();
    let rows: Vec<_> = volumes.iter().map(|volume| VolumeRow::new(engine, volume)).collect();
    db.sql(SAVE).bind(bulk::json(&rows)).run().await.map(|_| ())
}

/// Makes volumes `awaiting-transfer`; each with when it was offered, or `None` to leave its `updated_at` alone.
pub async fn put_on_offer(db: &mut Db, volumes: &[(Id, Option<Time>)]) -> Result<(), StoreError> {
    #[derive(Serialize)]
    struct Offered {
        id: Id,
        at: Option<At>,
    }
    if volumes.is_empty() {
        return Ok(());
    }
    let engine = db.engine();
    let rows: Vec<_> = volumes.iter().map(|(id, at)| Offered { id: *id, at: at.map(|at| At(engine, at)) }).collect();
    db.sql(PUT_ON_OFFER).bind(bulk::json(&rows)).run().await.map(|_| ())
}

/// Makes volumes `available` that no pending transfer names.
pub async fn set_available(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<(), StoreError> {
    db.sql(SET_AVAILABLE).bind(bulk::ids(ids)).run().await.map(|_| ())
}

#[derive(Serialize)]
#[allow(clippy::struct_excessive_bools)] // columns
struct VolumeRow<'a> {
    id: Id,
    project_id: &'a str,
    user_id: Option<&'a str>,
    name: Option<&'a str>,
    description: Option<&'a str>,
    size: i64,
    status: &'a str,
    availability_zone: Option<&'a str>,
    volume_type: Option<&'a str>,
    bootable: bool,
    system_disk: bool,
    encrypted: bool,
    frozen: bool,
    billing: &'a str,
    backup_policy_id: Option<&'a str>,
    dedicated_storage: &'a str,
    replication_enabled: bool,
    consistency_group_id: Option<&'a str>,
    multiattach: bool,
    metadata: String,
    extra: String,
    created_at: At,
    updated_at: Option<At>,
    creating_until: Option<At>,
    creating_reads: Option<i64>,
}

impl<'a> VolumeRow<'a> {
    fn new(engine: Engine, volume: &'a Volume) -> Self {
        Self {
            id: volume.id,
            project_id: volume.project_id.as_str(),
            user_id: volume.user_id.as_deref(),
            name: volume.name.as_deref(),
            description: volume.description.as_deref(),
            size: volume.size,
            status: volume.status.as_str(),
            availability_zone: volume.availability_zone.as_deref(),
            volume_type: volume.volume_type.as_deref(),
            bootable: volume.bootable,
            system_disk: volume.system_disk,
            encrypted: volume.encrypted,
            frozen: volume.frozen,
            billing: volume.billing.as_str(),
            backup_policy_id: volume.backup_policy_id.as_deref(),
            dedicated_storage: volume.dedicated_storage.as_str(),
            replication_enabled: volume.replication_enabled,
            consistency_group_id: volume.consistency_group_id.as_deref(),
            multiattach: volume.multiattach,
            metadata: bulk::json(&volume.metadata),
            extra: bulk::json(&volume.extra),
            created_at: At(engine, volume.created_at),
            updated_at: volume.updated_at.map(|at| At(engine, at)),
            creating_until: volume.creating.and_then(Creating::until).map(|at| At(engine, at)),
            creating_reads: volume.creating.and_then(Creating::reads),
        }
    }
}

impl FromRow for Offerable {
    const TABLE: &'static str = "volumes";

    fn from_row(row: &Row) -> Result<Self, BadColumn> {
        Ok(Self { id: row.get("id")?, user_id: row.get("user_id")?, candidate: Candidate::from_row(row)? })
    }
}
