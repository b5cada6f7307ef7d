//! What the service has, a resource a file or folder: its handlers, what they take and what they answer. How a request came in
//! and how its answer goes out is not known here.

pub mod backups;
pub mod catalog;
pub mod cloudvolumes;
pub mod copies;
pub mod discovery;
pub mod handover;
pub mod identity;
pub mod metadata;
pub mod openapi;
pub mod operating;
pub mod prelude;
pub mod quotas;
pub mod snapshots;
pub mod transfers;
pub mod volumes;
