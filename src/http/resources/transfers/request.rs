//! The bodies of create and accept.

use crate::domain::transfer::Resource;
use crate::domain::{AuthKey, TransferName};
use crate::http::request::fields::Name;
use crate::http::resources::prelude::*;
use crate::service::transfers::Create;

/// An offer to be made.
#[derive(Deserialize, ToSchema)]
pub struct CreateTransfer {
    /// The volume to offer, in any form of a UUID.
    volume_id: VolumeId,
    /// White space around it is removed.
    #[schema(value_type = Option<TransferName>)]
    name: Option<Name>,
    /// Whether the volume's snapshots stay with the donor.
    #[serde(default)]
    no_snapshots: LooseBool,
}

impl Under for CreateTransfer {
    const NAME: &'static str = "transfer";
    const KEYS: &'static [FieldRule] = &[FieldRule::since("no_snapshots", 55).only_on(Resource::VolumeTransfers)];
}

impl CreateTransfer {
    /// What is asked for, on this path and version.
    pub fn asked(self, call: &Call) -> Create {
        Create {
            volume_id: self.volume_id.0,
            name: self.name.map(|Name(name)| name),
            made_on: call.made_on(),
            no_snapshots: self.no_snapshots.0,
        }
    }
}

/// The claim to an offer.
#[derive(Deserialize, ToSchema)]
pub struct AcceptTransfer {
    /// What the answer to create showed. An integer is compared as its digits.
    #[schema(value_type = AuthKey)]
    pub auth_key: fields::Key,
}

impl Under for AcceptTransfer {
    const NAME: &'static str = "accept";
}
