//! What the metrics show beside what the server itself counts: how it stands with what is behind it at this moment.

use crate::store::counts::Counts;

/// What was measured for one answer.
pub struct Measured {
    /// Transfers by state; `None` where the database did not say.
    pub transfers: Option<Counts>,
    /// Connections of the pool: open ones, and those of them that are idle.
    pub connections: (usize, usize),
    /// Auth keys that wait for, or are in, the hashing threads.
    pub hash_waiting: usize,
    /// Refusals that left no act.
    pub refusals_not_kept: u64,
    /// Sign-ins by how they ended.
    pub sign_ins: Vec<(&'static str, u64)>,
}

impl Measured {
    /// What it is written in.
    pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
}
