//! The socket: actix listens, and every request comes to one handler. How a store is opened is not known here.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use socket2::SockRef;
use tokio::runtime::Handle;

use super::dispatch::{self, State};
use super::metrics::Metrics;
use super::public_url::PublicUrl;
use super::router::Router;
use super::under_way::UnderWay;
use crate::domain::limits::{HEAD_TIME, KEEP_ALIVE, OTHER_FILES, UNREAD};
use crate::http::answer::api_document::ApiDocument;
use crate::identity::Identity;
use crate::service::Service;
use crate::settings::Settings;
use crate::tls::Certificate;

/// An address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}. Choose another --listen, or stop what uses it")]
pub struct ListenError {
    address: SocketAddr,
    source: std::io::Error,
}

/// The most connections of one worker: those of all of them leave files for the database.
fn most_connections(workers: usize) -> usize {
    // what the system lets us have; where it says nothing, what it gives by default
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    let clients = usize::try_from(files.saturating_sub(OTHER_FILES).max(files / 2)).unwrap_or(usize::MAX);
    (clients / workers).max(1)
}

/// Takes the address that the settings name. Who connects from then on waits for [`serve`].
///
/// # Errors
/// [`ListenError`].
pub fn bind(settings: &Settings) -> Result<TcpListener, ListenError> {
    let failed = |source| ListenError { address: settings.listen, source };
    let listener = TcpListener::bind(settings.listen).map_err(failed)?;
    // connections that it accepts have it from it
    SockRef::from(&listener).set_tcp_user_timeout(Some(UNREAD)).map_err(failed)?;
    Ok(listener)
}

/// Serves on an address that was taken, by TLS where there is a certificate, and shows `document` to those who ask; the address,
/// and the server to be awaited.
///
/// # Errors
/// [`ListenError`].
pub fn serve(
    listener: TcpListener,
    settings: &Settings,
    service: Arc<Service>,
    identity: Identity,
    document: ApiDocument,
    certificate: Option<Arc<Certificate>>,
    under_way: UnderWay,
) -> Result<(SocketAddr, Server), ListenError> {
    let failed = |source| ListenError { address: settings.listen, source };
    let address = listener.local_addr().map_err(failed)?;
    let state = Data::new(State {
        service,
        identity,
        dialect: settings.dialect(),
        public_url: PublicUrl {
            fixed: settings.public_url.clone(),
            trusted_proxies: settings.trusted_proxies.clone(),
            scheme: settings.scheme(),
            listening: format!("{}://{address}", settings.scheme()),
        },
        router: Router::new(),
        metrics: Metrics::new(),
        document: Arc::new(document),
        under_way,
        runtime: Handle::current(),
    });
    let http = HttpServer::new(move || App::new().app_data(state.clone()).default_service(web::to(dispatch::dispatch)))
        .workers(settings.workers)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIME)
        // what is still sent after an answer is not read on
        .client_disconnect_timeout(Duration::ZERO)
        .max_connections(most_connections(settings.workers))
        // a client that closes its side has gone: what was not begun for it is not done
        .h1_allow_half_closed(false)
        .shutdown_timeout(settings.shutdown_timeout)
        .disable_signals();
    let http = match certificate {
        Some(certificate) => http.listen_rustls_0_23(listener, certificate.server_config()),
        None => http.listen(listener),
    };
    Ok((address, http.map_err(failed)?.run()))
}
