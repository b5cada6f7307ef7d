//! The requests that handlers are at: a stop waits for them, and says so; and where there are too many, no other begins.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use scopeguard::guard;

use crate::domain::limits::UNDER_WAY;
use crate::http::answer::problem::{Problem, Result};
use crate::http::routes::{On, Route};

/// How many there are of each route.
#[derive(Debug, Clone, Default)]
pub struct UnderWay(Arc<Mutex<BTreeMap<Named, usize>>>);

/// A method and a path of the table.
type Named = (&'static str, &'static str);

impl UnderWay {
    /// A request of this route has begun, and is under way until what is returned is dropped. Whoever watches the service is let in
    /// however many there are.
    ///
    /// # Errors
    /// What it is sent away with, where as many are under way as may be.
    pub fn begin(&self, route: &'static Route) -> Result<impl Send + use<>> {
        let mut counts = self.0.lock();
        ensure!(route.on == On::Public || !is_full(&counts), too_many());
        let named = (route.method.as_str(), route.path);
        *counts.entry(named).or_default() += 1;
        Ok(guard(self.clone(), move |under_way| {
            let mut counts = under_way.0.lock();
            counts.entry(named).and_modify(|count| *count -= 1);
            counts.retain(|_, count| *count > 0);
        }))
    }

    /// Whether another might begin, before anything of it is read.
    ///
    /// # Errors
    /// As of [`Self::begin`].
    pub fn has_room(&self) -> Result<()> {
        ensure!(!is_full(&self.0.lock()), too_many());
        Ok(())
    }
}

fn is_full(counts: &BTreeMap<Named, usize>) -> bool {
    counts.values().sum::<usize>() >= UNDER_WAY
}

fn too_many() -> Problem {
    Problem::unavailable(&format!("The service is at {UNDER_WAY} requests already, which is as many as it takes."))
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
