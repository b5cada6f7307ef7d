//! The settings of `--auth keystone`: where the Keystone is, as whom this service asks it, and for how long its word is good.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use reqwest::Url;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::public_url;
use crate::identity::keystone::Config;

/// A Keystone, as it is set.
#[derive(Debug, Clone, Args)]
#[allow(clippy::struct_field_names)] // they are the names of the flags
pub struct KeystoneSettings {
    /// Where the Keystone of `--auth keystone` is, such as `https://identity.example.org:5000`, with or without its `/v3`
    #[arg(long, value_name = "URL", value_parser = url)]
    pub keystone_url: Option<String>,

    /// The user as whom the service asks Keystone. It must be allowed to validate tokens: by the role `service`, or `admin`
    #[arg(long, value_name = "NAME")]
    pub keystone_user: Option<String>,

    /// That user's password. `HANDOVER_KEYSTONE_PASSWORD_FILE` names a file that holds it
    #[arg(long, value_name = "PASSWORD", hide_env_values = true)]
    pub keystone_password: Option<SecretString>,

    /// The project on which that user has its role
    #[arg(long, value_name = "NAME")]
    pub keystone_project: Option<String>,

    /// The domain of that user, by its name
    #[arg(long, value_name = "NAME", default_value = "Default")]
    pub keystone_user_domain: String,

    /// The domain of that project, by its name
    #[arg(long, value_name = "NAME", default_value = "Default")]
    pub keystone_project_domain: String,

    /// An application credential as which the service asks Keystone, in place of user, password and project
    #[arg(long, value_name = "ID")]
    pub keystone_application_credential_id: Option<String>,

    /// That credential's secret. `HANDOVER_KEYSTONE_APPLICATION_CREDENTIAL_SECRET_FILE` names a file that holds it
    #[arg(long, value_name = "SECRET", hide_env_values = true)]
    pub keystone_application_credential_secret: Option<SecretString>,

    /// A PEM file of authorities whose certificates are believed of Keystone, beside those of the system
    #[arg(long, value_name = "FILE")]
    pub keystone_ca: Option<PathBuf>,

    /// Seconds for which Keystone's word on a token is kept, 0 to 300: so long may a token that was revoked, or a role that was
    /// taken away, go on to be good
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(0..=300))]
    pub token_cache: u64,
}

impl KeystoneSettings {
    /// What to ask, and as whom.
    ///
    /// # Errors
    /// What is missing, excludes another or cannot be used, by its flag.
    pub fn config(&self) -> Result<Config, String> {
        let url = need(self.keystone_url.as_ref(), "--keystone-url")?;
        // not by the parser of the flag, whose message would show the password
        let told = "--keystone-url may hold no user and no password: give --keystone-user and --keystone-password";
        ensure!(!url.contains('@'), told.to_owned());
        let (url, sign_in, memory) = (url.clone(), self.sign_in()?, Duration::from_secs(self.token_cache));
        Ok(Config { url, sign_in, authorities: self.authorities()?, memory })
    }

    /// What is sent for a token, as a user with a role on a project or as a credential that stands for both.
    fn sign_in(&self) -> Result<SecretString, String> {
        let (user, password, project) = (&self.keystone_user, &self.keystone_password, &self.keystone_project);
        let (id, secret) = (&self.keystone_application_credential_id, &self.keystone_application_credential_secret);
        let is_user = user.is_some() || password.is_some() || project.is_some();
        let is_credential = id.is_some() || secret.is_some();
        let both = "--keystone-user, --keystone-password and --keystone-project, and --keystone-application-credential-id and its \
                    -secret, exclude each other: give the one or the other";
        ensure!(!(is_user && is_credential), both.to_owned());
        let neither = "--auth keystone needs --keystone-user, or --keystone-application-credential-id";
        ensure!(is_user || is_credential, neither.to_owned());
        let auth = if is_user {
            let (name, domain) = (need(user.as_ref(), "--keystone-user")?, json!({"name": self.keystone_user_domain}));
            let password = need(password.as_ref(), "--keystone-password")?.expose_secret();
            let user = json!({"name": name, "domain": domain, "password": password});
            let (name, domain) = (need(project.as_ref(), "--keystone-project")?, &self.keystone_project_domain);
            let scope = json!({"project": {"name": name, "domain": {"name": domain}}});
            json!({"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope})
        } else {
            let id = need(id.as_ref(), "--keystone-application-credential-id")?;
            let secret = need(secret.as_ref(), "--keystone-application-credential-secret")?.expose_secret();
            let credential = json!({"id": id, "secret": secret});
            json!({"identity": {"methods": ["application_credential"], "application_credential": credential}})
        };
        Ok(json!({"auth": auth}).to_string().into())
    }

    fn authorities(&self) -> Result<RootCertStore, String> {
        let mut authorities = RootCertStore::empty();
        // none on this machine is no fault: `--keystone-ca` may be all that it needs, or http
        authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = &self.keystone_ca {
            let unusable = |error: String| format!("--keystone-ca {} cannot be used: {error}", path.display());
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
            let certificates = certificates.map_err(|error| unusable(error.to_string()))?;
            ensure!(!certificates.is_empty(), unusable("it holds no certificate in PEM".to_owned()));
            for certificate in certificates {
                authorities.add(certificate).map_err(|error| unusable(error.to_string()))?;
            }
        }
        Ok(authorities)
    }
}

fn need<'s, T>(value: Option<&'s T>, flag: &str) -> Result<&'s T, String> {
    value.ok_or_else(|| format!("--auth keystone needs {flag}"))
}

/// An absolute URL without the `/v3` at its end, as challenges name it.
fn url(text: &str) -> Result<String, String> {
    let url = public_url(text)?;
    let url = url.strip_suffix("/v3").unwrap_or(&url).trim_end_matches('/');
    match Url::parse(url) {
        Ok(parsed) if parsed.has_host() => Ok(url.to_owned()),
        _ => Err("allowed is a URL such as https://identity.example.org:5000".to_owned()),
    }
}
