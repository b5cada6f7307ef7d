//! The service over HTTP on both engines, a subject a file. Run by `cargo test`; PostgreSQL must be on the machine.

mod support;

mod abandoned;
mod accept;
mod bodies;
mod check;
mod crash;
mod create;
mod database_away;
mod delete;
mod docs;
mod errors;
mod every_refusal;
mod every_route;
mod harness;
mod health_and_metrics;
mod house;
mod import;
mod import_transfers;
mod isolation;
mod links;
mod list;
mod list_order;
mod logs_and_secrets;
mod microversions;
mod names;
mod openstack_rules;
mod order_of_checks;
mod pages;
mod paths;
mod plans;
mod races;
mod settings;
mod show;
mod start_and_stop;
mod story;
