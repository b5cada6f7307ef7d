//! The row of a request that was done once: found by a hash of its name, with the answer, sealed. Written in the transaction
//! that does the work, so that where the one is, the other is too.

use super::prelude::*;

const BY_KEY: &str = "SELECT request_hash, created_at, sealed FROM idempotency_keys WHERE key_hash = $1";

const INSERT: &str = "INSERT INTO idempotency_keys (key_hash, request_hash, created_at) VALUES ($1, $2, $3)";

const SEAL: &str = "UPDATE idempotency_keys SET sealed = $2 WHERE key_hash = $1";

const WIPE: &str = "UPDATE idempotency_keys SET sealed = NULL WHERE sealed IS NOT NULL AND created_at < $1";

const FORGET: &str = "DELETE FROM idempotency_keys WHERE created_at < $1";

/// What is known of a request that was done.
pub struct Claimed {
    pub request_hash: String,
    pub created_at: Time,
    /// `None` once it is wiped.
    pub sealed: Option<Vec<u8>>,
}

/// The request of this name, if one was done and is not forgotten.
pub async fn by_key(db: &mut Db, key_hash: &str) -> Result<Option<Claimed>> {
    db.sql(BY_KEY).bind(key_hash).first().await
}

/// Takes the name. Waits while another transaction is taking it; [`StoreError::Duplicate`] when one has.
pub async fn insert(db: &mut Db, key_hash: &str, request_hash: &str, at: Time) -> Result<()> {
    db.sql(INSERT).bind(key_hash).bind(request_hash).bind(at).run().await.map(|_| ())
}

/// Keeps the sealed answer under a name that this transaction took.
pub async fn seal(db: &mut Db, key_hash: &str, sealed: &[u8]) -> Result<()> {
    db.sql(SEAL).bind(key_hash).bind(sealed).run().await.map(|_| ())
}

/// Wipes the answers from before `answered`, and forgets the names from before `remembered`.
pub async fn tidy(db: &mut Db, answered: Time, remembered: Time) -> Result<()> {
    db.sql(WIPE).bind(answered).run().await?;
    db.sql(FORGET).bind(remembered).run().await.map(|_| ())
}

from_row!(Claimed, "idempotency_keys", { request_hash, created_at, sealed });
