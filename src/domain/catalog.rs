//! What the settings name of what the cloud offers: volume types to begin with, and availability zones.

use super::{Id, VolumeType};

/// The types and zones that there are.
pub struct Catalog {
    /// The names of the types that there are to be: at least one, the default's first.
    pub types: Vec<String>,
    /// Without them any zone is taken.
    pub zones: Vec<String>,
}

/// The one backend that keeps the volumes, named as Cinder names its many: `host@backend`.
pub const HOST: &str = "handover@records";
/// Its one pool: `host@backend#pool`.
pub const POOL: &str = "handover@records#records";

/// The zone that is listed where none was named. Source: Cinder's `storage_availability_zone`.
const NOVA: &str = "nova";

impl Catalog {
    /// The type of a volume that names none: that which is called so; else, renamed since, that which was made under this id.
    pub fn default_type(&self) -> Option<(&str, Id)> {
        self.types.first().map(|name| (name.as_str(), VolumeType::id_of(name)))
    }

    /// The zones to choose from.
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().map(String::as_str).chain(self.zones.is_empty().then_some(NOVA))
    }

    /// The zone of a volume that names none.
    pub fn default_zone(&self) -> &str {
        self.zones().next().unwrap_or(NOVA)
    }

    /// Whether a volume may be made in a zone.
    pub fn has_zone(&self, name: &str) -> bool {
        self.zones.is_empty() || self.zones.iter().any(|zone| zone == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_zones_any_is_taken_and_nova_is_listed() {
        let any = Catalog { types: Vec::new(), zones: Vec::new() };
        assert!(any.has_zone("az-dc-1"));
        assert_eq!(any.zones().collect::<Vec<_>>(), ["nova"]);
        let two = Catalog { zones: vec!["az1".to_owned(), "az2".to_owned()], ..any };
        assert!(!two.has_zone("nova") && two.has_zone("az2"));
        assert_eq!(two.default_zone(), "az1");
    }
}
