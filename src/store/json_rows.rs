//! Many rows in one statement: they go in as one JSON text, which both engines take apart.

use serde::Serialize;

use super::prelude::*;

/// PostgreSQL would keep a plan made when a table was empty, and scan it whole for each batch once it has grown.
const PLAN_ANEW: Sql = Sql { sqlite: "SELECT 1", postgres: "SET LOCAL plan_cache_mode = force_custom_plan" };

/// PostgreSQL plans by what it has last seen of its tables, which may be that they were empty, until it looks by itself.
const LOOK_ANEW: Sql = Sql { sqlite: "SELECT 1", postgres: "ANALYZE volumes, snapshots, backups, transfers" };

/// Two imports at once that add the same volume would each find no row to lock, and the later would undo what the earlier did.
const ONE_AT_A_TIME: Sql = Sql {
    sqlite: "SELECT 1",
    postgres: "
    SELECT name
    FROM locks
    WHERE name = 'import'
    FOR UPDATE",
};

/// Makes a transaction ready for statements that are run again and again while tables grow.
pub async fn prepare(db: &mut Db) -> Result<(), StoreError> {
    db.sql(PLAN_ANEW).run().await.map(|_| ())
}

/// Lets lists be planned by what the tables hold now: after many new rows.
pub async fn look_anew(db: &mut Db) -> Result<(), StoreError> {
    db.sql(LOOK_ANEW).run().await.map(|_| ())
}

/// Waits for every other import to end.
pub async fn take_turn(db: &mut Db) -> Result<(), StoreError> {
    db.sql(ONE_AT_A_TIME).run().await.map(|_| ())
}

/// Rows as the one parameter of a statement.
pub fn json(rows: &impl Serialize) -> String {
    serde_json::to_string(rows).expect("rows have only text keys and no number that is not finite")
}
