//! Handover passes block volumes between projects.
pub mod domain;
pub mod service;
pub mod store;
