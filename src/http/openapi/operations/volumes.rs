//! Volumes.

use crate::http::{
    answer::{problem::Kind, shape::part},
    openapi::operation::{
        Content::{Action, Beside, Nothing, One, Page},
        Count, Operation, Subject, page,
    },
    request::action::forms,
    resources::volumes::{
        DELETE, SORT_KEYS, SUMMARY,
        actions::ACTIONS,
        asked::{CreateVolume, HINTS, UpdateVolume},
        filters::FILTERS,
        view::{Changed, Detail, Summary, Totals},
    },
};

/// Rows of `volumes`, but for their metadata.
pub const VOLUMES: Subject = Subject {
    name: "volumes",
    what: "The volumes that are passed on, as Cinder shows them.",
    operations: &[
        Operation::new("volumes::create", "Create a volume")
            .takes(Beside("volume", part::<CreateVolume>(), HINTS))
            .answers(202, One("volume", part::<Changed>()))
            .refuses(&[Kind::NotFound, Kind::Refused, Kind::Quota]),
        Operation::new("volumes::list", "List volumes")
            .answers(200, Page(page("volumes", part::<Summary>()).count(Count::Asked)))
            .list(SORT_KEYS)
            .query(&[FILTERS]),
        Operation::new("volumes::list_with_details", "List volumes with details")
            .answers(200, Page(page("volumes", part::<Detail>()).count(Count::Asked)))
            .list(SORT_KEYS)
            .query(&[FILTERS]),
        Operation::new("volumes::summary", "Count volumes and their GiB")
            .description("Since microversion 3.12; before, 404.")
            .answers(200, One("volume-summary", part::<Totals>()))
            .query(&[SUMMARY])
            .refuses(&[Kind::NotFound]),
        Operation::new("volumes::show", "Show a volume")
            .answers(200, One("volume", part::<Detail>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("volumes::update", "Change a volume's name, description or metadata")
            .takes(One("volume", part::<UpdateVolume>()))
            .answers(200, One("volume", part::<Changed>()))
            .refuses(&[Kind::NotFound, Kind::Refused]),
        Operation::new("volumes::delete", "Delete a volume").answers(202, Nothing).query(&[DELETE]).refuses(&[
            Kind::NotFound,
            Kind::Refused,
            Kind::Forbidden,
        ]),
        Operation::new("volumes::actions::act", "Do something to a volume")
            .description("The body's one key names what is done.")
            .takes(Action(|| forms(ACTIONS)))
            .refuses(&[Kind::NotFound, Kind::Refused, Kind::Forbidden, Kind::Quota]),
    ],
};
