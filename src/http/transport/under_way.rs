//! The requests that handlers are at: a stop waits for them, and says so; and where there are too many, no other begins.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::domain::limits::UNDER_WAY;
use crate::http::answer::problem::Problem;
use crate::http::routes::Route;

/// How many there are of each route.
#[derive(Debug, Clone, Default)]
pub struct UnderWay(Arc<Mutex<BTreeMap<Named, usize>>>);

/// A method and a path of the table.
type Named = (&'static str, &'static str);

/// How long one is kept that is sent away: who asks again at once, whatever it is told, must not take the time of the others.
const SENT_AWAY: Duration = Duration::from_millis(20);

/// One of them, until it is dropped.
pub struct Begun(UnderWay, Named);

impl UnderWay {
    /// A request of this route has begun.
    pub fn begin(&self, route: &'static Route) -> Begun {
        let named = (route.method.as_str(), route.path);
        *self.0.lock().entry(named).or_default() += 1;
        Begun(self.clone(), named)
    }

    /// Whether another may begin.
    ///
    /// # Errors
    /// What it is sent away with, where as many are under way as may be.
    pub async fn has_room(&self) -> Result<(), Problem> {
        if self.0.lock().values().sum::<usize>() < UNDER_WAY {
            return Ok(());
        }
        tokio::time::sleep(SENT_AWAY).await;
        Err(Problem::unavailable(&format!("The service is at {UNDER_WAY} requests already, which is as many as it takes.")))
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut counts = self.0.0.lock();
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
        }
        counts.retain(|_, count| *count > 0);
    }
}

impl fmt::Display for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.lock();
        if counts.is_empty() {
            return f.write_str("clients that have not read their answers, or send a request");
        }
        let all: Vec<String> = counts.iter().map(|((method, path), count)| format!("{count} of {method} {path}")).collect();
        f.write_str(&all.join(", "))
    }
}
