//! Records of the built-in identity: projects, users with what they sign in with, and roles beside those that are always there.

use super::prelude::*;
use crate::domain::identity::{Credential, CredentialKind, Entity, EntityKind, id_of};

/// A record of the lists `roles`, `projects` and `users`.
pub struct IdentityRecord {
    pub place: Place,
    pub kind: EntityKind,
    pub fields: EntityFields,
}

record! {
    /// What a record says. What may be left out of a user's, and is, stays as it is stored.
    #[derive(Debug, Default, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct EntityFields {
        /// Made of the name where it is left out, so that `project_id: alpha` of a volume is the project of this name.
        pub id: Option<String>, default;
        pub name: String;
        pub enabled: bool, default = "yes";
        pub password: Option<SecretString> => "secret", default, skip_serializing;
        pub password_hash: Option<String>, default, skip_serializing_if = "Option::is_none";
        /// What else was said of it, such as `description` and `email`.
        pub attributes: Map<String, Value>, default, skip_serializing_if = "Map::is_empty";
        /// By the name or id of a project the names of the roles that the user has on it.
        pub roles: BTreeMap<String, Vec<String>>, default, skip_serializing_if = "BTreeMap::is_empty";
        pub access_keys: Vec<AccessKeyFields>, default, skip_serializing_if = "Vec::is_empty";
        pub application_credentials: Vec<ApplicationCredential>, default, skip_serializing_if = "Vec::is_empty";
    }
}

record! {
    /// An access key of a user's: with its secret in a hand-written document, sealed in an export.
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct AccessKeyFields {
        pub access: String;
        pub secret: Option<SecretString> => "secret", default, skip_serializing;
        pub sealed_secret: Option<String>, default, skip_serializing_if = "Option::is_none";
        /// The one project that it opens; left out for all of the user's.
        pub project_id: Option<String>, default, skip_serializing_if = "Option::is_none";
        pub created_at: Option<Time> => "field", default, skip_serializing_if = "Option::is_none";
        pub attributes: Map<String, Value>, default, skip_serializing_if = "Map::is_empty";
    }
}

record! {
    /// An application credential of a user's, whose the record that it stands in says.
    #[derive(Serialize, Deserialize)]
    #[serde(remote = "Credential", deny_unknown_fields)]
    struct ApplicationCredentialFields {
        user_id: String, skip;
        id: String;
        kind: CredentialKind, skip;
        name: Option<String> => "some";
        project_id: Option<String> => "some";
        secret: String, rename = "secret_hash";
        created_at: Time => "field";
        expires_at: Option<Time> => "field", default, skip_serializing_if = "Option::is_none";
        attributes: Map<String, Value>, default, skip_serializing_if = "Map::is_empty";
    }
}

/// An application credential, as yet of nobody's.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApplicationCredential(#[serde(with = "ApplicationCredentialFields")] pub Credential);

fn some<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    String::deserialize(from).map(Some)
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.into())),
        // never what was given
        _ => Err(D::Error::custom("a text expected; put it in quotes")),
    }
}

impl IdentityRecord {
    /// Reads the record at `index` of the list of this kind.
    ///
    /// # Errors
    /// When its name may not be one, or it has another key than a record of its kind.
    pub fn read(kind: EntityKind, index: usize, record: Value) -> Result<Self, Fault> {
        let (place, fields) = Place::open(Self::list(kind), index, record)?;
        let fields: EntityFields = place.read("", &[&fields])?;
        let wrong = |rule| place.field_fault("name", format!("{rule} expected"));
        Entity::may_be_called(kind, &fields.name).map_err(wrong)?;
        let is_users = fields.password.is_some() || fields.password_hash.is_some() || !fields.roles.is_empty();
        if kind != EntityKind::User
            && (is_users || !fields.access_keys.is_empty() || !fields.application_credentials.is_empty())
        {
            return Err(place.fault("has a key that only a user has"));
        }
        let is_one = fields.password.is_none() || fields.password_hash.is_none();
        ensure!(is_one, place.fault("has both password and password_hash; give one of them"));
        let is_keyed = |key: &AccessKeyFields| key.secret.is_some() != key.sealed_secret.is_some();
        if let Some(at) = fields.access_keys.iter().position(|key| !is_keyed(key)) {
            return Err(place.field_fault(format!("access_keys[{at}]"), "secret or sealed_secret expected, and not both"));
        }
        if let Some(id) = fields.id.as_ref().filter(|id| id_of(id) != **id) {
            return Err(place.field_fault("id", value::wrong(&Value::from(id.as_str()), ProjectId::RULE)));
        }
        Ok(Self { place, kind, fields })
    }

    /// The list that records of a kind stand in.
    pub const fn list(kind: EntityKind) -> &'static str {
        ["users", "projects", "roles"][kind as usize]
    }

    /// Its id, given or made of its name.
    pub fn id(&self) -> String {
        self.fields.id.clone().unwrap_or_else(|| id_of(&self.fields.name))
    }
}

/// The fields of an entity's record, of a user with its roles and credentials.
pub(super) fn written(entity: &Entity, roles: BTreeMap<String, Vec<String>>, credentials: &[Credential]) -> EntityFields {
    let of = |kind| credentials.iter().filter(move |credential| credential.kind == kind).cloned();
    let access_key = |key: Credential| {
        let Credential { id: access, secret, project_id, created_at, attributes, .. } = key;
        let (sealed_secret, created_at) = (Some(secret), Some(created_at));
        AccessKeyFields { access, secret: None, sealed_secret, project_id, created_at, attributes }
    };
    let access_keys = of(CredentialKind::AccessKey).map(access_key).collect();
    let application_credentials = of(CredentialKind::Application).map(ApplicationCredential).collect();
    let Entity { id, name, enabled, password: password_hash, attributes, .. } = entity.clone();
    let (id, password) = (Some(id), None);
    EntityFields { id, name, enabled, password, password_hash, attributes, roles, access_keys, application_credentials }
}
