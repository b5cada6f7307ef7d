//! TLS of the service's own: what is spoken with a certificate, files that are replaced while it runs, and those that cannot be used.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::CertifiedKey;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::support::{Binary, Client, Database, Engine, TestServer, apply, binary, both_engines, json, limited, until, within};

/// A certificate and its key in files.
struct Pair(tempfile::TempDir);

impl Pair {
    fn new() -> Self {
        let pair = Self(tempfile::tempdir().unwrap());
        pair.renew();
        pair
    }

    /// Puts another certificate with a key of its own there.
    fn renew(&self) {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        fs::write(self.certificate(), cert.pem()).unwrap();
        fs::write(self.key(), signing_key.serialize_pem()).unwrap();
    }

    fn certificate(&self) -> PathBuf {
        self.0.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }

    fn flags(&self) -> [String; 2] {
        [format!("--tls-certificate={}", self.certificate().display()), format!("--tls-key={}", self.key().display())]
    }
}

async fn start(engine: Engine, pair: &Pair) -> TestServer {
    TestServer::with(engine, &pair.flags().each_ref().map(String::as_str)).await
}

/// A service, and what speaks TLS to it from the first byte on.
pub async fn by_hand(engine: Engine) -> (TestServer, TlsConnector) {
    let pair = Pair::new();
    let server = start(engine, &pair).await;
    let mut authorities = RootCertStore::empty();
    authorities.add(CertificateDer::from_pem_file(pair.certificate()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    (server, Arc::new(config.with_root_certificates(authorities).with_no_client_auth()).into())
}

fn serve(database: &Database, pair: &Pair) -> Binary {
    Binary::serve(&database.url, &pair.flags().each_ref().map(String::as_str), &[])
}

/// Whether a handshake shows this certificate.
async fn shows(host: &str, certificate: &Path) -> bool {
    Client::over_tls(host, certificate).get("/health/live").try_send().await.is_ok()
}

#[apply(both_engines!)]
async fn a_volume_is_passed_on_by_tls_and_links_say_so(engine: Engine) {
    let server = start(engine, &Pair::new()).await;
    let offered = server.offer().await;
    let list = server.get("/v2/alpha/os-volume-transfer").await.is(200);
    let link = list.transfers()[0]["links"][0]["href"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&format!("https://{}/v2/alpha/", server.host())), "{link}");
    server.accept_by("beta", &offered).await.is(202);
    assert_eq!(server.stored_volume(&offered.volume_id).await.project_id.as_str(), "beta");
}

#[apply(both_engines!)]
async fn what_a_trusted_proxy_says_of_the_scheme_counts_over_tls_too(engine: Engine) {
    let pair = Pair::new();
    let [certificate, key] = pair.flags();
    let server = TestServer::with(engine, &[&certificate, &key, "--trusted-proxies=127.0.0.0/8"]).await;
    server.offer().await;
    for (said, scheme) in [("http", "http"), ("https", "https"), ("gopher", "https")] {
        let list = server.get("/v2/alpha/os-volume-transfer").header("X-Forwarded-Proto", said).await.is(200);
        let link = list.transfers()[0]["links"][0]["href"].as_str().unwrap().to_owned();
        assert!(link.starts_with(&format!("{scheme}://{}/", server.host())), "{said}: {link}");
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_replaced_are_shown_without_a_restart() {
    let pair = Pair::new();
    let server = start(Engine::Sqlite, &pair).await;
    let old = pair.0.path().join("old.pem");
    fs::copy(pair.certificate(), &old).unwrap();
    server.get("/health/live").await.is(200);
    pair.renew();
    server.clock.advance(Duration::from_mins(1));
    until("the new certificate is shown", async || shows(server.host(), &pair.certificate()).await).await;
    assert!(!shows(server.host(), &old).await);
    // a connection from before is not cut
    server.get("/health/live").await.is(200);
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_files_that_cannot_be_used_are_logged_and_the_old_ones_stay() {
    let (database, pair) = (Database::empty(Engine::Sqlite), Pair::new());
    let mut server = serve(&database, &pair);
    let host = server.host().to_owned();
    let good = pair.0.path().join("good.pem");
    fs::copy(pair.certificate(), &good).unwrap();
    let complaints = |server: &mut Binary| server.output().matches("cannot be shown").count();

    fs::write(pair.certificate(), "no certificate").unwrap();
    until("it is said", async || server.output().contains("certificate.pem holds no certificate")).await;
    assert!(shows(&host, &good).await);
    let secret = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END";
    fs::write(pair.key(), secret).unwrap();
    fs::copy(&good, pair.certificate()).unwrap();
    until("it is said", async || server.output().contains("key.pem holds no private key")).await;
    assert!(shows(&host, &good).await);
    pair.renew();
    until("the new certificate is shown", async || shows(&host, &pair.certificate()).await).await;
    assert!((2..=4).contains(&complaints(&mut server)), "{}", server.output());
    assert!(!server.output().contains("MIGHAgEAMBMGByqGSM49"), "{}", server.output());
}

#[apply(limited!)]
#[test]
fn files_that_cannot_be_used_stop_the_start_and_the_message_names_them() {
    let (database, pair, other) = (Database::empty(Engine::Sqlite), Pair::new(), Pair::new());
    let start = |certificate: &Path, key: &Path| {
        let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
        let listen = ["serve", "--listen=127.0.0.1:0", "--database-url", &database.url];
        let output = binary::run(&[&listen[..], &["--tls-certificate", certificate, "--tls-key", key]].concat(), "");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
        String::from_utf8(output.stderr).unwrap()
    };
    let (certificate, key) = (pair.certificate(), pair.key());
    let missing = pair.0.path().join("missing.pem");
    let encrypted = pair.0.path().join("encrypted.pem");
    fs::write(&encrypted, fs::read_to_string(&key).unwrap().replace("PRIVATE", "ENCRYPTED PRIVATE")).unwrap();
    for (certificate, key, said) in [
        (&missing, &key, "missing.pem cannot be read: entity not found"),
        (&certificate, &missing, "missing.pem cannot be read: entity not found"),
        (&key, &key, "key.pem holds no certificate in PEM"),
        (&certificate, &certificate, "certificate.pem holds no private key in PEM"),
        (&certificate, &encrypted, "encrypted.pem holds no private key in PEM that is without a passphrase"),
        (&certificate, &other.key(), "key.pem is not that of the first certificate in"),
    ] {
        let message = start(certificate, key);
        assert!(message.contains(said) && message.contains("Check --tls"), "{said}: {message}");
        let secret = fs::read_to_string(other.key()).unwrap() + &fs::read_to_string(pair.key()).unwrap();
        assert!(secret.lines().filter(|line| !line.starts_with('-')).all(|line| !message.contains(line)), "{message}");
    }
}

#[apply(limited!)]
#[test]
fn a_certificate_without_a_key_is_a_mistake_and_so_is_a_key_without_a_certificate() {
    for (given, missing) in [("--tls-certificate", "--tls-key"), ("--tls-key", "--tls-certificate")] {
        for command in ["serve", "healthcheck"] {
            let output = binary::run(&[command, given, "a.pem"], "");
            let message = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{message}");
            assert!(message.contains(&format!("{missing} (HANDOVER_")) && message.contains("is missing"), "{message}");
        }
    }
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_says_that_it_speaks_tls_and_healthcheck_asks_by_tls() {
    let (database, pair) = (Database::empty(Engine::Sqlite), Pair::new());
    let mut server = serve(&database, &pair);
    let host = server.host().to_owned();
    assert!(server.stdout().starts_with(&format!("listening on https://{host} (")), "{}", server.stdout());
    let flags = pair.flags();
    let ask = |flags: &[String]| {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        binary::run(&[&["healthcheck", "--listen", &host][..], &flags].concat(), "")
    };
    let ready = ask(&flags);
    assert_eq!(ready.status.code(), Some(0), "{}", String::from_utf8_lossy(&ready.stderr));
    assert_eq!(ask(&[]).status.code(), Some(1), "by plain HTTP nothing is ready");
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_http_at_the_port_of_tls_is_closed_and_hurts_nobody() {
    let (database, pair) = (Database::empty(Engine::Sqlite), Pair::new());
    let mut server = serve(&database, &pair);
    let host = server.host().to_owned();
    for bytes in [&b"GET /v2 HTTP/1.1\r\nHost: x\r\n\r\n"[..], b"\x16\x03\x01", b""] {
        let mut stream = TcpStream::connect(&host).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut received = Vec::new();
        // closed or reset, which is the same here
        let _ = within("the server closes", stream.read_to_end(&mut received)).await;
        assert!(!received.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&received));
    }
    let client = Client::over_tls(&host, &pair.certificate());
    client.post("/v2/alpha/os-volume-transfer", json!({"transfer": {}})).await.is(400);
    assert_eq!(server.stop().code(), Some(0), "{}", server.output());
    assert!(!server.output().contains("panic"), "{}", server.output());
}
