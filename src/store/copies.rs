//! Snapshots and backups: two tables of one shape, each row keyed by its volume first.

use serde::Serialize;

use super::{
    Db, Engine, FromRow, Sql, StoreError,
    bulk::{self, At, listed},
    copy_lists::columns,
    statement::{BadColumn, Row},
    volumes::object,
};
use crate::domain::{
    Copy, Id, Noun, ProjectId, Time, VolumeStatus,
    page::{Listed, SortKey, SortValue},
};

/// Which of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Snapshot,
    Backup,
}

/// What is done with many rows of a table.
struct Table {
    of_volumes: Sql,
    by_ids: Sql,
    locked: Sql,
    lock: Sql,
    between: &'static str,
    save: Sql,
    remove: Sql,
}

/// The statements of one table. They stand here once, since only the table's name differs.
macro_rules! table {
    ($name:literal) => {
        Table {
            of_volumes: listed!(
                concat!(
                    "
    SELECT ",
                    columns!(),
                    "
    FROM ",
                    $name,
                    "
    WHERE "
                ),
                "volume_id",
                ""
            ),
            by_ids: listed!(
                concat!(
                    "
    SELECT ",
                    columns!(),
                    "
    FROM ",
                    $name,
                    "
    WHERE "
                ),
                "id",
                ""
            ),
            // $1 the volume, $2 the row
            locked: Sql {
                // BEGIN IMMEDIATE has locked the whole database
                sqlite: concat!(
                    "
    SELECT ",
                    columns!(),
                    "
    FROM ",
                    $name,
                    "
    WHERE volume_id = $1
      AND id = $2"
                ),
                postgres: concat!(
                    "
    SELECT ",
                    columns!(),
                    "
    FROM ",
                    $name,
                    "
    WHERE volume_id = $1
      AND id = $2
    FOR UPDATE"
                ),
            },
            lock: Sql {
                sqlite: "SELECT 1",
                postgres: concat!(
                    "
    SELECT id
    FROM ",
                    $name,
                    "
    WHERE volume_id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb)::uuid))
    ORDER BY id
    FOR UPDATE"
                ),
            },
            // $1 the first volume, $2 the last
            between: concat!(
                "
    SELECT ",
                columns!(),
                "
    FROM ",
                $name,
                "
    WHERE volume_id BETWEEN $1 AND $2
    ORDER BY volume_id, id"
            ),
            save: Sql {
                sqlite: concat!(
                    "
    INSERT INTO ",
                    $name,
                    " (volume_id, id, project_id, user_id, name, description, status, size, metadata, extra, created_at,
                           updated_at)
    SELECT value ->> 'volume_id', value ->> 'id', value ->> 'project_id', value ->> 'user_id', value ->> 'name',
           value ->> 'description', value ->> 'status', value ->> 'size', value ->> 'metadata', value ->> 'extra',
           value ->> 'created_at', value ->> 'updated_at'
    FROM json_each($1)
    WHERE true
    ON CONFLICT (volume_id, id) DO UPDATE
    SET project_id = excluded.project_id, user_id = excluded.user_id, name = excluded.name,
        description = excluded.description, status = excluded.status, size = excluded.size, metadata = excluded.metadata,
        extra = excluded.extra, created_at = excluded.created_at, updated_at = excluded.updated_at"
                ),
                postgres: concat!(
                    "
    INSERT INTO ",
                    $name,
                    " (volume_id, id, project_id, user_id, name, description, status, size, metadata, extra, created_at,
                           updated_at)
    SELECT *
    FROM jsonb_to_recordset($1::jsonb) AS r (
        volume_id UUID, id UUID, project_id TEXT, user_id TEXT, name TEXT, description TEXT, status TEXT, size BIGINT,
        metadata TEXT, extra TEXT, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ)
    ON CONFLICT (volume_id, id) DO UPDATE
    SET project_id = excluded.project_id, user_id = excluded.user_id, name = excluded.name,
        description = excluded.description, status = excluded.status, size = excluded.size, metadata = excluded.metadata,
        extra = excluded.extra, created_at = excluded.created_at, updated_at = excluded.updated_at"
                ),
            },
            // $1 the volumes, $2 the rows
            remove: Sql {
                sqlite: concat!(
                    "
    DELETE FROM ",
                    $name,
                    "
    WHERE volume_id IN (SELECT value FROM json_each($1))
      AND id IN (SELECT value FROM json_each($2))"
                ),
                postgres: concat!(
                    "
    DELETE FROM ",
                    $name,
                    "
    WHERE volume_id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb)::uuid))
      AND id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid))"
                ),
            },
        }
    };
}

const SNAPSHOTS: Table = table!("snapshots");
const BACKUPS: Table = table!("backups");

impl Kind {
    pub const ALL: [Self; 2] = [Self::Snapshot, Self::Backup];

    /// The table, and the key of a document's list.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Snapshot => SnapshotRow::TABLE,
            Self::Backup => BackupRow::TABLE,
        }
    }

    /// What one of them is called.
    pub const fn noun(self) -> Noun {
        match self {
            Self::Snapshot => Noun::Snapshot,
            Self::Backup => Noun::Backup,
        }
    }

    const fn table(self) -> &'static Table {
        match self {
            Self::Snapshot => &SNAPSHOTS,
            Self::Backup => &BACKUPS,
        }
    }
}

/// Locks all those that belong to the volumes, to the end of the transaction: a backup's volume may be gone, and its lock with it.
pub async fn lock(db: &mut Db, kind: Kind, volumes: impl IntoIterator<Item = Id>) -> Result<(), StoreError> {
    if db.engine() == Engine::Sqlite {
        return Ok(()); // BEGIN IMMEDIATE has locked the whole database
    }
    let volumes = bulk::ids(volumes);
    db.sql(kind.table().lock).bind(volumes).run().await.map(|_| ())
}

/// All those that belong to the volumes.
pub async fn of_volumes(db: &mut Db, kind: Kind, volumes: impl IntoIterator<Item = Id>) -> Result<Vec<Copy>, StoreError> {
    let volumes = bulk::ids(volumes);
    rows(kind, db.sql(kind.table().of_volumes).bind(volumes)).await
}

/// Those with these ids, whichever volume they belong to.
pub async fn by_ids(db: &mut Db, kind: Kind, ids: impl IntoIterator<Item = Id>) -> Result<Vec<Copy>, StoreError> {
    let ids = bulk::ids(ids);
    rows(kind, db.sql(kind.table().by_ids).bind(ids)).await
}

/// Locks a row to the end of the transaction and reads it. Its volume is locked first; but a backup's volume may be gone, and
/// then this lock is the only one.
pub async fn locked(db: &mut Db, kind: Kind, volume: Id, id: Id) -> Result<Option<Copy>, StoreError> {
    Ok(rows(kind, db.sql(kind.table().locked).bind(volume).bind(id)).await?.pop())
}

/// Those of all volumes from one to another, by volume, then by id.
pub async fn between(db: &mut Db, kind: Kind, first: Id, last: Id) -> Result<Vec<Copy>, StoreError> {
    rows(kind, db.sql(kind.table().between).bind(first).bind(last)).await
}

/// Makes the stored rows these, whether they are new or not.
pub async fn save(db: &mut Db, kind: Kind, copies: &[Copy]) -> Result<(), StoreError> {
    if copies.is_empty() {
        return Ok(());
    }
    let engine = db.engine();
    let rows: Vec<_> = copies.iter().map(|copy| CopyRow::new(engine, copy)).collect();
    db.sql(kind.table().save).bind(bulk::json(&rows)).run().await.map(|_| ())
}

/// Removes rows of these volumes.
pub async fn remove(db: &mut Db, kind: Kind, copies: &[Copy]) -> Result<(), StoreError> {
    if copies.is_empty() {
        return Ok(());
    }
    let volumes = bulk::ids(copies.iter().map(|copy| copy.volume_id));
    let ids = bulk::ids(copies.iter().map(|copy| copy.id));
    db.sql(kind.table().remove).bind(volumes).bind(ids).run().await.map(|_| ())
}

async fn rows(kind: Kind, statement: super::statement::Statement<'_>) -> Result<Vec<Copy>, StoreError> {
    Ok(match kind {
        Kind::Snapshot => statement.all().await?.into_iter().map(|SnapshotRow(copy)| copy).collect(),
        Kind::Backup => statement.all().await?.into_iter().map(|BackupRow(copy)| copy).collect(),
    })
}

#[derive(Serialize)]
struct CopyRow<'a> {
    volume_id: Id,
    id: Id,
    project_id: &'a ProjectId,
    user_id: Option<&'a str>,
    name: Option<&'a str>,
    description: Option<&'a str>,
    status: &'a VolumeStatus,
    size: i64,
    metadata: String,
    extra: String,
    created_at: At,
    updated_at: Option<At>,
}

impl<'a> CopyRow<'a> {
    fn new(engine: Engine, copy: &'a Copy) -> Self {
        Self {
            volume_id: copy.volume_id,
            id: copy.id,
            project_id: &copy.project_id,
            user_id: copy.user_id.as_deref(),
            name: copy.name.as_deref(),
            description: copy.description.as_deref(),
            status: &copy.status,
            size: copy.size,
            metadata: bulk::json(&copy.metadata),
            extra: bulk::json(&copy.extra),
            created_at: At(engine, copy.created_at),
            updated_at: copy.updated_at.map(|at| At(engine, at)),
        }
    }
}

/// A row of one of the two tables: a copy that knows where it was read, for the error that names the table.
macro_rules! row {
    ($row:ident, $table:literal) => {
        pub struct $row(pub Copy);

        impl FromRow for $row {
            const TABLE: &'static str = $table;

            fn from_row(row: &Row) -> Result<Self, BadColumn> {
                copy(row).map(Self)
            }
        }

        impl Listed for $row {
            fn id(&self) -> Id {
                self.0.id()
            }

            fn created_at(&self) -> Time {
                self.0.created_at()
            }

            fn sort_value(&self, key: SortKey) -> SortValue<'_> {
                self.0.sort_value(key)
            }
        }
    };
}

row!(SnapshotRow, "snapshots");
row!(BackupRow, "backups");

fn copy(row: &Row) -> Result<Copy, BadColumn> {
    Ok(Copy {
        id: row.get("id")?,
        volume_id: row.get("volume_id")?,
        project_id: row.parse("project_id", ProjectId::parse)?,
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        status: row.parse("status", VolumeStatus::parse)?,
        size: row.get("size")?,
        metadata: row.parse("metadata", object)?,
        extra: row.parse("extra", object)?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
