//! What the service has, a resource a file or folder: handlers with what they take and answer.

pub mod backups;
pub mod catalog;
pub mod cloudvolumes;
pub mod copies;
pub mod discovery;
pub mod metadata;
pub mod openapi;
pub mod operating;
pub mod quotas;
pub mod snapshots;
pub mod transfers;
pub mod volumes;
