//! The edge of the process: the only place that asks the system for the time and for randomness, and tells it what may wait.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // this is the edge

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures_util::future::BoxFuture;
use rand::TryRng;
use rand::rngs::SysRng;

use crate::clock::{Clock, SharedClock};
use crate::domain::Time;
use crate::secrets::SecureRandom;

/// The machine's clock and the operating system's random source.
pub struct System;

impl Clock for System {
    fn now(&self) -> Time {
        Time::new(Utc::now())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The clock of a process: the machine's, until a database server has said what time it is.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SharedClock::new(Arc::new(System)))
}

/// Lets the other sessions of this machine go first, of which each process of a PostgreSQL server on it is one: Linux
/// shares its cores between sessions before it looks at anything within them. A session that is not the service's own is left alone.
/// Source: sched(7), "The autogroup feature".
pub fn give_way() {
    if rustix::process::getsid(None) == Ok(rustix::process::getpid()) {
        let _ = std::fs::write("/proc/self/autogroup", "10"); // a system without it shares in another way
    }
}

impl SecureRandom for System {
    fn fill(&self, bytes: &mut [u8]) {
        SysRng.try_fill_bytes(bytes).expect("an operating system without a random source runs no service");
    }
}
