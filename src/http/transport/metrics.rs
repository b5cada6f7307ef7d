//! What is counted: requests by route and status and how long they took, transfers by state, the hash queue, the pool.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry, Unit};

use crate::domain::transfer::State;
use crate::http::answer::success::Measured;
use crate::store::counts::Counts;

/// The labels of what is counted by route.
type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];

/// The one label of what is counted by something alone.
type Label = [(&'static str, &'static str); 1];

/// The counters of one server: several in one process do not mix.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels<3>, Counter>,
    seconds: Family<Labels<2>, Histogram>,
    transfers: Family<Label, Gauge>,
    connections: Family<Label, Gauge>,
    hash_waiting: Gauge,
    refusals_not_kept: Counter,
    sign_ins: Family<Label, Counter>,
}

/// From a read that a cache answers to a hash that waited for its turn.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0];

impl Metrics {
    /// With every family registered, and nothing counted.
    pub fn registered() -> Self {
        let mut to = Registry::with_prefix("handover");
        let seconds = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        to.register_with_unit("request_duration", "Time to answer by route pattern", Unit::Seconds, seconds.clone());
        let of_refusals =
            "Refusals that left no act: beyond the thousand an hour of their project, or the database took no write";
        Self {
            requests: family(&mut to, "requests", "Requests by route pattern and status"),
            seconds,
            transfers: family(&mut to, "transfers", "Transfers in the database by state"),
            connections: family(&mut to, "database_connections", "Connections of the pool by state"),
            hash_waiting: family(&mut to, "hash_waiting", "Auth keys that wait for, or are in, the Argon2 threads"),
            refusals_not_kept: family(&mut to, "refusals_not_kept", of_refusals),
            sign_ins: family(&mut to, "sign_ins", "Sign-ins at the built-in identity by how they ended"),
            registry: to,
        }
    }

    /// Counts an answer. `route` is a pattern of the table, or `unknown`: never a path, which has no end of values.
    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let [by_method, by_route] = [("method", method.into()), ("route", route.to_owned().into())];
        self.seconds.get_or_create(&[by_method.clone(), by_route.clone()]).observe(took.as_secs_f64());
        self.requests.get_or_create(&[by_method, by_route, ("status", status.to_string().into())]).inc();
    }

    /// All of it in the form that is asked for.
    ///
    /// # Panics
    /// Never: writing to a string does not fail.
    pub fn text(&self, measured: &Measured) -> String {
        let Measured { transfers, connections: (open, idle), hash_waiting, refusals_not_kept, sign_ins, is_open } = measured;
        match transfers {
            Some(Counts { by_state }) => {
                for (state, number) in State::WORDS.into_iter().zip(by_state) {
                    self.transfers.get_or_create(&[("state", state)]).set(*number);
                }
            }
            None => self.transfers.clear(),
        }
        for (state, number) in [("idle", *idle), ("in_use", open - idle)] {
            self.connections.get_or_create(&[("state", state)]).set(i64::try_from(number).unwrap_or(i64::MAX));
        }
        self.refusals_not_kept.inner().store(*refusals_not_kept, Ordering::Relaxed);
        self.hash_waiting.set(i64::try_from(*hash_waiting).unwrap_or(i64::MAX));
        for (outcome, number) in sign_ins {
            self.sign_ins.get_or_create(&[("outcome", *outcome)]).inner().store(*number, Ordering::Relaxed);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string does not fail");
        if *is_open { text } else { classic(&text) }
    }
}

fn family<M: Metric + Clone + Default>(to: &mut Registry, name: &str, what: &str) -> M {
    let new = M::default();
    to.register(name, what, new.clone());
    new
}

/// What OpenMetrics says in the form before it: a counter is described under the name of its number, units stand in names alone,
/// and nothing says where the text ends. Source: Prometheus, "exposition formats".
fn classic(text: &str) -> String {
    let counters = || text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter"));
    let line = |line: &str| match line.split(' ').collect::<Vec<_>>()[..] {
        ["#", "EOF"] | ["#", "UNIT", ..] => String::new(),
        ["#", about, name, ..] if counters().any(|counter| counter == name) => {
            let (before, behind) = (format!("# {about} {name}"), &line[about.len() + name.len() + 3..]);
            format!("{before}_total{behind}\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}
