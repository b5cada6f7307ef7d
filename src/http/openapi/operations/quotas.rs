//! Quotas and limits.

use crate::http::{
    answer::{
        problem::Kind,
        shape::{Part, part},
    },
    openapi::operation::{
        Content::{Either, One},
        Operation, Subject,
    },
    resources::quotas::{
        LIMITS, SHOW,
        asked::{SetLimits, SetQuotas},
        view::{AllLimits, Limit, QuotaSet, Resources, Used},
    },
};

const LIMITS_OF: Part = part::<QuotaSet<Limit>>().called(|| "QuotaSet".into());
const USAGE_OF: Part = part::<QuotaSet<Used>>().called(|| "QuotaUsage".into());
const LIMITS_ALONE: Part = part::<Resources<Limit>>().called(|| "Quotas".into());

/// Rows of quota sets, of the one quota class, and of limits.
pub const QUOTAS: Subject = Subject {
    name: "quotas",
    what: "What a project may have, and what it has.",
    operations: &[
        Operation::new("quotas::show", "Show a project's quotas")
            .answers(200, Either("quota_set", [LIMITS_OF, USAGE_OF]))
            .query(&[SHOW])
            .refuses(&[Kind::ProjectMalformed, Kind::NotFound, Kind::Forbidden]),
        Operation::new("quotas::set", "Set a project's quotas")
            .takes(One("quota_set", part::<SetQuotas>()))
            .answers(200, One("quota_set", LIMITS_ALONE))
            .refuses(&[Kind::ProjectMalformed, Kind::NotFound, Kind::Forbidden]),
        Operation::new("quotas::reset", "Make a project's quotas the default ones").refuses(&[
            Kind::ProjectMalformed,
            Kind::NotFound,
            Kind::Forbidden,
        ]),
        Operation::new("quotas::defaults", "Show the quotas of a project that has none of its own")
            .answers(200, One("quota_set", LIMITS_OF))
            .refuses(&[Kind::ProjectMalformed, Kind::NotFound, Kind::Forbidden]),
        Operation::new("quotas::show_class", "Show the default quotas")
            .answers(200, One("quota_class_set", LIMITS_OF))
            .refuses(&[Kind::NotFound, Kind::Forbidden]),
        Operation::new("quotas::set_class", "Set the default quotas")
            .takes(One("quota_class_set", part::<SetLimits>()))
            .answers(200, One("quota_class_set", LIMITS_ALONE))
            .refuses(&[Kind::NotFound, Kind::Forbidden]),
        Operation::new("quotas::absolute", "Show limits and what there is of them")
            .answers(200, One("limits", part::<AllLimits>()))
            .query(&[LIMITS]),
    ],
};
