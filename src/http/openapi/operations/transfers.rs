//! Transfers.

use crate::http::{
    answer::{problem::Kind, shape::part},
    openapi::operation::{
        Content::{Nothing, One, Page},
        Operation, Subject, page,
    },
    resources::transfers::{
        FILTERS, SORT_KEYS,
        asked::{AcceptTransfer, CreateTransfer},
        view::{Created, Detail, Summary},
    },
};

/// Rows of both resource names of transfers.
pub const TRANSFERS: Subject = Subject {
    name: "transfers",
    what: "Offers of a volume to whoever knows their key, and how they end. The same records are behind both resource names.",
    operations: &[
        Operation::new("transfers::create", "Offer a volume")
            .description("The answer is the only one that shows the key.")
            .once()
            .takes(One("transfer", part::<CreateTransfer>()))
            .answers(202, One("transfer", part::<Created>()))
            .refuses(&[Kind::VolumeId, Kind::NotFound, Kind::Refused]),
        Operation::new("transfers::accept", "Accept an offer")
            .description("The volume becomes the caller's. Any project may accept, the donor's too.")
            .once()
            .takes(One("accept", part::<AcceptTransfer>()))
            .answers(202, One("transfer", part::<Summary>()))
            .refuses(&[Kind::NotFound, Kind::Refused, Kind::Quota]),
        Operation::new("transfers::list", "List the pending offers")
            .answers(200, Page(page("transfers", part::<Summary>())))
            .list(SORT_KEYS)
            .query(&[FILTERS]),
        Operation::new("transfers::list_with_details", "List the pending offers with details")
            .answers(200, Page(page("transfers", part::<Detail>())))
            .list(SORT_KEYS)
            .query(&[FILTERS]),
        Operation::new("transfers::show", "Show a pending offer")
            .answers(200, One("transfer", part::<Detail>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("transfers::delete", "Withdraw an offer").once().answers(202, Nothing).refuses(&[Kind::NotFound]),
    ],
};
