//! A clock that a test moves: it goes on by itself, and jumps when it is told.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use handover::clock::Clock;
use handover::domain::Time;
use handover::system::System;
use tokio::sync::watch;

/// The machine's clock, and how far it was moved on.
pub struct TestClock(watch::Sender<Duration>);

impl TestClock {
    pub fn new() -> Self {
        Self(watch::Sender::new(Duration::ZERO))
    }

    /// Moves it on: whoever sleeps by it wakes where the time is over then.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|moved| *moved += by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        System.now().after(*self.0.borrow())
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let until = self.now().after(duration);
        let mut moves = self.0.subscribe();
        Box::pin(async move {
            loop {
                let left = until.micros() - self.now().micros();
                let Ok(left @ 1..) = u64::try_from(left) else { return };
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_micros(left)) => {}
                    _ = moves.changed() => {}
                }
            }
        })
    }
}
