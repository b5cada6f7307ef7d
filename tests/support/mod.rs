//! What every test stands on: a real server on port 0 over a real database of its own, and ways to ask it.

pub mod again;
mod agreement;
mod answer;
mod ask;
pub mod binary;
mod clock;
mod copies;
mod database;
pub mod desk;
mod document;
mod engines;
pub mod postgres;
pub mod property;
pub mod proxy;
pub mod raw;
mod room;
mod server;
pub mod settings;
mod shown;
mod state;

pub use agreement::{Agreement, Answered};
pub use answer::{Answer, Dialect};
pub use ask::{Ask, Client};
pub use binary::Binary;
pub use clock::TestClock;
pub use database::Database;
pub use desk::Desk;
pub use document::{NOBODYS_HASH, copy, ids, new_id, pending, volume, with};
pub use engines::Fixture;
pub(crate) use engines::both_engines;
pub use handover::store::Engine;
pub use macro_rules_attribute::apply;
pub use serde_json::{Value, json};
pub use server::{Offered, Replicas, TestServer};
pub use shown::assert_answer;
pub use state::{alter, count, faults, stored_acts, stored_transfer, stored_usage};
