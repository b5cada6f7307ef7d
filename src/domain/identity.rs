//! The built-in identity: users, projects and roles, who has which role where, and what users sign in with.
//! Source: OpenStack's Identity API v3.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::prelude::*;

/// The one domain that there is.
pub const DOMAIN: &str = "default";

str_enum! {
    /// What an entity is.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum EntityKind {
        User = "user",
        Project = "project",
        Role = "role",
    }

    /// What a credential is for.
    #[derive(Default)]
    pub enum CredentialKind {
        /// To sign in with: an application credential.
        #[default]
        Application = "application",
        /// To sign requests with: an access key.
        AccessKey = "access_key",
    }
}

/// A user, a project or a role: what has an id and a name of its own.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize_tuple)]
pub struct Entity {
    pub kind: EntityKind,
    /// As a project id is, of the others too.
    pub id: String,
    /// Of its kind no other has it.
    pub name: String,
    #[serde(deserialize_with = "stored::flag")]
    pub enabled: bool,
    /// The PHC string of a user's password; `None` where nobody signs in by one.
    pub password: Option<String>,
    /// What else was said of it, such as `description`, `email` or `default_project_id`.
    #[serde(with = "stored::object")]
    pub attributes: Map<String, Value>,
}

impl Entity {
    /// One of this id and name of which nothing else is known.
    pub fn new(kind: EntityKind, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, id: id.into(), name: name.into(), enabled: true, password: None, attributes: Map::new() }
    }

    /// One that is believed to be there, by what it is called.
    pub fn believed(kind: EntityKind, name: &str) -> Self {
        Self::new(kind, id_of(name), name)
    }

    /// Whether something of this kind may be called so.
    ///
    /// # Errors
    /// What its name may be.
    pub fn may_be_called(kind: EntityKind, name: &str) -> Result<(), String> {
        let most = if kind == EntityKind::Project { 64 } else { 255 };
        let may = !name.trim().is_empty() && name.chars().count() <= most && !name.contains('\0');
        if may { Ok(()) } else { Err(format!("1 to {most} characters, not all blank")) }
    }
}

/// A role that a user has on a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize_tuple)]
pub struct Grant {
    pub project_id: String,
    pub user_id: String,
    pub role_id: String,
}

/// What a user has beside a password.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize_tuple)]
pub struct Credential {
    pub user_id: String,
    pub id: String,
    pub kind: CredentialKind,
    /// Of an application credential: of the user's no other has it.
    pub name: Option<String>,
    /// The project that it opens; `None` of an access key for all of the user's.
    pub project_id: Option<String>,
    /// Of an application credential the PHC string of its secret, of an access key the secret itself, sealed.
    pub secret: String,
    pub created_at: Time,
    pub expires_at: Option<Time>,
    /// `description`; of an application credential also `roles` (ids), all that it has of the user's, and `unrestricted`.
    #[serde(with = "stored::object")]
    pub attributes: Map<String, Value>,
}

impl Credential {
    /// One of which nothing else is known.
    pub fn new(kind: CredentialKind, id: String, user_id: String, created_at: Time) -> Self {
        Self { user_id, id, kind, created_at, ..Self::default() }
    }

    /// Of the user's roles those that it has, by their ids.
    pub fn roles(&self) -> Vec<&str> {
        self.attributes.get("roles").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The hash of its secret, where that is what is kept.
    pub fn secret_hash(&self) -> Option<&str> {
        (self.kind == CredentialKind::Application).then_some(&self.secret)
    }

    /// Whether who has signed in by it may make others.
    pub fn is_unrestricted(&self) -> bool {
        self.attributes.get("unrestricted") == Some(&Value::Bool(true))
    }
}

/// A token that was given out. Its text is not known, only its hash.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize_tuple)]
pub struct Session {
    /// SHA-256 of the token, in hexadecimal digits.
    pub token_hash: String,
    pub user_id: String,
    pub project_id: Option<String>,
    /// The application credential that it was got by.
    pub credential_id: Option<String>,
    pub issued_at: Time,
    pub expires_at: Time,
    /// How the user has signed in, the latest way first, such as `password`; between blanks.
    pub methods: String,
    /// Its own id for audits, then that of the first token that it came from; between blanks.
    pub audit_ids: String,
}

/// Who has signed in, where, and as what: a token with all that it stands for now.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedIn {
    pub session: Session,
    pub user: Entity,
    pub project: Option<Entity>,
    /// With those that they imply; empty without a project.
    pub roles: Vec<Entity>,
    pub credential: Option<Credential>,
}

/// What the form begins with that holds names which fit no header.
const ENCODED: char = '=';

/// Who is believed without proof: a user, and a project where one was named, by what they are called. The token that says so is
/// `user:project`, or a form of it that fits a header where a name does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed {
    pub user: String,
    pub project: Option<String>,
}

impl Believed {
    /// The token that says so.
    pub fn token(&self) -> String {
        let project = self.project.as_deref().unwrap_or_default();
        let fits = |name: &str| name.is_empty() || ProjectId::parse(name).is_some();
        if fits(&self.user) && fits(project) {
            return format!("{}:{project}", self.user);
        }
        let encoded = |name| utf8_percent_encode(name, NON_ALPHANUMERIC);
        format!("{ENCODED}{}:{}", encoded(&self.user), encoded(project))
    }

    /// What a token says, in either of its forms.
    pub fn said(token: &str) -> Option<Self> {
        let plain = || {
            let (user, project) = token.split_once(':')?;
            Some(Self { user: user.to_owned(), project: Some(project.to_owned()).filter(|project| !project.is_empty()) })
        };
        Self::encoded(token).or_else(plain)
    }

    /// What a token of that form says; `None` of any other, which is `user:project` as it stands.
    pub fn encoded(token: &str) -> Option<Self> {
        let (user, project) = token.strip_prefix(ENCODED)?.split_once(':')?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
        Some(Self { user: decoded(user)?, project: Some(decoded(project)?).filter(|project| !project.is_empty()) })
    }
}

/// The id of what is believed to be there: its name where that may be one, else a UUID (version 5) of it, without hyphens.
pub fn id_of(name: &str) -> String {
    let named = || Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).simple().to_string();
    ProjectId::parse(name).map_or_else(named, |id| id.to_string())
}

/// Of all roles those that whoever has `granted` (ids) has, those that they imply among them.
pub fn effective<'r>(all: &'r [Entity], granted: &[&str]) -> Vec<&'r Entity> {
    let granted = || all.iter().filter(|role| granted.contains(&role.id.as_str()));
    let implies = |role: &Entity, other: &str| role.name == other || Roles::implied(&role.name).contains(&other);
    all.iter().filter(|other| granted().any(|role| implies(role, &other.name))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_fits_a_header_and_says_what_it_was_made_of(user in ".{1,40}", project in proptest::option::of(".{1,40}")) {
            let believed = Believed { user, project };
            let token = believed.token();
            prop_assert!(token.bytes().all(|byte| byte.is_ascii_graphic()), "{token}");
            prop_assert_eq!(Believed::said(&token), Some(believed.clone()));
            if token.starts_with('=') {
                prop_assert_eq!(Believed::encoded(&token), Some(believed));
            } else {
                prop_assert_eq!(token.split_once(':'), Some((&*believed.user, &*believed.project.unwrap_or_default())));
            }
        }
    }
}
