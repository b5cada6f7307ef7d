//! Where time comes in. The process has one clock, which it is given, so that a test can move it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::domain::Time;

/// A clock that tells the time, and when some of it has passed.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Time;

    /// Ends when so much time has passed by this clock.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
