//! What the cloud offers: volume types and availability zones. Named in the settings, and the same for everybody.

use uuid::Uuid;

use super::page::{Listed, SortKey};
use super::{Id, ProjectId, Time};

/// The types and zones that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    types: Vec<VolumeType>,
    zones: Option<Vec<String>>,
}

/// A kind of volume, such as SSD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeType {
    /// Made of the name, so that it is the same on every replica and after every start.
    pub id: Id,
    pub name: String,
}

/// What keeps the volumes: one backend with one pool, named as Cinder names its many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// `host@backend`
    pub host: &'static str,
    /// `host@backend#pool`
    pub pool: &'static str,
    pub zone: String,
}

/// What the ids of types are made under: a random UUID, drawn once.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1f_74d3_8b02_4e57_9a3d_27c0_51e8_b4f6);

/// The zone that is listed where none was named. Source: Cinder's `storage_availability_zone`.
const NOVA: &str = "nova";

impl VolumeType {
    /// The type of this name.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { id: Id::new(Uuid::new_v5(&NAMESPACE, name.as_bytes())), name }
    }
}

impl Listed for VolumeType {
    /// Settings have no age, so all types are as old.
    fn place(&self) -> (Id, Time, Option<&ProjectId>) {
        (self.id, Time::EPOCH, None)
    }

    fn text(&self, key: SortKey) -> Option<&str> {
        (key == SortKey::Name).then_some(&self.name)
    }
}

impl Catalog {
    /// With at least one type, of which the first is the default. Without zones any is taken.
    pub fn new(types: impl IntoIterator<Item = String>, zones: Option<Vec<String>>) -> Self {
        Self { types: types.into_iter().map(VolumeType::new).collect(), zones }
    }

    /// Every type, the default first.
    pub fn types(&self) -> &[VolumeType] {
        &self.types
    }

    /// The type of a volume that names none.
    pub fn default_type(&self) -> Option<&VolumeType> {
        self.types.first()
    }

    /// A type by its name or its id in any form.
    pub fn volume_type(&self, name_or_id: &str) -> Option<&VolumeType> {
        let id = Id::parse(name_or_id);
        self.types.iter().find(|known| known.name == name_or_id || Some(known.id) == id)
    }

    /// The zones to choose from.
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        let named = self.zones.as_deref().unwrap_or_default().iter().map(String::as_str);
        named.chain(self.zones.is_none().then_some(NOVA))
    }

    /// The zone of a volume that names none.
    pub fn default_zone(&self) -> &str {
        self.zones().next().unwrap_or(NOVA)
    }

    /// Where all volumes are.
    pub fn backend(&self) -> Backend {
        Backend { host: "handover@records", pool: "handover@records#records", zone: self.default_zone().to_owned() }
    }

    /// Whether a volume may be made in a zone.
    pub fn has_zone(&self, name: &str) -> bool {
        self.zones.as_ref().is_none_or(|zones| zones.iter().any(|zone| zone == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_found_by_its_name_and_by_its_id() {
        let catalog = Catalog::new(["SSD".to_owned(), "SAS".to_owned()], None);
        let sas = catalog.volume_type("SAS").unwrap();
        assert_eq!(catalog.volume_type(&sas.id.to_string().to_uppercase()), Some(sas));
        assert_eq!(sas.id, VolumeType::new("SAS").id);
        assert_eq!(catalog.default_type().unwrap().name, "SSD");
        assert_eq!(catalog.volume_type("sas"), None);
    }

    #[test]
    fn without_zones_any_is_taken_and_nova_is_listed() {
        let any = Catalog::new([], None);
        assert!(any.has_zone("az-dc-1"));
        assert_eq!(any.zones().collect::<Vec<_>>(), ["nova"]);
        let two = Catalog::new([], Some(vec!["az1".to_owned(), "az2".to_owned()]));
        assert!(!two.has_zone("nova") && two.has_zone("az2"));
        assert_eq!(two.default_zone(), "az1");
    }
}
