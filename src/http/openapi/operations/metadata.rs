//! Metadata of volumes and of snapshots, which are alike.

use crate::http::{
    answer::{problem::Kind, shape::part, types::Texts},
    openapi::operation::{Content::One, Operation, Subject},
};

/// The rows of each kind of record that has metadata.
macro_rules! rows {
    ($($of:ident $whose:literal $edits:expr;)+) => {
        &[$(
            Operation::new(concat!("metadata::list::<", stringify!($of), ">"), concat!("List ", $whose, " metadata"))
                .answers(200, One("metadata", part::<Texts>()))
                .refuses(&[Kind::NotFound]),
            Operation::new(concat!("metadata::add::<", stringify!($of), ">"), concat!("Set keys of ", $whose, " metadata"))
                .description("Other keys stay as they are.")
                .takes(One("metadata", part::<Texts>()))
                .answers(200, One("metadata", part::<Texts>()))
                .refuses($edits),
            Operation::new(concat!("metadata::replace::<", stringify!($of), ">"), concat!("Replace ", $whose, " metadata"))
                .takes(One("metadata", part::<Texts>()))
                .answers(200, One("metadata", part::<Texts>()))
                .refuses($edits),
            Operation::new(concat!("metadata::show::<", stringify!($of), ">"), concat!("Show one key of ", $whose, " metadata"))
                .answers(200, One("meta", part::<Texts>()))
                .refuses(&[Kind::NotFound]),
            Operation::new(concat!("metadata::set::<", stringify!($of), ">"), concat!("Set one key of ", $whose, " metadata"))
                .description("`meta` has the path's key, and no other.")
                .takes(One("meta", part::<Texts>()))
                .answers(200, One("meta", part::<Texts>()))
                .refuses($edits),
            Operation::new(concat!("metadata::remove::<", stringify!($of), ">"), concat!("Remove one key of ", $whose, " metadata"))
                .refuses($edits),
        )+]
    };
}

/// Rows of the metadata of volumes and of snapshots.
pub const METADATA: Subject = Subject {
    name: "metadata",
    what: "Texts under keys, of volumes and of snapshots.",
    operations: rows! {
        OfVolume "a volume's" &[Kind::NotFound, Kind::Refused];
        OfSnapshot "a snapshot's" &[Kind::NotFound];
    },
};
