//! The volume row: locked, judged, and moved on; `creating` until a time has come, or a number of reads.

use super::prelude::*;
use crate::domain::page::SortKey::{AvailabilityZone, Bootable, CreatedAt, Name, Size, Status, UpdatedAt, VolumeType};
use crate::domain::quota::Usage;
use crate::domain::rules::Facts;
use crate::domain::transfer::Stamp;

const LOCK: &str = "SELECT id FROM volumes WHERE id = $1 FOR UPDATE";

/// Its columns, by their names: a column that a newer binary adds must not change what this one's statements give.
pub static TABLE: Table<Volume> = Table::new(
    "volumes",
    &["id"],
    &[
        Of(UUID, &["id"]),
        Of(TEXT, &["project_id", "user_id", "name", "description"]),
        Of(BIGINT, &["size"]),
        Of(TEXT, &["status", "availability_zone", "volume_type"]),
        Of(BOOLEAN, &["bootable", "system_disk", "encrypted", "frozen"]),
        Of(TEXT, &["billing", "backup_policy_id", "dedicated_storage"]),
        Of(BOOLEAN, &["replication_enabled"]),
        Of(TEXT, &["consistency_group_id"]),
        Of(BOOLEAN, &["multiattach", "consumes_quota"]),
        Of(TEXT, &["metadata", "extra"]),
        Of(TIMESTAMPTZ, &["created_at", "updated_at"]),
        Part(&[Of(TIMESTAMPTZ, &["status_until"]), Of(BIGINT, &["creating_reads"])]),
    ],
);

/// All volumes.
pub static ALL: List<Volume> = List {
    table: &TABLE,
    only: None,
    until: None,
    project: "project_id = ?",
    filters: &[
        (Kind::Is, None, &["name", "id", "status", "availability_zone", "volume_type", "user_id", "description", "size"]),
        (Kind::Is, None, &["bootable", "multiattach", "encrypted"]),
        (Kind::Is, Some("consistency_group_id"), &["consistencygroup_id"]),
        (Kind::Is, Some("dedicated_storage"), &["service_type"]),
        (Kind::Is, Some("id"), &["ids"]),
        (Kind::Has, None, &["metadata"]),
        (Kind::Lacks, Some("metadata"), &["not_metadata"]),
        (Kind::Field, Some("extra"), &["group_id", "snapshot_id", "source_volid", "migration_status", "replication_status"]),
        (Kind::Field, Some("extra"), &["dedicated_storage_id"]),
        (Kind::FieldHas, Some("extra"), &["dedicated_storage_name"]),
        (Kind::FieldOrZero, Some("extra"), &["enterprise_project_id"]),
        (Kind::Server, Some("extra"), &["server_id"]),
        (Kind::Is, None, &["created_at", "updated_at"]),
    ],
    keys: &[Name, Status, Size, AvailabilityZone, Bootable, VolumeType, CreatedAt, UpdatedAt],
    counted_as: Some("volumes"),
};

/// The beginning of a selection: what a volume is not held to, and what the rules ask of its snapshots and backups, which is as it was
/// while `copy_changes` is. [`SEEN`] follows. CASE, else a planner may look for snapshots by their project.
const CANDIDATE: &str = "
    SELECT v.user_id, v.status_until,
           EXISTS (SELECT 1 FROM snapshots s WHERE s.volume_id = v.id) AS has_snapshots,
           EXISTS (
               SELECT 1
               FROM snapshots s
               WHERE s.volume_id = v.id AND CASE WHEN s.project_id = v.project_id THEN s.status <> 'available' ELSE FALSE END
           ) AS has_unavailable_snapshot,
           EXISTS (SELECT 1 FROM backups b WHERE b.volume_id = v.id) AS has_backups, ";

/// What is asked about a volume `v`: its name, as the database finds it, and as it was found.
type Seen = (&'static str, &'static str, fn(&Candidate) -> Param);

/// What a volume that goes on offer, or is claimed, is held to: whose it is, when it was changed, what the rules ask of it, and what
/// it counts for, which an import may change of one on offer.
const SEEN: [Seen; 15] = [
    ("id", "v.id", |seen| seen.id.into()),
    ("project_id", "v.project_id", |seen| seen.project_id.as_str().into()),
    ("changed_at", "COALESCE(v.updated_at, v.created_at)", |seen| seen.changed_at.into()),
    ("copy_changes", "v.copy_changes", |seen| seen.copy_changes.into()),
    ("status", "v.status", |seen| seen.facts.status.as_str().into()),
    ("billing", "v.billing", |seen| seen.facts.billing.as_str().into()),
    ("frozen", "v.frozen", |seen| seen.facts.frozen.into()),
    ("encrypted", "v.encrypted", |seen| seen.facts.encrypted.into()),
    ("has_backup_policy", "v.backup_policy_id IS NOT NULL", |seen| seen.facts.has_backup_policy.into()),
    ("dedicated_storage", "v.dedicated_storage", |seen| seen.facts.dedicated_storage.as_str().into()),
    ("system_disk", "v.system_disk", |seen| seen.facts.system_disk.into()),
    ("replication_enabled", "v.replication_enabled", |seen| seen.facts.replication_enabled.into()),
    ("in_consistency_group", "v.consistency_group_id IS NOT NULL", |seen| seen.facts.in_consistency_group.into()),
    ("size", "v.size", |seen| seen.size.into()),
    ("consumes_quota", "v.consumes_quota", |seen| (seen.usage.volumes > 0).into()),
];

const CHANGE_COPIES: &str = "UPDATE volumes SET copy_changes = copy_changes + 1 WHERE ";

const OFFER: &str = "UPDATE volumes AS v SET status = 'awaiting-transfer', updated_at = ";

/// A time that another change has set stays where it is later, though clocks differ.
const FREE: &str = "
    UPDATE volumes
    SET status = 'available', updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END, status_until = NULL
    WHERE id = $1 AND status = 'awaiting-transfer'";

const GIVE: &str = "UPDATE volumes AS v SET status = 'available', status_until = NULL, project_id = ";

/// Found by the volume alone: a planner that may choose looks through all that the project has.
const SNAPSHOTS_OF: &str = "
    SELECT count(*) FILTER (WHERE project_id = $2 AND consumes_quota) AS snapshots,
           CAST(COALESCE(SUM(size) FILTER (WHERE project_id = $2 AND consumes_quota), 0) AS BIGINT) AS gigabytes,
           CAST(0 AS BIGINT) AS volumes, CAST(0 AS BIGINT) AS volume_gigabytes, CAST(0 AS BIGINT) AS backups,
           CAST(0 AS BIGINT) AS backup_gigabytes
    FROM snapshots
    WHERE volume_id = $1";

/// Found by the volume alone, as before; what is another project's stays so.
const GIVE_SNAPSHOTS: &str = "
    UPDATE snapshots
    SET project_id = CASE WHEN project_id = $2 THEN $3 ELSE project_id END,
        user_id = CASE WHEN project_id = $2 THEN $4 ELSE user_id END
    WHERE volume_id = $1";

/// In the index's order, else PostgreSQL, which knows nothing of a column that is null everywhere, reads the whole table.
const DUE: &str = "SELECT id AS n FROM volumes WHERE status_until <= $1 ORDER BY status_until LIMIT $2";

const SETTLE: &str = "
    UPDATE volumes
    SET status = 'available', status_until = NULL,
        updated_at = CASE WHEN updated_at > status_until THEN updated_at ELSE status_until END
    WHERE id = $1 AND status_until <= $2";

const COUNT_READ: &str = "
    UPDATE volumes
    SET creating_reads = NULLIF(creating_reads - 1, 0),
        status = CASE WHEN creating_reads = 1 THEN 'available' ELSE status END,
        updated_at = CASE WHEN creating_reads = 1 THEN $2 ELSE updated_at END
    WHERE id = $1 AND creating_reads >= 1 AND status = 'creating'";

/// A volume's owner and all that the rules ask about it.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: Id,
    pub project_id: ProjectId,
    pub user_id: Option<String>,
    /// What it counts for.
    pub usage: Usage,
    /// In GiB.
    pub size: i64,
    /// When it was changed last: nothing that follows is earlier, whatever the clocks say.
    pub changed_at: Time,
    /// When its status ends by itself, and it is `available`.
    pub status_until: Option<Time>,
    /// How often its snapshots and backups were changed.
    pub copy_changes: i64,
    pub facts: Facts,
}

impl Candidate {
    /// Whether its status has ended by itself, and that is not stored yet.
    pub fn is_due(&self, now: Time) -> bool {
        self.status_until.is_some_and(|end| end <= now)
    }
}

/// The volume as the rules see it, without a lock: good for an early no, and for a yes where [`offer`] or [`give`] is held to it.
pub async fn candidate(db: &mut Db, id: Id) -> Result<Option<Candidate>> {
    candidates(db.engine()).push("v.id = ").bind(id).on(db).first().await
}

/// A selection of volumes as the rules see them, as far as the condition: the caller goes on behind `WHERE`, of the volumes `v`.
pub fn candidates(engine: Engine) -> Select {
    let as_found = |select: Select, (name, found, _): &Seen| select.push(found).push(" AS ").push(name);
    Select::new(engine, CANDIDATE).separated(&SEEN, as_found).push("\n    FROM volumes v\n    WHERE ")
}

/// Locks the volume's row to the end of the transaction; whether there may be one. By itself: under READ COMMITTED a statement that
/// waited for the lock would see the locked row anew, but other rows as they were before it waited.
/// Every writer of a volume, its snapshots, backups and transfers takes this lock first, if only by changing the row. A writer of an
/// SQLite file is the only one.
pub async fn lock(db: &mut Db, id: Id) -> Result<bool> {
    Ok(db.engine() == Engine::Sqlite || db.sql(LOCK).bind(id).row().await?.is_some())
}

/// Locks those of the volumes that there are, by counting a change of their snapshots and backups: whoever changes some, and not the
/// volume itself, does this in the same transaction, so that [`offer`] and [`give`] see that they were changed, whether or not it waits.
pub async fn change_copies(db: &mut Db, volumes: impl IntoIterator<Item = Id>) -> Result<()> {
    Select::new(db.engine(), CHANGE_COPIES).is_one_of("id", volumes).on(db).run().await.map(|_| ())
}

/// Moves a volume on offer that is still as it was seen, with its snapshots and backups, for as long as the offer lasts; whatever was
/// seen, none that is not `available`.
pub fn offer(db: &mut Db, offer: &Offer, seen: &Candidate) {
    let update = Select::new(db.engine(), OFFER).bind(offer.made.at).push(", status_until = ");
    let update = if let Some(end) = offer.expires_at { update.bind(end) } else { update.push("NULL") };
    as_seen(update.push("\n    WHERE v.status = 'available'"), seen).later(db, "volumes");
}

/// Makes a locked volume, which is on offer, `available` again.
pub fn free(db: &mut Db, id: Id, at: Time) {
    db.sql_later(FREE).bind(id).bind(at).later("volumes");
}

/// Gives a volume on offer that is still as it was seen, with its snapshots and backups, to whom it is claimed by, and makes it
/// `available`.
pub fn give(db: &mut Db, Stamp { at, project_id, user_id, .. }: &Stamp, seen: &Candidate) {
    let update = Select::new(db.engine(), GIVE).bind(project_id.as_str()).push(", user_id = ").bind(user_id.as_str());
    let update = update.push(", updated_at = ").bind(*at).push("\n    WHERE v.status = 'awaiting-transfer'");
    as_seen(update, seen).later(db, "volumes");
}

fn as_seen(update: Select, seen: &Candidate) -> Select {
    SEEN.iter()
        .fold(update, |update, (_, found, seen_as)| update.push("\n      AND (").push(found).push(") = ").bind(seen_as(seen)))
}

/// Lets those of a locked volume's snapshots follow it to its new project that were its old one's; what has moved with them.
/// Another project's were left behind by an earlier transfer, and stay where they are.
pub async fn give_snapshots(db: &mut Db, id: Id, [from, to]: [&ProjectId; 2], user: &str) -> Result<Usage> {
    let moved = db.sql(SNAPSHOTS_OF).bind(id).bind(from.as_str()).one().await?;
    db.sql(GIVE_SNAPSHOTS).bind(id).bind(from.as_str()).bind(to.as_str()).bind(user).run().await?;
    Ok(moved)
}

/// Some volumes that wait for a time that has come, first come first.
pub async fn due(db: &mut Db, now: Time, most: i64) -> Result<Vec<Id>> {
    Ok(db.sql(DUE).bind(now).bind(most).all().await?.into_iter().map(|Only(id)| id).collect())
}

/// Makes a locked volume `available` whose time has come; then is what its `updated_at` says.
pub async fn settle(db: &mut Db, id: Id, now: Time) -> Result<()> {
    db.sql(SETTLE).bind(id).bind(now).run().await.map(|_| ())
}

/// Counts a read of a volume that waits for reads; the last of them makes it `available`.
pub async fn count_read(db: &mut Db, id: Id, at: Time) -> Result<()> {
    db.sql(COUNT_READ).bind(id).bind(at).run().await.map(|_| ())
}

from_row!(Facts, "volumes", {
    status, billing, frozen, encrypted, has_snapshots, has_unavailable_snapshot, has_backups, has_backup_policy,
    dedicated_storage, system_disk, replication_enabled, in_consistency_group
});

from_row!(Candidate, "volumes", { id, project_id, user_id, size, changed_at, status_until, copy_changes }, |row| {
    usage: if row.get("consumes_quota")? { Usage::volume(row.get("size")?) } else { Usage::NONE },
    facts: Facts::from_row(row)?,
});
