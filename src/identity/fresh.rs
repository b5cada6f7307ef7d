//! What the database has said of a caller, believed for less than a second: what is revoked is heeded within one, on every replica.

use std::hash::Hash;
use std::time::{Duration, Instant};

use moka::future::Cache;

use crate::domain::limits::TOKENS;

/// How long an answer is believed.
const FRESH: Duration = Duration::from_millis(900);

/// Answers by what was asked, and when it was: of callers who are known, and of no others, so that strangers push none out.
pub struct Fresh<K, V>(Cache<K, (V, Instant)>);

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Default for Fresh<K, V> {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(TOKENS).time_to_live(FRESH).build())
    }
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Fresh<K, V> {
    /// The answer that is remembered; else the one that `ask` gets, which is remembered where there is any. It is as old as the
    /// question: while the database answers, it may be otherwise already.
    pub async fn get<E>(&self, key: &K, ask: impl AsyncFnOnce() -> Result<Option<V>, E>) -> Result<Option<V>, E> {
        if let Some((answer, _)) = self.0.get(key).await.filter(|(_, asked_at)| asked_at.elapsed() < FRESH) {
            return Ok(Some(answer));
        }
        let asked_at = Instant::now();
        // boxed: every request would carry the state of the question
        let answer = Box::pin(ask()).await?;
        match &answer {
            Some(answer) => self.0.insert(key.clone(), (answer.clone(), asked_at)).await,
            None => self.0.invalidate(key).await,
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = Result<Option<u8>, ()>;

    async fn ask(fresh: &Fresh<&'static str, u8>, key: &'static str, answer: Answer) -> Answer {
        fresh.get(&key, async || answer).await
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
        let slow = async || {
            tokio::time::sleep(FRESH).await;
            Ok::<_, ()>(Some(1))
        };
        assert_eq!(fresh.get(&"a", slow).await, Ok(Some(1)));
        assert_eq!(ask(&fresh, "a", Ok(Some(2))).await, Ok(Some(2)));
    }
}
