//! The use cases: one operation a file, or a few that are alike. Each goes through the door in `perform`, and states its own rule
//! and transaction alone. No HTTP here: an operation is what was asked, already parsed, and gives a domain value or an [`Error`].

pub mod acts;
pub mod check;
pub mod context;
pub mod copies;
pub mod error;
pub mod export;
pub mod identity;
pub mod import;
pub mod metadata;
pub mod page;
pub mod perform;
pub mod policy;
mod prelude;
pub mod quotas;
pub mod replay;
pub mod transfers;
pub mod volume_types;
pub mod volumes;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

pub use acts::Refusals;
pub use context::Context;
pub use error::Error;
pub use identity::Identity;
pub use perform::{Intent, Operation, Performed, Tx, perform, permit, rehearse};
pub use policy::Policy;

use crate::clock::Clock;
use crate::domain::Volume;
use crate::domain::catalog::Catalog;
use crate::domain::quota::Limits;
use crate::domain::rules::RuleSet;
use crate::domain::span::{Attempts, ProvisioningRule};
use crate::secrets::{HashPool, SecureRandom};
use crate::store::{Gathered, Readiness, Store, StoreError, clock};

/// All that an operation stands on.
pub struct Service {
    pub store: Store,
    /// Looks for single volumes: what clients do most, again and again until one is ready.
    pub volumes: Gathered<Volume>,
    pub readiness: Readiness,
    pub hash: HashPool,
    pub rules: RuleSet,
    /// What a project may have where nothing else was set.
    pub quotas: Limits,
    pub catalog: Catalog,
    /// How long a new volume is `creating`.
    pub provisioning: ProvisioningRule,
    /// How long an offer lasts that says nothing else, and at most.
    pub offer_lifetime: Option<Duration>,
    /// How many wrong keys of a project are judged; `None`: any number.
    pub attempts: Option<Attempts>,
    pub refusals: Refusals,
    /// Offers of one project by this process take turns, some projects in one: each takes its time when the one before is done.
    pub turns: Vec<Arc<Mutex<()>>>,
    pub policy: Policy,
    pub identity: Identity,
    /// Time comes in here, and nowhere else.
    pub clock: Arc<dyn Clock>,
    /// So does randomness.
    pub random: Arc<dyn SecureRandom>,
}

impl Service {
    /// Lets the clock hear what time the database server says it is, where there is one.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn ask_the_time(&self) -> Result<(), StoreError> {
        if let Some((at, took)) = clock::now(&self.store).await? {
            self.clock.heard(at, took);
        }
        Ok(())
    }
}
