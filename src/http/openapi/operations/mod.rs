//! What the document says of each handler, a subject a file. Tests fail for a handler of the route table without a row here,
//! and for a row without a handler.

use super::operation::{Operation, Subject};

mod backups;
mod catalog;
mod cloudvolumes;
mod outside;
mod quotas;
mod snapshots;
mod transfers;
mod volumes;

/// In the document's order.
pub static SUBJECTS: &[Subject] = &[
    transfers::TRANSFERS,
    volumes::VOLUMES,
    cloudvolumes::CLOUDVOLUMES,
    snapshots::SNAPSHOTS,
    backups::BACKUPS,
    quotas::QUOTAS,
    catalog::CATALOG,
    outside::VERSIONS,
    outside::OPERATING,
    outside::OPENAPI,
];

/// The row of a handler, and its subject.
pub fn of(handled_by: &str) -> Option<(&'static Subject, &'static Operation)> {
    let rows = SUBJECTS.iter().flat_map(|subject| subject.operations.iter().map(move |operation| (subject, operation)));
    rows.into_iter().find(|(_, operation)| operation.handled_by == handled_by)
}
