//! Links, as bodies hold them.

use serde::Serialize;
use utoipa::ToSchema;

/// A `rel` and where it leads.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Link {
    pub rel: &'static str,
    pub href: String,
}
