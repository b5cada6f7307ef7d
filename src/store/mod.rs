//! The only place with SQL: one text for both engines, read and written through [`Db`].
//! Statements lie by subject (`volumes`, `transfers`, …); what is done in one transaction is decided by `service`.

pub mod acts;
pub mod attempts;
pub mod batch;
pub mod clock;
mod codec;
pub mod copies;
pub mod counts;
pub mod db;
pub mod error;
pub mod gathered;
pub mod idempotency;
pub mod identity;
pub mod invariants;
pub mod limits;
pub mod list;
pub mod migrate;
pub mod open;
mod pool;
mod pools;
mod prelude;
pub mod ready;
pub mod select;
pub mod statement;
pub mod summary;
pub mod table;
mod together;
pub mod transfers;
pub mod usage;
pub mod volume_types;
pub mod volumes;
pub mod write;

pub use db::{Db, Engine};
pub use error::StoreError;
pub use gathered::Gathered;
pub use open::{Purpose, Store};
pub use ready::Readiness;
pub use statement::{FromRow, Row, Sql};
pub use write::{Repeatable, Write};
