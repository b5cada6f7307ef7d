//! Backups.

use crate::http::{
    answer::{problem::Kind, shape::part},
    openapi::operation::{
        Content::{Action, Nothing, One, Page},
        Count, Operation, Subject, page,
    },
    request::action::forms,
    resources::{
        backups::{
            asked::{CreateBackup, UpdateBackup},
            view::{Detail, Summary},
        },
        copies::{BACKUP_ACTIONS, BACKUP_FILTERS, SORT_KEYS},
    },
};

/// Rows of `backups`.
pub const BACKUPS: Subject = Subject {
    name: "backups",
    what: "Backups of volumes: records without content, which the rules of a transfer ask about.",
    operations: &[
        Operation::new("backups::create", "Create a backup")
            .takes(One("backup", part::<CreateBackup>()))
            .answers(202, One("backup", part::<Summary>()))
            .refuses(&[Kind::VolumeId, Kind::NotFound, Kind::Refused, Kind::Quota]),
        Operation::new("backups::list", "List backups")
            .answers(200, Page(page("backups", part::<Summary>()).count(Count::Asked)))
            .list(SORT_KEYS)
            .query(&[BACKUP_FILTERS]),
        Operation::new("backups::list_with_details", "List backups with details")
            .answers(200, Page(page("backups", part::<Detail>()).count(Count::Asked)))
            .list(SORT_KEYS)
            .query(&[BACKUP_FILTERS]),
        Operation::new("backups::show", "Show a backup")
            .answers(200, One("backup", part::<Detail>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("backups::update", "Change a backup's name, description or metadata")
            .description("Since microversion 3.9; before, 404.")
            .takes(One("backup", part::<UpdateBackup>()))
            .answers(200, One("backup", part::<Summary>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("backups::delete", "Delete a backup").answers(202, Nothing).refuses(&[Kind::NotFound, Kind::Refused]),
        Operation::new("backups::act", "Do something to a backup")
            .description("The body's one key names what is done.")
            .takes(Action(|| forms(BACKUP_ACTIONS)))
            .refuses(&[Kind::NotFound, Kind::Refused, Kind::Forbidden]),
    ],
};
