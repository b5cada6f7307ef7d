//! What keeps secrets: the hash pool, what is sealed, and the random source. Nothing here knows a transfer or a database.

pub mod hash;
mod queue;
pub mod random;
pub mod sealing;

pub use hash::{HashError, HashPool, Turn};
pub use random::SecureRandom;
