//! As whom this service asks a Keystone.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

/// A user with a role on a project, or a credential that stands for both.
pub enum Account {
    User { name: String, domain: String, password: SecretString, project: String, project_domain: String },
    ApplicationCredential { id: String, secret: SecretString },
}

impl Account {
    /// What is sent for a token. Secret.
    pub fn sign_in(&self) -> Value {
        match self {
            Self::User { name, domain, password, project, project_domain } => {
                let user = json!({"name": name, "domain": {"name": domain}, "password": password.expose_secret()});
                json!({"auth": {
                    "identity": {"methods": ["password"], "password": {"user": user}},
                    "scope": {"project": {"name": project, "domain": {"name": project_domain}}},
                }})
            }
            Self::ApplicationCredential { id, secret } => {
                let credential = json!({"id": id, "secret": secret.expose_secret()});
                json!({"auth": {"identity": {"methods": ["application_credential"], "application_credential": credential}}})
            }
        }
    }
}
