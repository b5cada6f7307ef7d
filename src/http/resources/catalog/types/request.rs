//! The bodies of what changes a type. Source of their rules: Cinder's `api/schemas`.

use crate::http::request::body::{self, Body};
use crate::http::request::content::Content;
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
    let fits = |c: char| c.is_ascii_alphanumeric() || ":-_. ".contains(c);
    let rule = "which has not only letters, digits, `:`, `-`, `_`, `.` and blanks.";
    match specs.keys().find(|key| !key.chars().all(fits)) {
        Some(key) => Err(malformed(format!("extra_specs has the key {}, {rule}", quoted(key)))),
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

/// Where volumes are encrypted: on the server that has them, or where they are kept.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ControlLocation {
    FrontEnd,
    BackEnd,
}

/// What is said of how volumes of a type are to be encrypted; a new encryption has provider and control_location.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code)] // what was sent is taken once it is known to be this
pub struct SetEncryption {
    /// What encrypts, such as luks.
    provider: Option<Text>,
    #[schema(inline)]
    control_location: Option<ControlLocation>,
    cipher: Option<Text>,
    /// Bits.
    key_size: Option<u32>,
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
        body::fields::<SetEncryption>(call, "encryption", sent.clone())?;
        Ok(Self(sent))
    }
}

/// The project whose access is to be another.
#[derive(Deserialize, ToSchema)]
pub struct OfProject {
    pub project: ProjectId,
}

impl Versioned for OfProject {}
