//! Volumes that are still `creating`, and what they wait for: a time, or a number of reads.

use super::prelude::*;

/// In the index's order, else PostgreSQL, which knows nothing of a column that is null everywhere, reads the whole table.
const ANY_DUE: &str = "
    SELECT id
    FROM volumes
    WHERE creating_until <= $1
    ORDER BY creating_until
    LIMIT 1";

const SETTLE_ALL: &str = "
    UPDATE volumes
    SET status = 'available', updated_at = creating_until, creating_until = NULL
    WHERE creating_until <= $1
      AND status = 'creating'";

const SETTLE: &str = "
    UPDATE volumes
    SET status = 'available', updated_at = creating_until, creating_until = NULL
    WHERE id = $1
      AND creating_until <= $2
      AND status = 'creating'";

const COUNT_READ: &str = "
    UPDATE volumes
    SET creating_reads = NULLIF(creating_reads - 1, 0),
        status = CASE WHEN creating_reads = 1 THEN 'available' ELSE status END,
        updated_at = CASE WHEN creating_reads = 1 THEN $2 ELSE updated_at END
    WHERE id = $1
      AND creating_reads >= 1
      AND status = 'creating'";

/// Whether any volume waits for a time that has come.
pub async fn any_due(db: &mut Db, now: Time) -> Result<bool, StoreError> {
    Ok(db.sql(ANY_DUE).bind(now).row().await?.is_some())
}

/// Makes every volume `available` whose time has come; then is what its `updated_at` says.
pub async fn settle_all(db: &mut Db, now: Time) -> Result<(), StoreError> {
    db.sql(SETTLE_ALL).bind(now).run().await.map(|_| ())
}

/// The same of one volume.
pub async fn settle(db: &mut Db, id: Id, now: Time) -> Result<(), StoreError> {
    db.sql(SETTLE).bind(id).bind(now).run().await.map(|_| ())
}

/// Counts a read of a volume that waits for reads; the last of them makes it `available`.
pub async fn count_read(db: &mut Db, id: Id, at: Time) -> Result<(), StoreError> {
    db.sql(COUNT_READ).bind(id).bind(at).run().await.map(|_| ())
}
