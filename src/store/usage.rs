//! What each project has, moved in the same transaction as its rows.

use std::collections::BTreeSet;

use super::prelude::*;
use crate::domain::quota::Usage;

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
        backup_gigabytes = quota_usage.backup_gigabytes + excluded.backup_gigabytes";

const MOVED: &str = "
    RETURNING volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes";

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
    moving(db, project, change).push(MOVED).on(db).one().await
}

/// The same, [later](Statement::later), if the project has no more volumes and GiB than these before: where it has, no row is changed.
/// One that has nothing yet gets a row whatever these are.
pub fn add_later(db: &mut Db, project: &ProjectId, change: Usage, [volumes, gigabytes]: [i64; 2]) {
    let moving = moving(db, project, change).push("\n    WHERE quota_usage.volumes <= ").bind(volumes);
    moving.push(" AND quota_usage.gigabytes <= ").bind(gigabytes).later(db, "quota_usage");
}

fn moving(db: &Db, project: &ProjectId, change: Usage) -> Select {
    let Usage { volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes } = change;
    let numbers = [volumes, snapshots, gigabytes, volume_gigabytes, backups, backup_gigabytes];
    let of_project = Select::new(db.engine(), INTO).bind(project.as_str());
    numbers.into_iter().fold(of_project, |values, number| values.push(", ").bind(number)).push(MOVE)
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
