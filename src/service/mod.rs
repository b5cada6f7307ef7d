//! The use cases: one operation a file, each one function and one transaction.
//! No HTTP here: an operation takes what was asked, already parsed, and gives a domain value or an [`Error`].

pub mod catalog;
pub mod check;
pub mod copies;
pub mod error;
pub mod export;
pub mod import;
mod metadata;
pub mod once;
pub mod page;
pub mod quotas;
pub mod transfers;
pub mod volumes;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

pub use error::Error;
pub use once::{Done, Once};

use crate::{
    clock::Clock,
    domain::{Caller, Id, catalog::Catalog, creation::Creation, quota::Limits, rules::RuleSet, transfer::Stamp},
    secrets::{HashPool, SecureRandom},
    store::{Readiness, Store},
};

/// All that an operation stands on.
#[derive(Clone)]
pub struct Service {
    pub store: Store,
    pub readiness: Arc<Readiness>,
    pub hash: HashPool,
    pub rules: RuleSet,
    /// What a project may have where nothing else was set.
    pub quotas: Limits,
    pub catalog: Arc<Catalog>,
    /// How long a new volume is `creating`.
    pub creation: Creation,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn SecureRandom>,
}

/// Who asked, and in which request.
#[derive(Debug, Clone)]
pub struct Asker {
    pub caller: Caller,
    pub request_id: Id,
    /// Set when nobody waits for the answer any more.
    pub abandoned: Arc<AtomicBool>,
    /// Set when the request names itself, and is to be done once.
    pub once: Option<Once>,
}

impl Asker {
    /// Asked by what only an admin may do, as Cinder's policy of this name has it.
    pub(crate) fn must_be_admin(&self, policy: &'static str) -> Result<(), Error> {
        if self.caller.is_admin { Ok(()) } else { Err(Error::Forbidden(policy)) }
    }

    /// Asked before a transaction begins: what it does nobody would learn of, least of all the key of a new offer.
    pub(crate) fn still_waits(&self) -> Result<(), Error> {
        if self.abandoned.load(Ordering::Relaxed) { Err(Error::Abandoned) } else { Ok(()) }
    }
}

impl Service {
    /// This caller, now.
    pub(crate) fn stamp(&self, asker: &Asker) -> Stamp {
        Stamp {
            at: self.clock.now(),
            project_id: asker.caller.project.clone(),
            user_id: asker.caller.user.clone(),
            request_id: asker.request_id,
        }
    }
}
