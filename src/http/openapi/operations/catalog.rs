//! The catalogue, and what runs behind it.

use crate::http::{
    answer::{problem::Kind, shape::part, types::Texts},
    openapi::operation::{
        Content::{Object, One, Page, Rows},
        Operation, Subject, page,
    },
    resources::catalog::{
        backend::{HostView, POOLS, PoolView, SERVICES, ServiceView},
        extensions::Extension,
        types::{FILTERS, SORT_KEYS, View},
        zones::Zone,
    },
};

/// Rows of types, zones, extensions and what runs behind the API.
pub const CATALOG: Subject = Subject {
    name: "catalogue",
    what: "Volume types, availability zones and extensions; for admins, what runs behind them.",
    operations: &[
        Operation::new("catalog::types::list", "List volume types")
            .answers(200, Page(page("volume_types", part::<View>()).links("volume_type_links")))
            .list(SORT_KEYS)
            .query(&[FILTERS]),
        Operation::new("catalog::types::default", "Show the type of a volume that names none")
            .answers(200, One("volume_type", part::<View>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("catalog::types::show", "Show a volume type")
            .answers(200, One("volume_type", part::<View>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("catalog::types::extra_specs", "List a type's extra specs")
            .description("There are none.")
            .answers(200, One("extra_specs", part::<Texts>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("catalog::types::encryption", "Show how volumes of a type are encrypted")
            .description("Not at all: an empty object. For admins only.")
            .answers(200, Object)
            .refuses(&[Kind::NotFound, Kind::Forbidden]),
        Operation::new("catalog::zones::list", "List availability zones")
            .answers(200, Rows("availabilityZoneInfo", part::<Zone>())),
        Operation::new("catalog::extensions::list", "List extensions").answers(200, Rows("extensions", part::<Extension>())),
        Operation::new("catalog::extensions::show", "Show an extension")
            .answers(200, One("extension", part::<Extension>()))
            .refuses(&[Kind::NotFound]),
        Operation::new("catalog::backend::services", "List the services")
            .description("For admins only.")
            .answers(200, Rows("services", part::<ServiceView>()))
            .query(&[SERVICES])
            .refuses(&[Kind::Forbidden]),
        Operation::new("catalog::backend::hosts", "List the hosts")
            .description("For admins only.")
            .answers(200, Rows("hosts", part::<HostView>()))
            .refuses(&[Kind::Forbidden]),
        Operation::new("catalog::backend::pools", "List the storage pools")
            .description("For admins only.")
            .answers(200, Rows("pools", part::<PoolView>()))
            .query(&[POOLS])
            .refuses(&[Kind::Forbidden]),
    ],
};
