//! The styles of error bodies.

str_enum! {
    /// A style of error bodies: EVS's, or the one that OpenStack's services share.
    pub enum Dialect {
        Evs = "evs",
        Openstack = "openstack",
        /// Keystone's: of the identity's paths, whatever the others have.
        Keystone = "keystone",
    }
}
