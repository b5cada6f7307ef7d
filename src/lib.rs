//! Handover passes block volumes between projects: the volume-transfer API of Huawei Cloud EVS and OpenStack Cinder, on
//! SQLite or PostgreSQL.
//!
//! The house, in reading order; arrows run one way, from the top down:
//!
//! - [`cli`]: the commands; [`settings`]: every setting once; [`logs`], [`system`]: the process's edge; [`clock`]: where time comes in;
//!   [`asking`]: HTTP as this service asks others
//! - [`app`]: the parts put together, once
//! - [`http`]: the surface, from the socket to the handler and back
//! - [`tls`]: the certificate that is shown
//! - [`identity`]: who is calling
//! - [`workers`]: what runs beside requests
//! - [`service`]: the operations, one transaction each, through one door
//! - [`secrets`]: hashing, sealing, randomness
//! - [`document`]: files that carry volumes, what belongs to them, quotas and transfers, in and out
//! - [`store`]: the database, the only place with SQL
//! - [`json`]: one strict reading of JSON, for bodies and documents
//! - [`domain`]: what is true of volumes, snapshots, backups, quotas and transfers

/// Goes on where something holds, and gives the error where it does not.
macro_rules! ensure {
    ($holds:expr, $error:expr) => {
        if !$holds {
            return Err($error);
        }
    };
}

pub mod app;
pub mod asking;
pub mod cli;
pub mod clock;
pub mod document;
pub mod domain;
pub mod http;
pub mod identity;
pub mod json;
pub mod logs;
pub mod secrets;
pub mod service;
pub mod settings;
pub mod store;
pub mod system;
pub mod tls;
pub mod workers;
