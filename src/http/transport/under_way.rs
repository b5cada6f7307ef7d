//! The requests that handlers are at: a stop waits for them, and says so.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::http::routes::Route;

/// How many there are of each route.
#[derive(Debug, Clone, Default)]
pub struct UnderWay(Arc<Mutex<BTreeMap<String, usize>>>);

/// One of them, until it is dropped.
pub struct Begun(UnderWay, String);

impl UnderWay {
    /// A request of this route has begun.
    pub fn begin(&self, route: &Route) -> Begun {
        let route = format!("{} {}", route.method.as_str(), route.path);
        *self.0.lock().entry(route.clone()).or_default() += 1;
        Begun(self.clone(), route)
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
        let all: Vec<String> = counts.iter().map(|(route, count)| format!("{count} of {route}")).collect();
        f.write_str(&all.join(", "))
    }
}
