//! Where time comes in. The process has one clock, which it is given, so that a test can move it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use parking_lot::RwLock;
use tokio::time::Instant;

use crate::domain::Time;

/// A clock that tells the time, and when some of it has passed.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Time;

    /// Ends when so much time has passed by this clock.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;

    /// The database server has said that it is `at`, and took so long to say it.
    fn heard(&self, _at: Time, _took: Duration) {}
}

/// The database server's clock, which all replicas have in common, as far as it has said what time it is; before, the process's own.
/// Between two answers time passes as the machine counts it, whatever its own clock is set to.
pub struct SharedClock {
    own: Arc<dyn Clock>,
    /// What was said, when that was, and what was told before it.
    heard: RwLock<Option<(Time, Instant, Time)>>,
}

impl SharedClock {
    /// One that has heard nothing yet.
    pub fn new(own: Arc<dyn Clock>) -> Self {
        Self { own, heard: RwLock::default() }
    }
}

/// By how much a clock may be found ahead without having been set.
const STEP: Duration = Duration::from_secs(5);

impl Clock for SharedClock {
    fn now(&self) -> Time {
        self.heard.read().map_or_else(|| self.own.now(), |(at, since, told)| at.after(since.elapsed()).max(told))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.own.sleep(duration)
    }

    /// It was said some time on the way: what was known before is better, where it lies within.
    fn heard(&self, at: Time, took: Duration) {
        let mut heard = self.heard.write();
        let known = heard.map(|(before, since, told)| (before.after(since.elapsed()), told));
        if !known.is_some_and(|(now, _)| (at..=at.after(took)).contains(&now)) {
            // little is waited for, so that no time comes twice; a clock that was set is followed
            let told = known.map_or(Time::EPOCH, |(now, told)| now.max(told));
            let told = if told.before(STEP) < at { told } else { Time::EPOCH };
            *heard = Some((at.after(took / 2), Instant::now(), told));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Time {
            Time::EPOCH
        }

        fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
            Box::pin(tokio::time::sleep(duration))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_says_is_the_time_whatever_the_machine_says() {
        let (clock, noon) = (SharedClock::new(Arc::new(Stopped)), Time::parse("2026-11-25T12:00:00").unwrap());
        let (second, millis) = (Duration::from_secs(1), Duration::from_millis);
        assert_eq!(clock.now(), Time::EPOCH);
        clock.heard(noon, millis(2));
        assert_eq!(clock.now(), noon.after(millis(1)));
        clock.sleep(second).await;
        assert_eq!(clock.now(), noon.after(millis(1001)));
        // what is known lies within what is said now, which took longer
        clock.heard(noon.after(millis(900)), millis(400));
        assert_eq!(clock.now(), noon.after(millis(1001)));
        // a little behind what was told is waited for
        clock.heard(noon.after(millis(500)), millis(2));
        assert_eq!(clock.now(), noon.after(millis(1001)));
        clock.sleep(second).await;
        assert_eq!(clock.now(), noon.after(millis(1501)));
        // the server's clock was set
        clock.heard(noon.before(10 * second), millis(4));
        assert_eq!(clock.now(), noon.before(millis(9998)));
    }
}
