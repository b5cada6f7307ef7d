//! What keeps secrets: the hash pool, what is sealed, and the random source. Nothing here knows a transfer or a database.

pub mod hash;
pub mod random;
pub mod seal;
pub mod sealing;

pub use hash::{HashError, HashPool};
pub use random::SecureRandom;
