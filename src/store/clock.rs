//! The clock of the database server.

use tokio::time::Instant;

use super::prelude::*;

const NOW: &str = "SELECT clock_timestamp() AS n";

/// What time the database server says it is, and how long it took to say so; `None` of a file of SQLite's, which has no server.
///
/// # Errors
/// When it does not answer.
pub async fn now(store: &Store) -> Result<Option<(Time, Duration)>> {
    if store.engine() == Engine::Sqlite {
        return Ok(None);
    }
    let mut db = store.reader().await?;
    let asked = Instant::now();
    let Only(at) = db.sql(NOW).one().await?;
    Ok(Some((at, asked.elapsed())))
}
