//! What the database has said of a caller, believed for less than a second: what is revoked is heeded within one, on every replica.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is believed.
const FRESH: Duration = Duration::from_millis(900);

/// How many callers are remembered at once.
const MOST: usize = 10_000;

/// Answers by what was asked: of callers who are known, and of no others, so that strangers push none out.
pub struct Fresh<K, V>(Mutex<HashMap<K, (V, Instant)>>);

impl<K, V> Default for Fresh<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Fresh<K, V> {
    /// The answer that is remembered; else the one that `ask` gets, which is remembered where there is any. It is as old as the
    /// question: while the database answers, it may be otherwise already.
    pub async fn get<E>(&self, key: &K, ask: impl Future<Output = Result<Option<V>, E>>) -> Result<Option<V>, E> {
        let remembered = self.all().get(key).filter(|(_, asked_at)| asked_at.elapsed() < FRESH).cloned();
        if let Some((answer, _)) = remembered {
            return Ok(Some(answer));
        }
        let asked_at = Instant::now();
        let answer = ask.await?;
        let mut all = self.all();
        if all.len() >= MOST {
            all.retain(|_, (_, asked_at)| asked_at.elapsed() < FRESH);
        }
        match &answer {
            Some(answer) if all.len() < MOST => drop(all.insert(key.clone(), (answer.clone(), asked_at))),
            Some(_) => {}
            None => drop(all.remove(key)),
        }
        Ok(answer)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<K, (V, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    type Answer = Result<Option<u8>, ()>;

    async fn ask(fresh: &Fresh<&'static str, u8>, key: &'static str, answer: Answer) -> Answer {
        fresh.get(&key, ready(answer)).await
    }

    #[tokio::test]
    async fn an_answer_is_remembered_and_neither_a_failure_nor_that_there_is_none() {
        let fresh = Fresh::default();
        assert_eq!(ask(&fresh, "a", Err(())).await, Err(()));
        assert_eq!(ask(&fresh, "a", Ok(None)).await, Ok(None));
        assert_eq!(ask(&fresh, "a", Ok(Some(1))).await, Ok(Some(1)));
        assert_eq!(ask(&fresh, "a", Ok(Some(2))).await, Ok(Some(1)));
        assert_eq!(ask(&fresh, "b", Ok(Some(2))).await, Ok(Some(2)), "of another");
    }

    #[tokio::test]
    async fn an_answer_is_as_old_as_its_question() {
        let fresh = Fresh::default();
        let slow = async {
            tokio::time::sleep(FRESH).await;
            Ok::<_, ()>(Some(1))
        };
        assert_eq!(fresh.get(&"a", slow).await, Ok(Some(1)));
        assert_eq!(ask(&fresh, "a", Ok(Some(2))).await, Ok(Some(2)));
    }
}
