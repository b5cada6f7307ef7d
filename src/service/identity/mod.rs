//! The identity that the service itself has: who there is, who may do what where, and signing in. In no-auth mode everybody is
//! believed to be there, and nothing is stored.

pub mod bootstrap;
mod change;
pub mod credentials;
mod see;
pub mod sign_in;
pub mod tries;

use std::path::PathBuf;
use std::sync::OnceLock;

pub use change::{Change, Fields, change, permit_change};
pub use see::{Everybody, credential, credentials, entities, entity, grants, permit, projects_of, roles, token};

use crate::domain::AuthMode;
use crate::secrets::sealing::Seal;
use crate::secrets::{HashPool, SecureRandom};
use crate::service::prelude::*;
use crate::store::identity::{self as stored, CREDENTIALS};

/// What identity stands on.
pub struct Identity {
    pub mode: AuthMode,
    /// A pool of its own: a flood of sign-ins keeps no auth key waiting.
    pub passwords: HashPool,
    /// The fewest characters of a password.
    pub password_length: usize,
    pub token_lifetime: Duration,
    /// The one region that the catalogue names.
    pub region: String,
    pub sign_ins: tries::SignIns,
    /// The file of the key under which secrets of access keys are sealed, made where it is missing; for who gave none.
    pub seal_file: Option<PathBuf>,
    /// That key, once it is known.
    pub seal: OnceLock<Arc<Seal>>,
}

impl Identity {
    /// What seals the secrets of access keys.
    ///
    /// # Errors
    /// What is wrong with its key, and what to do.
    pub fn seal(&self, source: &dyn SecureRandom) -> Result<&Arc<Seal>, String> {
        if let Some(seal) = self.seal.get() {
            return Ok(seal);
        }
        let Some(path) = &self.seal_file else {
            return Err("Access keys need a key that seals their secrets: set --seal-key (HANDOVER_SEAL_KEY).".to_owned());
        };
        let wrong = |problem| format!("The key file {} {problem}.", path.display());
        let seal = Seal::in_file(path, source).map_err(|error| wrong(format!("can be neither read nor made: {error}")))?;
        let seal = seal.ok_or_else(|| wrong(format!("has fewer than {} characters; draw a longer one", Seal::LEAST)))?;
        Ok(self.seal.get_or_init(|| Arc::new(seal)))
    }
}

impl Context {
    /// Whether everybody is believed.
    pub fn believes(&self) -> bool {
        self.service.identity.mode == AuthMode::None
    }

    /// Who `believed` is, signed in now.
    fn believe(&self, believed: &Believed) -> SignedIn {
        let now = self.now();
        let roles = Roles::FIRST.iter().filter(|role| believed.user == Roles::ADMIN || Roles::of(Roles::MEMBER).has(role));
        let user = Entity::believed(EntityKind::User, &believed.user);
        let project = believed.project.as_ref().map(|name| Entity::believed(EntityKind::Project, name));
        let roles = roles.filter(|_| project.is_some()).map(|role| Entity::believed(EntityKind::Role, role)).collect();
        let session = Session {
            user_id: user.id.clone(),
            project_id: project.as_ref().map(|project| project.id.clone()),
            issued_at: now,
            expires_at: now.after(self.service.identity.token_lifetime),
            methods: "password".to_owned(),
            audit_ids: self.new_audit_id(),
            ..Session::default()
        };
        SignedIn { session, user, project, roles, credential: None }
    }

    /// What a token is called in audits: 22 characters.
    fn new_audit_id(&self) -> String {
        hex(self.random_bytes::<11>())
    }

    /// An id for what is to be made: 32 hexadecimal digits.
    pub fn new_entity_id(&self) -> String {
        self.new_id().uuid().simple().to_string()
    }
}

impl Service {
    /// Whether the secrets of access keys open under the key at hand: a start with another would refuse every signed request.
    ///
    /// # Errors
    /// When they do not, or it cannot be known.
    pub async fn seals_open(&self) -> Result<(), String> {
        let looking = async {
            let asked = [("kind", Some(CredentialKind::AccessKey.as_str()))];
            stored::one(&mut self.store.reader().await?, &CREDENTIALS, &asked).await
        };
        let some = looking.await.map_err(|error| error.to_string())?;
        let seal = match self.identity.seal(&*self.random) {
            Ok(seal) => seal,
            Err(_) if some.is_none() => return Ok(()),
            Err(problem) => return Err(problem),
        };
        if some.is_none_or(|key| seal.open(&key.secret, &key.id).is_some()) {
            return Ok(());
        }
        Err("The secrets of access keys were sealed under another key than the one at hand: give it by --seal-key \
             (HANDOVER_SEAL_KEY), or put its file back beside the database."
            .to_owned())
    }
}

/// What is stored under this name already.
fn taken(kind: &str, name: &str) -> Error {
    Error::Conflict(format!(
        "Conflict occurred attempting to store {kind} - Duplicate entry found with name {} at domain ID default.",
        shown(name)
    ))
}
