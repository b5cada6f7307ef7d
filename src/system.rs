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
    if std::fs::read_to_string("/proc/self/stat").is_ok_and(|stat| leads_its_session(&stat)) {
        let _ = std::fs::write("/proc/self/autogroup", "10"); // a system without it shares in another way
    }
}

/// Whether the process with this line of `/proc/PID/stat` leads its session: `PID (NAME) STATE PARENT GROUP SESSION …`. The
/// session is 0 where it began outside of the process's namespace, as a container's may: `getsid` of rustix panics there.
/// Source: proc_pid_stat(5).
fn leads_its_session(stat: &str) -> bool {
    stat.rsplit_once(") ").is_some_and(|(process, rest)| rest.split(' ').nth(3) == process.split(' ').next())
}

impl SecureRandom for System {
    fn fill(&self, bytes: &mut [u8]) {
        SysRng.try_fill_bytes(bytes).expect("an operating system without a random source runs no service");
    }
}

#[cfg(test)]
mod tests {
    use super::leads_its_session;

    #[test]
    fn a_session_begun_outside_of_the_namespace_or_by_another_is_not_led() {
        assert!(leads_its_session("7 (handover) R 1 7 7 0 -1 4194304"));
        assert!(leads_its_session("7 (a) R 1 2 3 (b) R 1 7 7 0 -1 4194304"));
        for other in
            ["7 (handover) R 0 0 0 0 -1 4194304", "7 (handover) R 1 7 6 0 -1", "7 (7) R 7 7 70 7 7", "7 (handover) R 1", ""]
        {
            assert!(!leads_its_session(other), "{other}");
        }
    }
}
