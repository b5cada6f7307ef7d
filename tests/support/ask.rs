//! Asking a server: `server.post(path, body).by("bob:beta").at("3.57").await`.

use std::future::{Future, IntoFuture};
use std::path::Path;
use std::pin::Pin;

use handover::asking;
use reqwest::Method;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::limit::PATIENCE;
use super::{Answer, OpenApiContract, Value};

/// Who asks where nothing else is said: a member of the project `alpha`, in Cinder's no-auth way.
const ALICE: &str = "alice:alpha";

#[derive(Clone)]
pub struct Client {
    /// `http://ADDRESS:PORT`, or `https://`
    pub base: String,
    /// What its answers are held to.
    pub contract: &'static OpenApiContract,
    http: reqwest::Client,
}

impl Client {
    pub fn new(address: &str) -> Self {
        Self::believing(RootCertStore::empty(), format!("http://{address}"))
    }

    /// By TLS, believing what this certificate, in a file, has signed, itself too.
    pub fn over_tls(address: &str, certificate: &Path) -> Self {
        let mut authorities = RootCertStore::empty();
        authorities.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
        Self::believing(authorities, format!("https://{address}"))
    }

    fn believing(authorities: RootCertStore, base: String) -> Self {
        let http = asking::client(authorities).timeout(PATIENCE).build().unwrap();
        Self { base, contract: OpenApiContract::with(None), http }
    }

    /// Another document than that of a server without `--dialect`.
    pub fn held_to(self, contract: &'static OpenApiContract) -> Self {
        Self { contract, ..self }
    }

    /// `ADDRESS:PORT`
    pub fn host(&self) -> &str {
        self.base.split_once("://").unwrap().1
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method.clone(), format!("{}{path}", self.base));
        Ask { request, method, path: path.to_owned(), token: Some(ALICE.to_owned()), sent: None, contract: self.contract }
    }

    pub fn get(&self, path: &str) -> Ask {
        self.ask("GET", path)
    }

    pub fn delete(&self, path: &str) -> Ask {
        self.ask("DELETE", path)
    }

    #[allow(clippy::needless_pass_by_value)] // a body is written where it is sent
    pub fn post(&self, path: &str, body: Value) -> Ask {
        self.ask("POST", path).json(&body)
    }

    #[allow(clippy::needless_pass_by_value)] // a body is written where it is sent
    pub fn put(&self, path: &str, body: Value) -> Ask {
        self.ask("PUT", path).json(&body)
    }

    /// A POST of bytes as they are.
    pub fn post_text(&self, path: &str, body: impl Into<reqwest::Body>) -> Ask {
        self.ask("POST", path).header("Content-Type", "application/json").body(body)
    }
}

/// A request that is sent when it is awaited.
pub struct Ask {
    request: reqwest::RequestBuilder,
    method: Method,
    path: String,
    token: Option<String>,
    /// The JSON of its body.
    sent: Option<Value>,
    contract: &'static OpenApiContract,
}

impl Ask {
    /// With this token, `user:project`.
    pub fn by(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Without a token.
    pub fn by_nobody(mut self) -> Self {
        self.token = None;
        self
    }

    /// At a microversion, such as `3.57`.
    pub fn at(self, version: &str) -> Self {
        self.header("OpenStack-API-Version", &format!("volume {version}"))
    }

    /// At a microversion where there is one.
    pub fn at_or_none(self, version: Option<&str>) -> Self {
        match version {
            Some(version) => self.at(version),
            None => self,
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self.sent = Some(body.clone());
        self
    }

    pub fn body(mut self, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.body(body);
        self
    }

    /// What became of it, where the connection may break.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let request = match &self.token {
            Some(token) => self.request.header("X-Auth-Token", token),
            None => self.request,
        };
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        Ok(Answer::new(self.contract, (self.method.as_str(), &self.path, self.sent.as_ref()), (status, headers, body)))
    }
}

impl IntoFuture for Ask {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let asked = format!("{} {}", self.method, self.path);
            self.try_send().await.unwrap_or_else(|error| panic!("{asked} is not answered: {error:?}"))
        })
    }
}
