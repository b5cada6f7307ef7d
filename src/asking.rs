//! HTTP as this service asks others: TLS by rustls with ring, nothing of the environment's heeded. Whom it asks is not known here.

use std::error::Error;
use std::sync::Arc;

use reqwest::ClientBuilder;
use reqwest::redirect::Policy;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// A client that believes certificates of these authorities, follows no redirect and goes through no proxy.
pub fn client(authorities: RootCertStore) -> ClientBuilder {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
        .with_root_certificates(authorities)
        .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).redirect(Policy::none()).no_proxy()
}

/// One that believes what this machine does.
pub fn plain() -> ClientBuilder {
    // the client takes the process's
    let _ = ring::default_provider().install_default();
    reqwest::Client::builder().redirect(Policy::none()).no_proxy()
}

/// What lies under an error: "connection refused" says more than "error sending request".
pub fn root(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), root)
}
