//! The two styles of error bodies.

use super::words::words;

/// A style of error bodies: EVS's, or the one that OpenStack's services share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Evs,
    Openstack,
}

words!(Dialect { Evs = "evs", Openstack = "openstack" });
