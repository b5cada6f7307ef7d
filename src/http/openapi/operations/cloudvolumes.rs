//! EVS's own calls for disks.

use crate::http::{
    answer::{problem::Kind, shape::part},
    openapi::operation::{
        Content::{One, Page, Rows},
        Count, Operation, Subject, page,
    },
    resources::{
        cloudvolumes::{
            filters::{FILTERS, PLACE},
            tags::{TagView, Values},
            view::CloudVolume,
        },
        volumes::{SORT_KEYS, view::Summary},
    },
};

/// Rows of `cloudvolumes`, EVS's own view of volumes.
pub const CLOUDVOLUMES: Subject = Subject {
    name: "cloudvolumes",
    what: "The volumes as EVS shows them.",
    operations: &[
        Operation::new("cloudvolumes::list", "List disks")
            .answers(200, Page(page("volumes", part::<Summary>()).count(Count::Always).always_links()))
            .list(SORT_KEYS)
            .query(&[FILTERS, PLACE]),
        Operation::new("cloudvolumes::list_with_details", "List disks with details")
            .answers(200, Page(page("volumes", part::<CloudVolume>()).count(Count::Always).always_links()))
            .list(SORT_KEYS)
            .query(&[FILTERS, PLACE]),
        Operation::new("cloudvolumes::show", "Show a disk")
            .answers(200, One("volume", part::<CloudVolume>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("cloudvolumes::tags::list", "List the tags of all disks")
            .description("The values under each key.")
            .answers(200, One("tags", part::<Values>())),
        Operation::new("cloudvolumes::tags::show", "List the tags of a disk")
            .answers(200, Rows("tags", part::<TagView>()))
            .refuses(&[Kind::NotFound]),
    ],
};
