//! Statements whose answers nobody waits for: each changes one row, and those that come one behind the other go to the database as
//! one message.

use sqlx::SqlStr;
use sqlx::error::BoxDynError;

use super::db::Answered;
use super::prelude::*;
use super::select::put_together;
use super::statement::Bound;

/// Those that are to be done before anything else is.
#[derive(Default)]
pub(super) struct Later {
    texts: Vec<String>,
    /// The table of each.
    tables: Vec<&'static str>,
    /// The parameters of all.
    pub bound: Option<Bound>,
    pub misfit: Option<BoxDynError>,
}

impl Later {
    pub const fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// One more, whose parameters come behind the first so many.
    pub fn add(&mut self, table: &'static str, text: &str, before: usize) {
        let mut pieces = text.split('$');
        let mut whole = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
            let number: usize = piece[..piece.len() - rest.len()].parse().unwrap_or_default();
            whole = format!("{whole}${}{rest}", before + number);
        }
        self.texts.push(whole);
        self.tables.push(table);
    }

    /// All as one, which says of each how many rows it has changed: on PostgreSQL by its number, once for each row.
    pub fn text(&self, engine: Engine) -> SqlStr {
        put_together(match engine {
            Engine::Sqlite => self.texts.join(";"),
            Engine::Postgres => {
                let (mut with, mut select) = (Vec::new(), Vec::new());
                for (n, text) in self.texts.iter().enumerate() {
                    with.push(format!("s{n} AS ({text}\n    RETURNING CAST({n} AS BIGINT) AS n)"));
                    select.push(format!("SELECT n FROM s{n}"));
                }
                format!("WITH {}\n    {}", with.join(", "), select.join(" UNION ALL "))
            }
        })
    }

    /// [`StoreError::Inconsistent`] of the first that has not changed one row.
    pub fn check(&self, engine: Engine, (counts, rows): &Answered) -> Result<(), StoreError> {
        let numbers: Vec<i64> = rows.iter().map(|row| row.read().map(|Number(n)| n)).collect::<Result<_, _>>()?;
        // behind those of what a transaction began with
        let before = counts.len().saturating_sub(self.tables.len());
        for (n, table) in self.tables.iter().enumerate() {
            let changed = match engine {
                Engine::Sqlite => counts.get(before + n).copied().unwrap_or_default(),
                Engine::Postgres => numbers.iter().map(|number| u64::from(usize::try_from(*number) == Ok(n))).sum(),
            };
            if changed != 1 {
                return Err(StoreError::Inconsistent { table, column: "id", row: format!("{changed} of one") });
            }
        }
        Ok(())
    }
}
