//! A Keystone that says what a test has it say, and fails as it is told: over HTTP, or TLS of an authority of its own.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::{Value, json, until};

const NEVER: &str = "2999-01-01T00:00:00.000000Z";

/// How it answers who asks whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Works,
    /// In pieces, each a little after the one before.
    AnswersInPieces,
    /// With this status, and a body as good as any.
    Answers(u16),
    /// With this body and status 200.
    Says(&'static str),
    /// Less than it says that there is.
    CutsAnswersOff,
    /// A good answer with as much behind it as nobody wants.
    Floods,
    /// A byte now and then.
    Drips,
    /// The connection is closed.
    HangsUp,
    /// Not at all.
    IsSilent,
    /// Nobody about these tokens, until it does something else.
    HoldsBack(&'static str),
}

/// What it knows, and what it was asked.
pub struct Known {
    /// The callers' tokens, and what is said of each.
    pub tokens: HashMap<String, Value>,
    /// Those of the service that are good.
    own: Vec<String>,
    /// When those that it gives out end.
    pub own_ends: String,
    /// What the service signed in with.
    pub sign_ins: Vec<Value>,
    /// Whether the service's account is let in.
    pub account_is_good: bool,
    /// Whether it may validate tokens.
    pub may_validate: bool,
    /// The callers' tokens that were asked about.
    pub questions: Vec<String>,
}

pub struct Keystone {
    address: SocketAddr,
    mood: watch::Sender<Option<Mood>>,
    known: Arc<Mutex<Known>>,
    /// Where the authority of its certificate lies.
    authority: Option<(tempfile::TempDir, PathBuf)>,
    thread: Option<JoinHandle<()>>,
}

impl Keystone {
    pub const PASSWORD: &str = "planted-service-password";

    pub fn start() -> Self {
        Self::over(None)
    }

    /// With a certificate of an authority that nobody else knows.
    pub fn with_tls() -> Self {
        let key = || KeyPair::generate().unwrap();
        let mut of_authority = CertificateParams::default();
        of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(of_authority, key()).unwrap();
        let own_key = key();
        let own = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&own_key, &authority).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], PrivateKeyDer::try_from(own_key.serialize_der()).unwrap())
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("authority.pem");
        std::fs::write(&path, authority.pem()).unwrap();
        let mut keystone = Self::over(Some(Arc::new(config).into()));
        keystone.authority = Some((folder, path));
        keystone
    }

    fn over(tls: Option<TlsAcceptor>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let mood = watch::Sender::new(Some(Mood::Works));
        let known = Arc::new(Mutex::new(Known {
            tokens: HashMap::new(),
            own: Vec::new(),
            own_ends: NEVER.to_owned(),
            sign_ins: Vec::new(),
            account_is_good: true,
            may_validate: true,
            questions: Vec::new(),
        }));
        let of_thread = (mood.clone(), known.clone());
        // of its own thread, so that it works while a test's runtime is blocked
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { accept(TcpListener::from_std(listener).unwrap(), tls, of_thread.0, of_thread.1).await });
        });
        Self { address, mood, known, authority: None, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn url_of_tls(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The PEM file of its authority.
    pub fn authority(&self) -> String {
        self.authority.as_ref().unwrap().1.display().to_string()
    }

    /// What a service is told of it.
    pub fn flags(&self) -> Vec<String> {
        let url = if self.authority.is_some() { self.url_of_tls() } else { self.url() };
        let password = format!("--keystone-password={}", Self::PASSWORD);
        let flags = ["--auth=keystone", "--keystone-user=handover", "--keystone-project=service", &password];
        flags.map(str::to_owned).into_iter().chain([format!("--keystone-url={url}")]).collect()
    }

    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(Some(mood));
    }

    /// Looks at or changes what it knows.
    pub fn with<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.known.lock().unwrap())
    }

    /// Knows a token of a user on a project.
    pub fn admit(&self, token: &str, user: &str, project: &str, roles: &[&str]) {
        self.admit_as(token, token_of(user, project, roles));
    }

    /// Knows a token, and says this of it.
    pub fn admit_as(&self, token: &str, says: Value) {
        self.with(|known| known.tokens.insert(token.to_owned(), says));
    }

    pub fn revoke(&self, token: &str) {
        self.with(|known| known.tokens.remove(token));
    }

    /// Takes the service's own tokens no more.
    pub fn revoke_own(&self) {
        self.with(|known| known.own.clear());
    }

    /// How often it was asked about callers' tokens, and how often the service signed in.
    pub fn asked(&self) -> (usize, usize) {
        self.with(|known| (known.questions.len(), known.sign_ins.len()))
    }

    /// Waits until so many questions have come.
    pub async fn questions(&self, count: usize) {
        until("Keystone is asked", async || self.asked().0 >= count).await;
    }
}

impl Drop for Keystone {
    fn drop(&mut self) {
        self.mood.send_replace(None);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// What is said of a token of a user on a project. Source: Keystone 30's answers, with keys that nobody needs left out.
pub fn token_of(user: &str, project: &str, roles: &[&str]) -> Value {
    let domain = json!({"id": "default", "name": "Default"});
    let roles: Vec<Value> = roles.iter().map(|name| json!({"id": format!("id-of-{name}"), "name": name})).collect();
    json!({
        "methods": ["password"],
        "user": {"domain": domain, "id": user, "name": format!("{user}-by-name"), "password_expires_at": null},
        "audit_ids": ["DriuAdgyRoWcZG95-qoakw"],
        "expires_at": NEVER,
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "project": {"domain": domain, "id": project, "name": format!("{project}-by-name")},
        "is_domain": false,
        "roles": roles,
    })
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, mood: watch::Sender<Option<Mood>>, known: Arc<Mutex<Known>>) {
    let mut ends = mood.subscribe();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.unwrap();
                let (tls, mood, known) = (tls.clone(), mood.subscribe(), known.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, mood, known).await,
                        // who does not believe the certificate goes away
                        Some(tls) => if let Ok(stream) = tls.accept(stream).await { serve(stream, mood, known).await },
                    }
                });
            }
            _ = ends.wait_for(Option::is_none) => return,
        }
    }
}

/// One request. A client that goes away in the midst of an answer is as it may be.
async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    mut mood: watch::Receiver<Option<Mood>>,
    known: Arc<Mutex<Known>>,
) {
    let Some((head, body)) = read(&mut stream).await else { return };
    let answer = answer(&head, &body, &known);
    let text = |(status, token, body): &(u16, String, String)| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status} X\r\nX-Subject-Token: {token}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    };
    let now = mood.borrow().unwrap_or(Mood::IsSilent);
    let sent = match now {
        _ if head.starts_with("POST") => text(&answer),
        Mood::Works => text(&answer),
        Mood::Answers(status) => text(&(status, answer.1, answer.2)),
        Mood::Says(body) => text(&(200, answer.1, body.to_owned())),
        Mood::CutsAnswersOff => {
            let whole = text(&answer);
            whole[..whole.len() - 10].to_owned()
        }
        Mood::Floods => text(&(200, answer.1, answer.2 + &" ".repeat(1 << 20))),
        Mood::HangsUp => return,
        Mood::AnswersInPieces | Mood::Drips => {
            let pause = Duration::from_millis(if now == Mood::Drips { 500 } else { 1 });
            for piece in text(&answer).as_bytes().chunks(if now == Mood::Drips { 1 } else { 40 }) {
                let gone = stream.write_all(piece).await.is_err() || stream.flush().await.is_err();
                if gone || mood.borrow().is_none() {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
            return;
        }
        Mood::HoldsBack(word) if !head.contains(word) => text(&answer),
        Mood::IsSilent | Mood::HoldsBack(_) => {
            let _ = mood.wait_for(|mood| *mood != Some(now)).await;
            text(&answer)
        }
    };
    let _ = stream.write_all(sent.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        let mut more = [0; 8192];
        let length = stream.read(&mut more).await.ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&more[..length]);
    }
}

fn header<'h>(head: &'h str, wanted: &str) -> Option<&'h str> {
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}

/// Status, `X-Subject-Token`, body.
fn answer(head: &str, body: &str, known: &Mutex<Known>) -> (u16, String, String) {
    let mut known = known.lock().unwrap();
    let refused = |status: u16, message: String| (status, String::new(), json!({"error": {"message": message}}).to_string());
    let (asker, subject) = (header(head, "x-auth-token"), header(head, "x-subject-token").unwrap_or_default().to_owned());
    match head.lines().next().unwrap() {
        "POST /v3/auth/tokens?nocatalog HTTP/1.1" => {
            known.sign_ins.push(serde_json::from_str(body).unwrap());
            if !known.account_is_good {
                return refused(401, "The request you have made requires authentication.".to_owned());
            }
            let token = format!("planted-own-token-{}", known.sign_ins.len());
            known.own.push(token.clone());
            let mut says = token_of("handover", "service", &["service"]);
            says["expires_at"] = json!(known.own_ends);
            (201, token, json!({"token": says}).to_string())
        }
        "GET /v3/auth/tokens?nocatalog HTTP/1.1" => {
            known.questions.push(subject.clone());
            if !known.own.iter().any(|own| Some(&**own) == asker) {
                return refused(401, "The request you have made requires authentication.".to_owned());
            }
            if !known.may_validate {
                return refused(403, "You are not authorized: identity:validate_token.".to_owned());
            }
            match known.tokens.get(&subject) {
                Some(says) => (200, subject, json!({"token": says}).to_string()),
                // Keystone's own message
                None => refused(404, format!("Could not find token: {subject}.")),
            }
        }
        _ => refused(404, "The resource could not be found.".to_owned()),
    }
}
