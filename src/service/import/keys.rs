//! The clear keys of a document: hashed, or tried on what is stored, before anything is locked. Whoever holds a lock only looks
//! up what came of it.

use backon::{ConstantBuilder, Retryable};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::service::prelude::*;

/// Keys that are hashed at once: no more than few machines have idle cores.
const AT_ONCE: usize = 4;
const PAUSE: Duration = Duration::from_millis(10);

/// What came of each clear key, by its transfer.
#[derive(Default)]
pub(super) struct Keys {
    of_transfers: HashMap<Id, Learnt>,
    /// The hash of each user's password.
    pub of_users: HashMap<String, String>,
}

struct Learnt {
    hash: String,
    /// Whether the key is that of the hash, which was stored; `None` where no such transfer was, and the hash is what is to be.
    is_right: Option<bool>,
}

/// A clear key, and the hash that is stored for its transfer.
pub(super) struct Asked {
    pub id: Id,
    pub key: AuthKey,
    pub stored: Option<String>,
}

impl Keys {
    /// Hashes each key, or tries it against the hash that is stored, all side by side.
    pub async fn learn(&mut self, service: &Service, asked: Vec<Asked>) -> Result<(), HashError> {
        let asked = asked.into_iter().filter(|asked| asked.stored.is_some() || self.hash(asked.id).is_none());
        let learnt = asked.map(|Asked { id, key, stored }| async move {
            let (key, turn) = (SecretString::from(key), || Turn::of(Turn::OPERATOR));
            let (hash, is_right) = if let Some(hash) = stored {
                let is_right = patiently(|| service.hash.verify(key.clone(), hash.clone(), turn())).await?;
                (hash, Some(is_right))
            } else {
                (patiently(|| service.hash.hash(key.clone(), random::bytes(&*service.random), turn())).await?, None)
            };
            Ok::<_, HashError>((id, Learnt { hash, is_right }))
        });
        let learnt: Vec<_> = stream::iter(learnt).buffer_unordered(AT_ONCE).try_collect().await?;
        self.of_transfers.extend(learnt);
        Ok(())
    }

    /// The hash of a key whose transfer was not stored.
    pub fn hash(&self, transfer: Id) -> Option<&str> {
        self.of_transfers.get(&transfer).filter(|learnt| learnt.is_right.is_none()).map(|learnt| &*learnt.hash)
    }

    /// Whether the key is the one of this hash; `None` when it was not tried on it.
    pub fn opens(&self, transfer: Id, stored: &str) -> Option<bool> {
        self.of_transfers.get(&transfer).filter(|learnt| learnt.hash == stored)?.is_right
    }
}

/// However long the queue is.
pub(super) async fn patiently<T, F: Future<Output = Result<T, HashError>>>(ask: impl FnMut() -> F) -> Result<T, HashError> {
    let pauses = ConstantBuilder::default().with_delay(PAUSE).without_max_times();
    ask.retry(pauses).when(|error| matches!(error, HashError::Full)).await
}
