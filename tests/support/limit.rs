//! Nothing waits for ever: each test has a limit of its own, and so has each wait within one.

use std::io::Write;
use std::process::{self, Command};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// No test takes a fifth of it on two busy cores.
const LIMIT: Duration = Duration::from_mins(5);

/// Another limit, in seconds: a long one for a debugger, a short one to see it work.
pub const LIMIT_VARIABLE: &str = "HANDOVER_TEST_LIMIT";

/// Longer than any wait of the service's own, so that a hang fails the test that sees it.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// The time that a test has, until it is dropped. Whoever takes longer hangs, in code that no panic reaches: so the whole process
/// ends then, with the test's name, and the servers that it started with it.
pub struct Limit {
    /// Never used: that it is gone says that the test is over.
    _over: Sender<()>,
}

impl Limit {
    pub fn of(test: &'static str) -> Self {
        let asked = std::env::var(LIMIT_VARIABLE).ok().map(|asked| asked.parse().expect("HANDOVER_TEST_LIMIT is in seconds"));
        let limit = asked.map_or(LIMIT, Duration::from_secs);
        let (over, is_over) = channel::<()>();
        thread::spawn(move || {
            if is_over.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                // not by a macro: what those print is kept until the test ends
                let _ =
                    writeln!(std::io::stderr(), "\ntest {test} hangs: it has taken {} s, and ends the run", limit.as_secs());
                let _ = Command::new("pkill").args(["-KILL", "-x", "handover", "-P", &process::id().to_string()]).status();
                process::exit(101);
            }
        });
        Self { _over: over }
    }
}

/// What is waited for, or a failure that names it.
pub async fn within<T>(what: &str, wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{what}: not within {} s", PATIENCE.as_secs()))
}

/// Asks again and again until it holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !holds().await {
            tokio::task::yield_now().await; // so that the limit is looked at, whatever it asks
        }
    };
    within(what, asking).await;
}

/// Gives a test its limit. What runs on both engines has it from `both_engines!`.
macro_rules! limited {
    ($(#[$about:meta])* async fn $name:ident() $body:block) => {
        $(#[$about])*
        async fn $name() {
            let _limit = crate::support::Limit::of(concat!(module_path!(), "::", stringify!($name)));
            $body
        }
    };
    ($(#[$about:meta])* fn $name:ident() $body:block) => {
        $(#[$about])*
        fn $name() {
            let _limit = crate::support::Limit::of(concat!(module_path!(), "::", stringify!($name)));
            $body
        }
    };
}
pub(crate) use limited;
