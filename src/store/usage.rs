//! What each project has, moved in the same transaction as its rows.

use std::collections::BTreeSet;

use super::prelude::*;
use crate::domain::quota::{Limits, Resource, Usage};

/// The beginning of a move, to the project and its numbers.
const INTO: &str = "
    INSERT INTO quota_usage (project_id, volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes)
    VALUES (";

/// Locks the row too, to the end of the transaction: who moves the same project's usage waits, and then sees this one's.
const MOVE: &str = ")
    ON CONFLICT (project_id) DO UPDATE
    SET volumes = quota_usage.volumes + excluded.volumes, snapshots = quota_usage.snapshots + excluded.snapshots,
        gigabytes = quota_usage.gigabytes + excluded.gigabytes,
        volume_gigabytes = quota_usage.volume_gigabytes + excluded.volume_gigabytes,
        backups = quota_usage.backups + excluded.backups,
        backup_gigabytes = quota_usage.backup_gigabytes + excluded.backup_gigabytes
    RETURNING volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes";

/// The limits are those that were set as it began: nobody holds them. One beneath 0 is none.
const WITHIN_LIMITS: &str = "
    UPDATE quota_usage
    SET volumes = volumes + $2, gigabytes = gigabytes + $3, volume_gigabytes = volume_gigabytes + $4
    WHERE project_id = $1
      AND ($2 < 0 OR EXISTS (
          SELECT 1
          FROM (SELECT 1) AS one
          LEFT JOIN quota_limits own ON own.project_id = $1
          LEFT JOIN quota_limits class ON class.project_id = ''
          WHERE ($2 <= 0 OR COALESCE(own.volumes, class.volumes, $6) NOT BETWEEN 0 AND quota_usage.volumes + $2 - 1)
            AND ($3 <= 0 OR COALESCE(own.gigabytes, class.gigabytes, $7) NOT BETWEEN 0 AND quota_usage.gigabytes + $3 - 1)
            AND COALESCE(own.per_volume_gigabytes, class.per_volume_gigabytes, $8) NOT BETWEEN 0 AND $5 - 1
      ))";

/// Locks a project's row, also where it was not there, and takes everything off it. A project a statement: over several at once a
/// distributed PostgreSQL locks in no order.
const EMPTY: &str = "
    INSERT INTO quota_usage (project_id, volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes)
    VALUES ($1, 0, 0, 0, 0, 0, 0)
    ON CONFLICT (project_id) DO UPDATE
    SET volumes = 0, snapshots = 0, gigabytes = 0, volume_gigabytes = 0, backups = 0, backup_gigabytes = 0";

/// Grouped, not asked project by project: whatever the planner takes the tables for while they are being filled, it reads each
/// of them once at most.
const FILL: &str = "
    UPDATE quota_usage
    SET volumes = counted.volumes, snapshots = counted.snapshots, gigabytes = counted.gigabytes,
        volume_gigabytes = counted.volume_gigabytes, backups = counted.backups, backup_gigabytes = counted.backup_gigabytes
    FROM (
        SELECT project_id, SUM(volumes) AS volumes, SUM(snapshots) AS snapshots, SUM(gigabytes) AS gigabytes,
               SUM(volume_gigabytes) AS volume_gigabytes, SUM(backups) AS backups, SUM(backup_gigabytes) AS backup_gigabytes
        FROM (";

/// What a row of each table counts for.
const SHARES: [&str; 3] = [
    "
            SELECT project_id, 1 AS volumes, 0 AS snapshots, size AS gigabytes, size AS volume_gigabytes, 0 AS backups,
                   0 AS backup_gigabytes
            FROM volumes
            WHERE consumes_quota AND ",
    "
            UNION ALL
            SELECT project_id, 0, 1, size, 0, 0, 0
            FROM snapshots
            WHERE consumes_quota AND ",
    "
            UNION ALL
            SELECT project_id, 0, 0, 0, 0, 1, size
            FROM backups
            WHERE consumes_quota AND ",
];

const FILLED: &str = "
        ) AS records
        GROUP BY project_id
    ) AS counted
    WHERE quota_usage.project_id = counted.project_id";

const USAGE: &str = "
    SELECT volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes
    FROM quota_usage
    WHERE project_id = $1";

/// A project that has a volume has a row.
const LOCK: &str = "SELECT offered_at AS n FROM quota_usage WHERE project_id = ";

const OFFERED: &str = "UPDATE quota_usage SET offered_at = $2 WHERE project_id = $1 AND (offered_at < $2 OR $3)";

/// Adds `change` to what a project has; what it has then. Several projects in the order of their ids, so that no two
/// transactions wait for each other; after every other lock but the counters'.
pub async fn add(db: &mut Db, project: &ProjectId, change: Usage) -> Result<Usage> {
    let Usage { volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes } = change;
    let numbers = [volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes];
    let of_project = Select::new(db.engine(), INTO).bind(project.as_str());
    numbers.into_iter().fold(of_project, |values, number| values.push(", ").bind(number)).push(MOVE).on(db).one().await
}

/// Adds what a volume counts for to what a project has, [later](Statement::later). Where it grows, or gets a volume of this size, it is
/// held to its limits, which are `defaults` where none were set: beyond them no row is changed, nor is there one of who never had anything.
pub fn add_later(db: &mut Db, project: &ProjectId, change: Usage, size: i64, defaults: &Limits) {
    let numbers = [change.volumes, change.gigabytes, change.volume_gigabytes, size];
    let limits = [Resource::Volumes, Resource::Gigabytes, Resource::PerVolumeGigabytes].map(|resource| defaults.get(resource));
    let statement = db.sql_later(WITHIN_LIMITS).bind(project.as_str());
    numbers.into_iter().chain(limits).fold(statement, Statement::bind).later("quota_usage");
}

/// Waits until nobody else moves what the project has, nor offers a volume of its, to the end of the transaction; when one was offered
/// last.
pub async fn take_turn(db: &mut Db, project: &ProjectId) -> Result<Time> {
    if db.engine() == Engine::Sqlite {
        return Ok(Time::EPOCH); // a writer of its file is the only one
    }
    let last = Select::new(db.engine(), LOCK).bind(project.as_str()).one_of(FOR_UPDATE).on(db).first().await?;
    Ok(last.map_or(Time::EPOCH, |Only(last): Only<Time>| last))
}

/// Notes when a volume of the project is offered, to the end of the transaction nobody else's: whoever has read a later offer has read
/// this one too. Who has not taken a turn before has taken its time before this, and none of a later one may be there then.
pub fn offered(db: &mut Db, project: &ProjectId, at: Time, has_turn: bool) {
    if db.engine() == Engine::Postgres {
        db.sql_later(OFFERED).bind(project.as_str()).bind(at).bind(has_turn).later("quota_usage");
    }
}

/// What a project has.
pub async fn of(db: &mut Db, project: &ProjectId) -> Result<Usage> {
    Ok(db.sql(USAGE).bind(project.as_str()).first().await?.unwrap_or_default())
}

/// Makes what these projects have the sum of their rows: for an import, which changes many. After it has changed them, after
/// every other lock but the counters'.
///
/// It is right whatever others do at the same time, because every transaction changes rows and usage together and holds the
/// usage's lock to its end. Locked first, then counted, since only a statement that begins behind the lock sees what was
/// committed before it. A transaction that moved this usage before has committed, and its rows are counted. One that has not yet
/// is not seen: its rows are not counted, and when the lock is free it adds them itself.
pub async fn recount(db: &mut Db, projects: &BTreeSet<ProjectId>) -> Result<()> {
    if projects.is_empty() {
        return Ok(());
    }
    // in the order of their ids
    for project in projects {
        db.sql(EMPTY).bind(project.as_str()).run().await?;
    }
    let fill = SHARES.into_iter().fold(Select::new(db.engine(), FILL), |fill, share| {
        fill.push(share).is_one_of_texts("project_id", projects.iter().map(ProjectId::as_str))
    });
    fill.push(FILLED).on(db).run().await.map(|_| ())
}

from_row!(Usage, "quota_usage", { volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes });
