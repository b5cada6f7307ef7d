//! The bodies of identity, in Keystone's forms. What they hold beside what is known of them is kept, or ignored.

use utoipa::openapi::Type;
use utoipa::openapi::schema::SchemaType;

use crate::domain::identity::DOMAIN;
use crate::http::answer::types::schemas;
use crate::http::request::body::{self, Body, Content};
use crate::http::resources::prelude::*;
use crate::service;
use crate::service::identity::sign_in::{Method, Named, Scope};

bodies! {
    /// How somebody signs in, and where.
    Auth under "auth" {
        identity: Proof,
        scope: Option<Where>,
    };

    /// Who it is, and what proves it.
    Proof {
        /// One of password, token and application_credential.
        methods: Vec<String>,
        password: Option<PasswordProof>,
        token: Option<TokenProof>,
        application_credential: Option<CredentialProof>,
    };

    PasswordProof {
        user: UserProof,
    };

    UserProof {
        id: Option<String>,
        name: Option<String>,
        domain: Option<DomainReference>,
        password: Secret,
    };

    TokenProof {
        id: Secret,
    };

    CredentialProof {
        id: Option<String>,
        name: Option<String>,
        user: Option<Reference>,
        secret: Secret,
    };

    /// Something by its id, or by its name and its domain.
    #[schema(as = NamedReference)]
    Reference {
        id: Option<String>,
        name: Option<String>,
        domain: Option<DomainReference>,
    };

    DomainReference {
        id: Option<String>,
        name: Option<String>,
    };

    /// A user, a project or a role as it is to be: of one that is there, what is to change.
    EntityFields {
        /// Needed of what is made.
        name: Option<String>,
        enabled: Option<bool>,
        /// A user's.
        password: Option<Secret>,
        /// One's own password until now, of who changes it.
        original_password: Option<Secret>,
        /// Such as `description` and `email`.
        #[serde(flatten)]
        attributes: Map<String, Value>,
    };

    /// An application credential to be made.
    NewCredential under "application_credential" {
        name: String,
        description: Option<String>,
        /// Drawn where none is given.
        secret: Option<Secret>,
        /// By id or by name, some of the caller's own; all where none is given.
        roles: Option<Vec<RoleReference>>,
        expires_at: Option<String>,
        unrestricted: Option<bool>,
        /// Not taken here.
        access_rules: Option<Vec<Value>>,
    };

    /// A role by its id or its name.
    RoleReference {
        id: Option<String>,
        name: Option<String>,
    };

    /// An access key to be made.
    NewAccessKey under "credential" {
        /// The caller's own, where none is given.
        user_id: Option<String>,
        description: Option<String>,
    };
}

/// Where somebody wants to be, as it was sent.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Where(Value);

schemas! {
    Where: SchemaType::from_iter([Type::Object, Type::String]),
        "A project, by its id or by its name and domain; `\"unscoped\"` for none.",
        json!({"project": {"name": "alpha", "domain": {"id": "default"}}}), |any| any;
}

impl Reference {
    /// What it names. Whoever believes everybody asks for no domain.
    fn named(self, call: &Call, what: &'static str) -> Result<Named> {
        let Self { id, name, domain } = self;
        if let Some(id) = id {
            return Ok(Named::Id(id));
        }
        let name = name.ok_or_else(|| body::expecting("id or name", what))?;
        let is_ours =
            |domain: DomainReference| domain.id.as_deref() == Some(DOMAIN) || domain.name.as_deref() == Some("Default");
        match domain {
            _ if call.cx().believes() => Ok(Named::Name(name)),
            None => Err(body::expecting("domain", what)),
            Some(domain) => Ok(if is_ours(domain) { Named::Name(name) } else { Named::Elsewhere }),
        }
    }
}

impl Auth {
    /// What is asked for.
    pub fn asked(self, call: &Call) -> Result<(Method, Scope)> {
        let Proof { methods, password, token, application_credential } = self.identity;
        let refused = |why: &str| Err(Problem::new(Kind::Unauthenticated, why));
        let method = match methods.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["password"] => {
                let UserProof { id, name, domain, password } =
                    password.ok_or_else(|| body::expecting("password", "identity"))?.user;
                Method::Password { user: Reference { id, name, domain }.named(call, "user")?, password: password.0 }
            }
            ["token"] => Method::Token(token.ok_or_else(|| body::expecting("token", "identity"))?.id.0),
            ["application_credential"] => {
                if self.scope.is_some() {
                    return refused("Invalid authentication method: Application credentials cannot request a scope.");
                }
                let CredentialProof { id, name, user, secret } =
                    application_credential.ok_or_else(|| body::expecting("application_credential", "identity"))?;
                let user = user.map(|user| user.named(call, "user")).transpose()?;
                let named = id.map(Named::Id).or_else(|| name.map(Named::Name));
                let named = named.ok_or_else(|| body::expecting("id or name", "application_credential"))?;
                ensure!(user.is_some() || matches!(named, Named::Id(_)), body::expecting("user", "application_credential"));
                Method::ApplicationCredential { named, user, secret: secret.0 }
            }
            [] => return refused(service::identity::sign_in::REFUSED),
            _ => return refused("Attempted to authenticate with an unsupported method."),
        };
        Ok((method, scope(call, self.scope.map(|Where(sent)| sent))?))
    }
}

fn scope(call: &Call, scope: Option<Value>) -> Result<Scope> {
    let mut scope = match scope {
        None | Some(Value::Null) => return Ok(Scope::Unsaid),
        Some(Value::String(word)) if word == "unscoped" => return Ok(Scope::Unscoped),
        Some(Value::Object(scope)) if scope.contains_key("unscoped") => return Ok(Scope::Unscoped),
        Some(Value::Object(scope)) => scope,
        Some(_) => return Err(malformed("scope is neither an object nor `unscoped`.")),
    };
    let Some(project) = scope.remove("project") else { return Ok(Scope::Elsewhere) };
    let project =
        Reference::deserialize(project).map_err(|_| malformed("scope.project is of another type than is expected there."))?;
    Ok(Scope::Project(project.named(call, "project")?))
}

/// What an entity has of which nobody else has a say.
const FIXED: [&str; 9] =
    ["id", "links", "domain_id", "options", "is_domain", "parent_id", "tags", "extra", "password_expires_at"];

/// The body of one kind, which `KIND` is the number of.
pub struct EntityBody<const KIND: usize>(pub EntityFields);

impl<const KIND: usize> Body for EntityBody<KIND> {
    const CONTENT: Content = One(EntityKind::WORDS[KIND], part::<EntityFields>());

    fn read(call: &mut Call) -> Result<Self> {
        let name = EntityKind::WORDS[KIND];
        body::expect_named(call, name)?;
        let sent = call.body.take();
        let mut fields: EntityFields = body::fields(call, name, body::under(sent, name, None)?)?;
        let domain = fields.attributes.get("domain_id").filter(|domain| !domain.is_null());
        if let Some(other) = domain.filter(|domain| *domain != DOMAIN) {
            let other = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            return Err(problem!(NotFound, "Could not find domain: {}.", shown(&other)));
        }
        fields.attributes.retain(|key, _| !FIXED.contains(&key.as_str()));
        Ok(Self(fields))
    }
}
