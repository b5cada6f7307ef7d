//! The certificate that the service shows where it speaks TLS itself, and its key: two files, which may be replaced while it runs.
//! No message holds a line of either.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use derive_more::Debug;
use parking_lot::{Mutex, RwLock};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, ServerConfig};
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

/// A certificate and its key that cannot be shown: why, and which settings to check.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}. Check {1}")]
pub struct TlsError(String, &'static str);

const BOTH: &str = "--tls-certificate and --tls-key";

/// The certificate in force.
#[derive(Debug)]
pub struct Certificate {
    /// Of the certificate and of the key.
    paths: [PathBuf; 2],
    #[debug(skip)]
    shown: RwLock<Arc<CertifiedKey>>,
    /// What the files were when they were looked at: a hash of what is in them, or why they could not be read.
    #[debug(skip)]
    seen: Mutex<Result<[u8; 32], TlsError>>,
}

impl Certificate {
    /// The certificate of these files: the server's own first, then those that lead to its authority.
    ///
    /// # Errors
    /// [`TlsError`], which names the file.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let paths = [certificate, key].map(Path::to_owned);
        let files = read(&paths)?;
        let (shown, seen) = (RwLock::new(Arc::new(parse(&paths, &files)?)), Mutex::new(Ok(hash(&files))));
        Ok(Self { paths, shown, seen })
    }

    /// Looks at the files again: what is new in them is shown from the next handshake on; what cannot be shown is logged once,
    /// and the certificate that was shown stays.
    pub fn look(&self) {
        let mut seen = self.seen.lock();
        let files = read(&self.paths);
        let found = files.as_ref().map(hash).map_err(Clone::clone);
        if *seen == found {
            return;
        }
        *seen = found;
        match files.and_then(|files| parse(&self.paths, &files)) {
            Ok(new) => {
                *self.shown.write() = Arc::new(new);
                tracing::info!(certificate = %self.paths[0].display(), "a new certificate is shown from now on");
            }
            Err(error) => tracing::error!(%error, "the new certificate cannot be shown; the old one stays"),
        }
    }

    /// How TLS is spoken: 1.2 and 1.3, with this certificate.
    pub fn server_config(self: Arc<Self>) -> ServerConfig {
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(self)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown.read()))
    }
}

/// What stands in the two files.
type Files = [Zeroizing<Vec<u8>>; 2];

fn read([certificate, key]: &[PathBuf; 2]) -> Result<Files, TlsError> {
    let unread = |path: &Path, error: io::Error| TlsError(format!("{} cannot be read: {}", path.display(), error.kind()), BOTH);
    let read = |path: &Path| fs::read(path).map(Zeroizing::new).map_err(|error| unread(path, error));
    Ok([read(certificate)?, read(key)?])
}

fn hash(files: &Files) -> [u8; 32] {
    Sha256::digest(files.each_ref().map(Sha256::digest).concat()).into()
}

fn parse(paths: &[PathBuf; 2], [chain, secret]: &Files) -> Result<CertifiedKey, TlsError> {
    let [certificate, key] = paths.each_ref().map(|path| path.display());
    let no_certificate = || TlsError(format!("{certificate} holds no certificate in PEM"), "--tls-certificate");
    let no_key = |_| TlsError(format!("{key} holds no private key in PEM that is without a passphrase"), "--tls-key");
    // what the parsers say would repeat lines of the files
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(no_certificate)?;
    let secret = PrivateKeyDer::from_pem_slice(secret).map_err(no_key)?;
    CertifiedKey::from_der(chain, secret, &ring::default_provider()).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            TlsError(format!("the key in {key} is not that of the first certificate in {certificate}"), BOTH)
        }
        error => TlsError(format!("{certificate} and {key} cannot be used: {error}"), BOTH),
    })
}

#[cfg(test)]
mod tests {
    use tracing::subscriber::with_default;

    use super::*;

    /// Puts a certificate and its key there.
    fn write(folder: &Path) -> (PathBuf, PathBuf) {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
        fs::write(&certificate, pair.cert.pem()).unwrap();
        fs::write(&key, pair.signing_key.serialize_pem()).unwrap();
        (certificate, key)
    }

    #[test]
    fn what_is_wrong_with_new_files_is_logged_once_while_the_old_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = write(folder.path());
        let shown = Certificate::open(&certificate, &key).unwrap();
        let chain = || shown.shown.read().cert.clone();
        let first = chain();
        let log = folder.path().join("log");
        let lines = || fs::read_to_string(&log).unwrap().lines().count();
        let logger = tracing_subscriber::fmt().with_writer(fs::File::create(&log).unwrap()).finish();
        with_default(logger, || {
            shown.look();
            assert_eq!(lines(), 0, "nothing is new");
            for (text, logged) in [("no key", 1), ("no key at all", 2)] {
                fs::write(&key, text).unwrap();
                shown.look();
                shown.look();
                assert_eq!((lines(), chain() == first), (logged, true));
            }
            fs::remove_file(&key).unwrap();
            shown.look();
            shown.look();
            assert_eq!((lines(), chain() == first), (3, true));
            write(folder.path());
            shown.look();
            assert_eq!((lines(), chain() == first), (4, false));
        });
    }
}
