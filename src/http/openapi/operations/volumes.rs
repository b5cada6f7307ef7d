//! Volumes.

use super::super::operation::{
    Content::{Action, Beside, Nothing, One, Page},
    Count, Operation, Subject, page, part,
};
use crate::http::{
    action::forms,
    openapi::types::Texts,
    problem::Kind,
    volumes::{
        DELETE, SORT_KEYS, SUMMARY,
        actions::ACTIONS,
        asked::{CreateVolume, HINTS, UpdateVolume},
        filters::FILTERS,
        view::{Changed, Detail, Summary, Totals},
    },
};

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
            .description("Since microversion 3.12; before, and on `/v2`, 404.")
            .answers(200, One("volume-summary", part::<Totals>()))
            .query(&[SUMMARY])
            .refuses(&[Kind::NotFound]),
        Operation::new("volumes::show", "Show a volume")
            .answers(200, One("volume", part::<Detail>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("volumes::update", "Change a volume's name, description or metadata")
            .takes(One("volume", part::<UpdateVolume>()))
            .answers(200, One("volume", part::<Changed>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("volumes::delete", "Delete a volume").answers(202, Nothing).query(&[DELETE]).refuses(&[
            Kind::NotFound,
            Kind::Refused,
            Kind::Forbidden,
        ]),
        Operation::new("volumes::actions::act", "Do something to a volume")
            .description("The body's one key names what is done.")
            .takes(Action(|| forms(ACTIONS)))
            .refuses(&[Kind::NotFound, Kind::Refused, Kind::Forbidden, Kind::Quota]),
        Operation::new("metadata::list::<OfVolume>", "List a volume's metadata")
            .answers(200, One("metadata", part::<Texts>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("metadata::add::<OfVolume>", "Set keys of a volume's metadata")
            .description("Other keys stay as they are.")
            .takes(One("metadata", part::<Texts>()))
            .answers(200, One("metadata", part::<Texts>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("metadata::replace::<OfVolume>", "Replace a volume's metadata")
            .takes(One("metadata", part::<Texts>()))
            .answers(200, One("metadata", part::<Texts>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("metadata::show::<OfVolume>", "Show one key of a volume's metadata")
            .answers(200, One("meta", part::<Texts>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("metadata::set::<OfVolume>", "Set one key of a volume's metadata")
            .description("`meta` has the path's key, and no other.")
            .takes(One("meta", part::<Texts>()))
            .answers(200, One("meta", part::<Texts>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("metadata::remove::<OfVolume>", "Remove one key of a volume's metadata").refuses(&[Kind::NotFound]),
    ],
};
