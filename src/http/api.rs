//! The parts of the surface, told by how a path begins.

/// A part of the surface with rules of its own: dialect, microversions, limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    V2,
    V3,
    /// Everything outside: version documents, health, metrics.
    Outside,
}

impl Api {
    /// By the first segment of a path, known route or not.
    pub fn of(first_segment: Option<&str>) -> Self {
        match first_segment {
            Some("v2") => Self::V2,
            Some("v3") => Self::V3,
            _ => Self::Outside,
        }
    }

    /// What its paths begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::V2 => "/v2",
            Self::V3 => "/v3",
            Self::Outside => "",
        }
    }
}
