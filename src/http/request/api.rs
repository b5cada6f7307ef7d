//! The parts of the surface, told by how a path begins.

use percent_encoding::percent_decode_str;

use crate::domain::Dialect;

/// A part of the surface with rules of its own: dialect, microversions, limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    V2,
    V3,
    /// Identity: `/identity/v3`, in Keystone's ways.
    Identity,
    /// Our own: `/handover/v1`.
    Own,
    /// Everything outside: version documents, health, metrics, the OpenAPI document.
    Public,
}

impl Api {
    /// By the first segment of a raw path, known route or not.
    pub fn of(raw_path: &str) -> Self {
        let first =
            percent_decode_str(raw_path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default()).decode_utf8();
        match first.as_deref().ok() {
            Some("v2") => Self::V2,
            Some("v3") => Self::V3,
            Some("identity") => Self::Identity,
            Some("handover") => Self::Own,
            _ => Self::Public,
        }
    }

    /// The dialect of its errors, where no setting forces one.
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::V2 => Dialect::Evs,
            Self::V3 | Self::Own | Self::Public => Dialect::Openstack,
            Self::Identity => Dialect::Keystone,
        }
    }

    /// What its paths begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::V2 => "/v2",
            Self::V3 => "/v3",
            Self::Identity => "/identity/v3",
            Self::Own => "/handover/v1",
            Self::Public => "",
        }
    }
}
