//! The bodies of what changes a type. Source of their rules: Cinder's `api/schemas`.

use serde::de::Error;

use crate::domain::volume_type::ControlLocation;
use crate::http::request::body::{self, Body};
use crate::http::request::content::Content;
use crate::http::resources::prelude::*;
use crate::service::volume_types::{Change, Encrypted};

/// A type to be made.
#[derive(Deserialize, ToSchema)]
pub struct CreateType {
    name: TypeName,
    description: Option<Text>,
    /// Whether every project sees it; true where it is left out.
    #[serde(rename = "os-volume-type-access:is_public")]
    is_public: Option<LooseBool>,
    #[serde(default, deserialize_with = "specs")]
    #[schema(value_type = Option<Texts>)]
    extra_specs: Texts,
}

impl Under for CreateType {
    const NAME: &'static str = "volume_type";
    const IGNORES_NULLS: bool = true;
}

impl CreateType {
    /// What is asked for.
    pub fn asked(self) -> Change {
        Change::Make {
            name: self.name.0,
            description: self.description.map(|Text(text)| text),
            is_public: self.is_public.is_none_or(|LooseBool(is_public)| is_public),
            extra_specs: self.extra_specs.0,
        }
    }
}

/// What is to be different of a type.
#[derive(Deserialize, ToSchema)]
pub struct UpdateType {
    name: Option<TypeName>,
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
    /// When that is nothing.
    pub fn asked(self) -> Result<Change, Problem> {
        let Self { name, description, is_public } = self;
        if name.is_none() && description.is_none() && is_public.is_none() {
            return Err(malformed("Specify volume type name, description, is_public or a combination thereof."));
        }
        Ok(Change::Update {
            name: name.map(|TypeName(name)| name),
            description: description.map(|Text(text)| text),
            is_public: is_public.map(|LooseBool(is_public)| is_public),
        })
    }
}

/// What a type is called: 1 to 255 characters.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 255)]
pub struct TypeName(String);

impl<'de> Deserialize<'de> for TypeName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Text(name) = Text::deserialize(from)?;
        if name.is_empty() {
            return Err(D::Error::custom("Volume type name can not be empty. Give 1 to 255 characters."));
        }
        Ok(Self(name))
    }
}

/// What is wrong with the key of an extra spec: it has not only letters, digits, `:`, `-`, `_`, `.` and blanks.
fn wrong_key(Texts(specs): &Texts) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || ":-_. ".contains(c);
    let key = specs.keys().find(|key| !key.chars().all(fits))?;
    Some(format!("has the key {}, which has not only letters, digits, `:`, `-`, `_`, `.` and blanks.", quoted(key)))
}

fn specs<'de, D: Deserializer<'de>>(from: D) -> Result<Texts, D::Error> {
    let specs = Texts::deserialize(from)?;
    wrong_key(&specs).map_or(Ok(specs), |why| Err(D::Error::custom(why)))
}

/// Some extra specs; or one, which stands in the body by itself.
pub struct Specs<const IS_ONE: bool>(pub Map<String, Value>);

impl<const IS_ONE: bool> Body for Specs<IS_ONE> {
    const CONTENT: Content = if IS_ONE { Whole(part::<Texts>()) } else { One("extra_specs", part::<Texts>()) };

    fn read(call: &mut Call) -> Result<Self, Problem> {
        let (name, sent) = ("extra_specs", call.body.take());
        let sent = if IS_ONE { body::object("body", sent)? } else { body::under(sent, name, None)? };
        let specs = body::fields(call, name, sent)?;
        wrong_key(&specs).map_or(Ok(Self(specs.0)), |why| Err(malformed(format!("{name} {why}"))))
    }
}

/// How volumes of a type are to be encrypted.
#[derive(Deserialize, ToSchema)]
pub struct CreateEncryption {
    /// What encrypts, such as luks.
    provider: Text,
    #[serde(deserialize_with = "location")]
    #[schema(value_type = String, pattern = "^(front-end|back-end)$", examples("front-end"))]
    control_location: ControlLocation,
    cipher: Option<Text>,
    key_size: Option<Bits>,
}

impl Under for CreateEncryption {
    const NAME: &'static str = "encryption";
    const IGNORES_NULLS: bool = true;
}

impl CreateEncryption {
    /// What is asked for.
    pub fn asked(self) -> Encrypted {
        let Self { provider, control_location, cipher, key_size } = self;
        UpdateEncryption { provider: Some(provider), control_location: Some(control_location), cipher, key_size }.asked()
    }
}

/// What is to be different of how volumes of a type are encrypted.
#[derive(Deserialize, ToSchema)]
pub struct UpdateEncryption {
    provider: Option<Text>,
    #[serde(default, deserialize_with = "some_location")]
    #[schema(value_type = Option<String>, pattern = "^(front-end|back-end)$", examples("front-end"))]
    control_location: Option<ControlLocation>,
    cipher: Option<Text>,
    key_size: Option<Bits>,
}

impl Under for UpdateEncryption {
    const NAME: &'static str = "encryption";
    const IGNORES_NULLS: bool = true;
}

impl UpdateEncryption {
    /// What is asked for.
    pub fn asked(self) -> Encrypted {
        Encrypted {
            provider: self.provider.map(|Text(provider)| provider),
            control_location: self.control_location,
            cipher: self.cipher.map(|Text(cipher)| cipher),
            key_size: self.key_size.map(|Bits(bits)| bits),
        }
    }
}

fn location<'de, D: Deserializer<'de>>(from: D) -> Result<ControlLocation, D::Error> {
    let Text(word) = Text::deserialize(from)?;
    let refused = || D::Error::custom(format_args!("is {}; give {}.", quoted(&word), ControlLocation::WORDS.join(" or ")));
    ControlLocation::parse(&word).ok_or_else(refused)
}

fn some_location<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ControlLocation>, D::Error> {
    location(from).map(Some)
}

/// A whole number of bits.
#[derive(ToSchema)]
#[schema(value_type = i64, minimum = 0, examples(256))]
pub struct Bits(i64);

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields::Limit(bits) = fields::Limit::deserialize(from)?;
        if bits < 0 { Err(D::Error::custom("is negative; give a number of bits.")) } else { Ok(Self(bits)) }
    }
}

/// The project whose access is to be another.
#[derive(Deserialize, ToSchema)]
pub struct OfProject {
    pub project: ProjectId,
}

impl Versioned for OfProject {}
