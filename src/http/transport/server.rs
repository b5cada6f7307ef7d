//! The socket: actix listens, and every request comes to one handler. How a store is opened is not known here.

use std::future::{Future, ready};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, ServiceConfig};
use actix_service::{ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_tls::accept::TlsError;
use actix_tls::accept::rustls_0_23::{Acceptor, TlsStream};
use actix_web::App;
use actix_web::dev::{AppConfig, Server};
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Data};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;

use super::connection::Connection;
use super::dispatch::{self, State};
use super::metrics::Metrics;
use super::public_url::PublicUrl;
use super::router::Router;
use super::under_way::UnderWay;
use crate::domain::limits::{KEEP_ALIVE, OTHER_FILES, UNREAD};
use crate::http::resources::openapi;
use crate::identity::Identity;
use crate::service::Service;
use crate::settings::Settings;
use crate::tls::Certificate;

/// An address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}. Choose another --listen, or stop what uses it")]
pub struct ListenError {
    address: SocketAddr,
    source: io::Error,
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

/// Serves on an address that was taken, by TLS where there is a certificate; the address, and the server to be awaited.
///
/// # Errors
/// [`ListenError`].
pub fn serve(
    listener: TcpListener,
    settings: &Settings,
    service: Arc<Service>,
    identity: Identity,
    certificate: Option<Arc<Certificate>>,
    under_way: UnderWay,
) -> Result<(SocketAddr, Server), ListenError> {
    let failed = |source| ListenError { address: settings.listen, source };
    let address = listener.local_addr().map_err(failed)?;
    let state = Data::new(State {
        service,
        identity,
        dialect: settings.dialect_choice.0,
        public_url: PublicUrl {
            fixed: settings.public_url.clone(),
            trusted_proxies: settings.trusted_proxies.clone(),
            scheme: settings.scheme(),
            listening: format!("{}://{address}", settings.scheme()),
        },
        router: Router::of_table(),
        metrics: Metrics::registered(),
        document: Arc::new(openapi::of(settings.dialect_choice.0)),
        under_way,
        runtime: Handle::current(),
    });
    let server = Server::build()
        .workers(settings.workers)
        .max_concurrent_connections(most_connections(settings.workers))
        .shutdown_timeout(settings.shutdown_timeout)
        .disable_signals();
    let signal = server.graceful_shutdown_signal();
    let stopping = move || {
        let signal = signal.clone();
        async move { signal.notified().await }
    };
    let http = match certificate {
        Some(certificate) => {
            let mut config = certificate.server_config();
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            server.listen("https", listener, move || {
                let accepted = Acceptor::new(config.clone()).map_err(TlsError::into_service_error);
                let config = ServiceConfig::default();
                let connected = accepted.map(move |io: TlsStream<TcpStream>| {
                    let peer = io.get_ref().0.peer_addr().ok();
                    (Connection::new(io, config.clone()), peer)
                });
                connected.and_then(http(state.clone(), stopping.clone()).map_err(TlsError::Service))
            })
        }
        None => server.listen("http", listener, move || {
            let config = ServiceConfig::default();
            let connected = fn_service(move |io: TcpStream| {
                let peer = io.peer_addr().ok();
                ready(Ok((Connection::new(io, config.clone()), peer)))
            });
            connected.and_then(http(state.clone(), stopping.clone()))
        }),
    };
    Ok((address, http.map_err(failed)?.run()))
}

/// HTTP over connections: every request comes to one handler. They end when `stopping` does.
fn http<T: AsyncRead + AsyncWrite + Unpin + 'static, Stopping: Future<Output = ()> + 'static>(
    state: Data<State>,
    stopping: impl Fn() -> Stopping + 'static,
) -> impl ServiceFactory<(Connection<T>, Option<SocketAddr>), Config = (), Response = (), Error = DispatchError, InitError = ()>
{
    let app = App::new().app_data(state).default_service(web::to(dispatch::dispatch));
    HttpService::build()
        .graceful_shutdown_signal(stopping)
        .keep_alive(KEEP_ALIVE)
        // the connection itself sees to the time that a head takes
        .client_request_timeout(Duration::ZERO)
        // what is still sent after an answer is not read on
        .client_disconnect_timeout(Duration::ZERO)
        // a client that closes its side has gone: what was not begun for it is not done
        .h1_allow_half_closed(false)
        .h1(map_config(app, |()| AppConfig::default()))
}
