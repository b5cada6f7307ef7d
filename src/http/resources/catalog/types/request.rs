//! The bodies of what changes a type. Source of their rules: Cinder's `api/schemas`.

use serde::de::Error;

use crate::http::request::body::{self, Body};
use crate::http::request::content::Content;
use crate::http::request::fields::Positive;
use crate::http::resources::prelude::*;
use crate::service::volume_types::Change;

/// A type to be made.
#[derive(Deserialize, ToSchema)]
pub struct CreateType {
    name: Text,
    description: Option<Text>,
    /// Whether every project sees it; true where it is left out.
    #[serde(rename = "os-volume-type-access:is_public")]
    is_public: Option<LooseBool>,
    extra_specs: Option<Texts>,
}

impl Under for CreateType {
    const NAME: &'static str = "volume_type";
    const IGNORES_NULLS: bool = true;
}

impl CreateType {
    /// What is asked for.
    ///
    /// # Errors
    /// When it has no name, or an extra spec no key that one may have.
    pub fn asked(self) -> Result<Change, Problem> {
        Ok(Change::Make {
            name: name(self.name)?,
            description: self.description.map(|Text(text)| text),
            is_public: self.is_public.is_none_or(|LooseBool(is_public)| is_public),
            extra_specs: specs(self.extra_specs.unwrap_or_default())?,
        })
    }
}

/// What is to be different of a type.
#[derive(Deserialize, ToSchema)]
pub struct UpdateType {
    name: Option<Text>,
    description: Option<Text>,
    is_public: Option<LooseBool>,
}

impl Under for UpdateType {
    const NAME: &'static str = "volume_type";
    const IGNORES_NULLS: bool = true;
}

impl UpdateType {
    /// What is asked for.
    ///
    /// # Errors
    /// When that is nothing, or no name.
    pub fn asked(self) -> Result<Change, Problem> {
        if self.name.is_none() && self.description.is_none() && self.is_public.is_none() {
            return Err(malformed("Specify volume type name, description, is_public or a combination thereof."));
        }
        Ok(Change::Update {
            name: self.name.map(name).transpose()?,
            description: self.description.map(|Text(text)| text),
            is_public: self.is_public.map(|LooseBool(is_public)| is_public),
        })
    }
}

fn name(Text(name): Text) -> Result<String, Problem> {
    let empty = || malformed("Volume type name can not be empty. Give 1 to 255 characters.");
    if name.is_empty() { Err(empty()) } else { Ok(name) }
}

fn specs(Texts(specs): Texts) -> Result<Map<String, Value>, Problem> {
    match specs.keys().find(|key| !VolumeType::is_spec(key)) {
        Some(key) => Err(malformed(format!("extra_specs has the key {}; give {}.", quoted(key), VolumeType::SPEC))),
        None => Ok(specs),
    }
}

/// Some extra specs; or one, which stands in the body by itself.
pub struct Specs<const IS_ONE: bool>(pub Map<String, Value>);

impl<const IS_ONE: bool> Body for Specs<IS_ONE> {
    const CONTENT: Content = if IS_ONE { Whole(part::<Texts>()) } else { One("extra_specs", part::<Texts>()) };

    fn read(call: &mut Call) -> Result<Self, Problem> {
        let (name, sent) = ("extra_specs", call.body.take());
        let sent = if IS_ONE { body::object("body", sent)? } else { body::under(sent, name, None)? };
        specs(body::fields(call, name, sent)?).map(Self)
    }
}

/// On the server that has the volumes, or where they are kept.
fn control_location<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let given = Value::deserialize(from)?;
    let known = given.as_str().filter(|word| ["front-end", "back-end"].contains(word)).map(str::to_owned);
    known.map(Some).ok_or_else(|| D::Error::custom("must be one of front-end, back-end."))
}

/// What is said of how volumes of a type are to be encrypted; a new encryption has provider and control_location.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code)] // what was sent is taken once it is known to be this
pub struct SetEncryption {
    /// What encrypts, such as luks.
    provider: Option<Text>,
    /// `front-end` or `back-end`.
    #[serde(default, deserialize_with = "control_location")]
    #[schema(value_type = Option<String>, pattern = "^(front|back)-end$", examples("front-end"))]
    control_location: Option<String>,
    cipher: Option<Text>,
    /// Bits.
    key_size: Option<Positive>,
}

impl Versioned for SetEncryption {
    const IGNORES_NULLS: bool = true;
}

/// The fields of an encryption.
pub struct Encrypted(pub Map<String, Value>);

impl Body for Encrypted {
    const CONTENT: Content = One("encryption", part::<SetEncryption>());

    fn read(call: &mut Call) -> Result<Self, Problem> {
        let mut sent = body::under(call.body.take(), "encryption", None)?;
        sent.retain(|_, value| !value.is_null());
        let read: SetEncryption = body::fields(call, "encryption", sent.clone())?;
        if let Some(Positive(bits)) = read.key_size {
            sent.insert("key_size".to_owned(), json!(bits)); // digits are taken too
        }
        Ok(Self(sent))
    }
}

/// The project whose access is to be another.
#[derive(Deserialize, ToSchema)]
pub struct OfProject {
    pub project: ProjectId,
}

impl Versioned for OfProject {}
