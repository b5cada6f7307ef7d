//! Asking a Keystone whose a token is, with a token of our own. No body of its is ever shown: its own messages hold tokens.

use crate::identity::prelude::*;
use reqwest::header::HeaderValue;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use rustls::RootCertStore;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::asking;
use crate::domain::limits::KEYSTONE_ANSWER;

/// Our own token is renewed so long before its end: longer than a question takes, and clocks differ.
const MARGIN: Duration = Duration::from_mins(1);
/// As long as a stored user id may be.
const MAX_USER: usize = 255;

/// Whoever asks.
pub struct Questioner {
    http: Client,
    /// Without the catalogue, which is most of an answer.
    tokens: String,
    sign_in: SecretString,
    /// Our token, and until when it is used. Locked while it is fetched: one sign-in for all who need it.
    own: Mutex<Option<(HeaderValue, Time)>>,
}

/// What is read of `{"token": {...}}`: for a token without a project, neither that nor, mostly, roles are there.
#[derive(Deserialize)]
struct Answer {
    token: Token,
}

#[derive(Deserialize)]
struct Token {
    expires_at: Time,
    user: WithId,
    project: Option<WithId>,
    #[serde(default)]
    roles: Vec<Role>,
}

#[derive(Deserialize)]
struct WithId {
    id: String,
}

#[derive(Deserialize)]
struct Role {
    name: String,
}

impl Questioner {
    /// Nothing is asked yet.
    pub fn new(url: &str, sign_in: SecretString, authorities: RootCertStore) -> Self {
        let http = asking::client(authorities).build().expect("nothing of the system's goes into it that could be missing");
        Self { http, tokens: format!("{url}/v3/auth/tokens?nocatalog"), sign_in, own: Mutex::default() }
    }

    /// Whose token this is, and until when it is good; `None` where Keystone does not know it.
    pub async fn whose(&self, token: &[u8], now: Time) -> Result<Option<(Caller, Time)>, Unidentified> {
        let subject = sensitive(HeaderValue::from_bytes(token).map_err(|_| no_token())?);
        let ask = async |own: HeaderValue| {
            let question = self.http.get(&self.tokens).header("X-Auth-Token", own);
            send(question.header("X-Subject-Token", subject.clone())).await
        };
        let own = self.own(None, now).await?;
        let mut response = ask(own.clone()).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            // ours was revoked, or its user's password changed
            response = ask(self.own(Some(&own), now).await?).await?;
        }
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            StatusCode::FORBIDDEN => {
                return Err(failed("does not let this service validate tokens; its account needs the role `service` there"));
            }
            status => return Err(failed(&format!("answers {status}"))),
        }
        let Token { expires_at, user, project, roles } = read(response).await?;
        let is_user = (1..=MAX_USER).contains(&user.id.len()) && !user.id.contains('\0');
        let project =
            project.map(|project| ProjectId::parse(&project.id).ok_or_else(no_token)).transpose()?.unwrap_or_default();
        let roles: Roles = roles.into_iter().map(|role| role.name).collect();
        if is_user { Ok(Some((Caller { user: user.id, project, roles }, expires_at))) } else { Err(no_token()) }
    }

    /// Our own token: not `spent`, which Keystone takes no more.
    async fn own(&self, spent: Option<&HeaderValue>, now: Time) -> Result<HeaderValue, Unidentified> {
        let mut own = self.own.lock().await;
        if let Some((token, _)) = own.as_ref().filter(|(token, until)| now < *until && Some(token) != spent) {
            return Ok(token.clone());
        }
        let asking = self.http.post(&self.tokens).header("Content-Type", "application/json");
        let response = send(asking.body(self.sign_in.expose_secret().to_owned())).await?;
        match response.status() {
            StatusCode::CREATED => {}
            StatusCode::UNAUTHORIZED => return Err(failed("refuses this service's own account")),
            status => return Err(failed(&format!("answers {status} to this service's sign-in"))),
        }
        let token = sensitive(response.headers().get("X-Subject-Token").cloned().ok_or_else(no_token)?);
        let until = read(response).await?.expires_at.before(MARGIN);
        *own = Some((token.clone(), until));
        Ok(token)
    }
}

async fn send(request: RequestBuilder) -> Result<Response, Unidentified> {
    request.send().await.map_err(broken)
}

/// The token in an answer.
async fn read(mut response: Response) -> Result<Token, Unidentified> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(broken)? {
        body.extend_from_slice(&piece);
        ensure!(body.len() <= KEYSTONE_ANSWER, no_token());
    }
    serde_json::from_slice(&body).map(|answer: Answer| answer.token).map_err(|_| no_token())
}

/// Shown by nothing that shows headers.
fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

fn broken(error: reqwest::Error) -> Unidentified {
    failed(&format!("cannot be asked: {}", asking::root(&error.without_url())))
}

fn no_token() -> Unidentified {
    failed("gives an answer that is no token")
}

fn failed(what: &str) -> Unidentified {
    Unidentified::Unavailable(format!("Keystone {what}"))
}
