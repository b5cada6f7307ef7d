//! The styles of error bodies.

use super::str_enum::str_enum;

/// A style of error bodies: EVS's, or the one that OpenStack's services share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Evs,
    Openstack,
    /// Keystone's: of the identity's paths, whatever the others have.
    Keystone,
}

str_enum!(Dialect { Evs = "evs", Openstack = "openstack", Keystone = "keystone" });
