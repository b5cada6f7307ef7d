//! Snapshots.

use crate::http::{
    answer::{problem::Kind, shape::part},
    openapi::operation::{
        Content::{Action, Nothing, One, Page},
        Count, Operation, Subject, page,
    },
    request::action::forms,
    resources::{
        cloudvolumes::filters::PLACE,
        copies::{SNAPSHOT_ACTIONS, SNAPSHOT_FILTERS, SORT_KEYS},
        snapshots::{
            asked::{CreateSnapshot, UpdateSnapshot},
            view::{Changed, Detail, Evs, Summary},
        },
    },
};

/// Rows of `snapshots`, and of EVS's `cloudsnapshots`.
pub const SNAPSHOTS: Subject = Subject {
    name: "snapshots",
    what: "Snapshots of volumes: records without content, which the rules of a transfer ask about.",
    operations: &[
        Operation::new("snapshots::create", "Create a snapshot")
            .takes(One("snapshot", part::<CreateSnapshot>()))
            .answers(202, One("snapshot", part::<Changed>()))
            .refuses(&[Kind::VolumeId, Kind::NotFound, Kind::Refused, Kind::Quota]),
        Operation::new("snapshots::list", "List snapshots")
            .answers(200, Page(page("snapshots", part::<Summary>()).count(Count::Asked)))
            .list(SORT_KEYS)
            .query(&[SNAPSHOT_FILTERS]),
        Operation::new("snapshots::list_with_details", "List snapshots with details")
            .answers(200, Page(page("snapshots", part::<Detail>()).count(Count::Asked)))
            .list(SORT_KEYS)
            .query(&[SNAPSHOT_FILTERS]),
        Operation::new("snapshots::list_as_evs", "List snapshots as EVS does")
            .description("With what is known of each one's volume.")
            .answers(200, Page(page("snapshots", part::<Evs>()).count(Count::Always)))
            .list(SORT_KEYS)
            .query(&[SNAPSHOT_FILTERS, PLACE]),
        Operation::new("snapshots::show", "Show a snapshot")
            .answers(200, One("snapshot", part::<Detail>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("snapshots::update", "Change a snapshot's name or description")
            .takes(One("snapshot", part::<UpdateSnapshot>()))
            .answers(200, One("snapshot", part::<Changed>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("snapshots::delete", "Delete a snapshot")
            .answers(202, Nothing)
            .refuses(&[Kind::NotFound, Kind::Refused]),
        Operation::new("snapshots::act", "Do something to a snapshot")
            .description("The body's one key names what is done.")
            .takes(Action(|| forms(SNAPSHOT_ACTIONS)))
            .refuses(&[Kind::NotFound, Kind::Refused, Kind::Forbidden]),
    ],
};
