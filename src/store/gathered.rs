//! Looks for single records that come while another is under way are asked together once that is answered, as one statement: what is
//! done in the database costs less than the way there and back. The counterpart of `together` for who only looks.

use std::collections::HashMap;
use std::iter::repeat;

use tokio::runtime::{self, Handle};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::prelude::*;
use crate::domain::page::Listed;

/// How many are asked for at most at once. Each statement has as many parameters, the last again and again where fewer are asked for: of
/// one text PostgreSQL keeps one plan, and of an array it would make one anew each time.
pub const AT_ONCE: usize = 16;
/// Who has waited so long for the others asks by itself, and so is not held up by one that the database lets wait.
const MOMENT: Duration = Duration::from_millis(50);

/// Looks for the records of a table.
pub struct Gathered<T: 'static> {
    table: &'static Table<T>,
    /// By the runtime of the thread that reads the requests: an answer wakes nobody on another one.
    lines: Mutex<HashMap<runtime::Id, Line<T>>>,
}

/// Those who wait while one asks; `None` where nobody does.
type Line<T> = Arc<Mutex<Option<Vec<Waiting<T>>>>>;
type Waiting<T> = (Id, oneshot::Sender<Told<T>>);

/// What one who waits hears.
enum Told<T> {
    Found(Option<Arc<T>>),
    /// It asks next, for the others that wait, too.
    Turn(Turn<T>),
}

/// The turn to ask. However it ends, it goes on to one who waits.
struct Turn<T>(Line<T>);

impl<T> Drop for Turn<T> {
    fn drop(&mut self) {
        let mut line = self.0.lock();
        let next = line.as_mut().and_then(|waiting| {
            waiting.retain(|(_, tell)| !tell.is_closed());
            waiting.pop()
        });
        if next.is_none() {
            *line = None;
        }
        drop(line);
        // one that has just gone away drops it in turn
        next.map(|(_, tell)| tell.send(Told::Turn(Self(Arc::clone(&self.0)))));
    }
}

/// A selection of those that have one of these ids.
pub fn selection<T>(table: &Table<T>, engine: Engine, ids: &[Id]) -> Select {
    table.select(engine).push("id IN (").separated(ids, |select, id| select.bind(*id)).push(")")
}

impl<T: Listed + DeserializeOwned + Clone> Gathered<T> {
    /// Looks for the records of this table.
    pub fn of(table: &'static Table<T>) -> Self {
        Self { table, lines: Mutex::default() }
    }

    /// The record with this id, as it is at some moment after it was asked for.
    pub async fn by_id(&self, store: &Store, id: Id) -> Result<Option<T>> {
        let turn = match self.wait(id).await {
            Told::Found(found) => return Ok(found.map(Arc::unwrap_or_clone)),
            Told::Turn(turn) => turn,
        };
        let mut db = store.reader().await?;
        let others: Vec<Waiting<T>> = {
            let mut line = turn.0.lock();
            let waiting = line.get_or_insert_default();
            waiting.drain(..waiting.len().min(AT_ONCE - 1)).collect()
        };
        if !others.is_empty() {
            let ids: Vec<Id> = others.iter().map(|(id, _)| *id).chain(repeat(id)).take(AT_ONCE).collect();
            let select = selection(self.table, db.engine(), &ids);
            match self.table.all(&mut db, select).await {
                Ok(found) => {
                    let found = found.into_iter().map(|record| (record.place().0, Arc::new(record)));
                    let mut found: HashMap<Id, Arc<T>> = found.collect();
                    for (other, tell) in others {
                        // nobody may be listening any more
                        let _ = tell.send(Told::Found(found.get(&other).cloned()));
                    }
                    return Ok(found.remove(&id).map(Arc::unwrap_or_clone));
                }
                // one of them is at fault: each is told of its own by itself
                Err(StoreError::Inconsistent { .. } | StoreError::Damaged(_)) => drop(others),
                Err(error) => return Err(error),
            }
        }
        self.table.by_id(&mut db, id).await
    }

    /// What was found meanwhile, or the turn.
    async fn wait(&self, id: Id) -> Told<T> {
        let here = Handle::current().id();
        let told = self.lines.lock().get(&here).and_then(|line| {
            let mut line = line.lock();
            let waiting = line.as_mut()?;
            let (tell, told) = oneshot::channel();
            waiting.push((id, tell));
            Some(told)
        });
        if let Some(told) = told
            && let Ok(Ok(told)) = timeout(MOMENT, told).await
        {
            return told;
        }
        // nobody asks, or one that hangs: who comes from now on waits for this one
        let line: Line<T> = Arc::new(Mutex::new(Some(Vec::new())));
        self.lines.lock().insert(here, Arc::clone(&line));
        Told::Turn(Turn(line))
    }
}
