//! Volumes as clients drive them: extract, call the service, pick a view.

pub mod actions;
