//! The bodies of create and accept: what they hold, and how each field is read.

use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    domain::{AuthKey, Id, TransferName, transfer::Resource},
    http::{
        answer::{
            problem::Problem,
            shape::{Key, Shape},
            types::Flag,
        },
        request::{
            call::Call,
            fields::{self, Fields, boolean, kind_of, malformed},
        },
    },
    service::transfers::Create,
};

/// An offer to be made.
#[derive(ToSchema)]
pub struct CreateTransfer {
    /// The volume to offer, in any form of a UUID.
    pub volume_id: Id,
    /// White space around it is removed.
    pub name: Option<TransferName>,
    /// Whether the volume's snapshots stay with the donor.
    #[schema(nullable = false)]
    pub no_snapshots: Option<Flag>,
}

impl Shape for CreateTransfer {
    const KEYS: &'static [Key] = &[Key::since("no_snapshots", 55).only_on(Resource::VolumeTransfers)];
}

/// The claim to an offer.
#[derive(ToSchema)]
pub struct AcceptTransfer {
    /// What the answer to create showed. An integer is compared as its digits.
    pub auth_key: AuthKey,
}

impl Shape for AcceptTransfer {}

/// The offer that a body asks for. 400 names the first field that is wrong; of a malformed `volume_id` with its own code.
pub fn create(call: &mut Call) -> Result<Create, Problem> {
    let mut fields = Fields::of(call.body.take(), "transfer")?.without_hidden::<CreateTransfer>(call);
    let volume_id = fields.required("volume_id")?;
    let name = fields.optional("name");
    let no_snapshots = fields.optional("no_snapshots");
    fields.end()?;
    Ok(Create {
        volume_id: fields::volume_id(&volume_id)?,
        name: name.map(|name| name_field(&name)).transpose()?.flatten(),
        made_on: call.made_on(),
        no_snapshots: no_snapshots.map_or(Ok(false), |value| boolean("no_snapshots", &value))?,
    })
}

fn name_field(value: &Value) -> Result<Option<TransferName>, Problem> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => TransferName::parse(text).map(Some).map_err(|error| malformed(format!("The {error}."))),
        other => Err(malformed(format!("name is {}; give a string, null, or leave it out.", kind_of(other)))),
    }
}

/// The key of a body: text, or an integer, which is compared as its digits.
pub fn accept(call: &mut Call) -> Result<AuthKey, Problem> {
    let mut fields = Fields::of(call.body.take(), "accept")?;
    let key = fields.required("auth_key")?;
    fields.end()?;
    match key {
        Value::String(text) => Ok(AuthKey::claimed(text)),
        Value::Number(number) if is_integer(&number) => Ok(AuthKey::claimed(number.to_string())),
        other => Err(malformed(format!("auth_key is {}; give the string that the answer to create showed.", kind_of(&other)))),
    }
}

/// A whole number; one of more than 64 bits is read as a float, and opens nothing.
fn is_integer(number: &serde_json::Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0 && float.abs() >= 2f64.powi(63))
}
