//! What runs behind the API, for admins: one service, on one host, with one pool. Cinder has many of each; clients and their
//! tests want to see some.

use serde::Serialize;
use utoipa::ToSchema;

use super::CATALOG;
use crate::domain::Time;
use crate::domain::catalog::Backend;
use crate::http::answer::problem::Problem;
use crate::http::answer::success::Answer;
use crate::http::answer::visibility::{FieldRule, Versioned, part};
use crate::http::operation::Operation;
use crate::http::request::call::Call;
use crate::http::request::content::Content::Rows;
use crate::http::request::query::Query;
use crate::http::request::query_parameter::{text, word};
use crate::service::catalog::BackendView;

/// What keeps volumes is called so in Cinder.
const BINARY: &str = "cinder-volume";

/// A row of `os-services`.
#[derive(Serialize, ToSchema)]
#[schema(as = Service)]
pub struct ServiceView<'a> {
    binary: &'a str,
    host: &'a str,
    zone: &'a str,
    status: &'a str,
    state: &'a str,
    updated_at: Time,
    cluster: Option<&'a str>,
    backend_state: &'a str,
    disabled_reason: Option<&'a str>,
    replication_status: &'a str,
    active_backend_id: Option<&'a str>,
    frozen: bool,
}

impl Versioned for ServiceView<'_> {
    const KEYS: &'static [FieldRule] = &[FieldRule::since("cluster", 7), FieldRule::since("backend_state", 49)];
}

/// A row of `os-hosts`.
#[derive(Serialize, ToSchema)]
#[schema(as = Host)]
#[serde(rename_all = "kebab-case")]
pub struct HostView<'a> {
    #[serde(rename = "host_name")]
    host_name: &'a str,
    service: &'a str,
    zone: &'a str,
    service_status: &'a str,
    service_state: &'a str,
    last_update: Time,
}

/// A storage pool, with what it can do where that is asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = Pool)]
pub struct PoolView<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    capabilities: Option<Capabilities<'a>>,
}

/// What a pool can do.
#[derive(Serialize, ToSchema)]
pub struct Capabilities<'a> {
    volume_backend_name: &'a str,
    vendor_name: &'a str,
    driver_version: &'a str,
    storage_protocol: &'a str,
    total_capacity_gb: &'a str,
    free_capacity_gb: &'a str,
    reserved_percentage: u8,
    #[serde(rename = "QoS_support")]
    qos_support: bool,
    multiattach: bool,
    backend_state: &'a str,
    timestamp: Time,
}

impl Versioned for HostView<'_> {}

impl Versioned for PoolView<'_> {}

/// Filtered by `binary` and by `host`, with the backend's name behind an `@` or without.
pub static SERVICES: Operation = Operation::new(&CATALOG, "List the services", |call, ()| Box::pin(services(call)))
    .description("For admins only.")
    .answers(200, Rows("services", part::<ServiceView>()))
    .query(&[&[text("binary"), text("host")]]);

async fn services(call: Call) -> Result<Answer, Problem> {
    let (backend, now) = call.look(BackendView::Services).await?;
    let query = call.query()?;
    let is_asked_for = query.get("binary").is_none_or(|binary| binary == BINARY) && is_host(&query, &backend);
    Ok(Answer::rows(&call, "services", &is_asked_for.then(|| ServiceView::of(&backend, now))))
}

/// The one host, for admins.
pub static HOSTS: Operation = Operation::new(&CATALOG, "List the hosts", |call, ()| Box::pin(hosts(call)))
    .description("For admins only.")
    .answers(200, Rows("hosts", part::<HostView>()));

async fn hosts(call: Call) -> Result<Answer, Problem> {
    let (backend, last_update) = call.look(BackendView::Hosts).await?;
    let host = HostView {
        host_name: backend.host,
        service: BINARY,
        zone: &backend.zone,
        service_status: "available",
        service_state: "enabled",
        last_update,
    };
    Ok(Answer::rows(&call, "hosts", [&host]))
}

/// Filtered by `name` from 3.28.
pub static POOLS: Operation = Operation::new(&CATALOG, "List the storage pools", |call, ()| Box::pin(pools(call)))
    .description("For admins only.")
    .answers(200, Rows("pools", part::<PoolView>()))
    .query(&[&[word("detail", "Whether to show what each pool can do."), text("name").since(28)]]);

async fn pools(call: Call) -> Result<Answer, Problem> {
    let (backend, now) = call.look(BackendView::Pools).await?;
    let query = call.query()?;
    let name = query.get("name").filter(|_| call.is_from(28));
    let pool = PoolView { name: backend.pool, capabilities: query.is_on("detail").then(|| capabilities(now)) };
    Ok(Answer::rows(&call, "pools", &name.is_none_or(|name| name == backend.pool).then_some(pool)))
}

fn is_host(query: &Query, backend: &Backend) -> bool {
    let machine = backend.host.split('@').next();
    query.get("host").is_none_or(|host| host == backend.host || Some(host) == machine)
}

impl<'a> ServiceView<'a> {
    fn of(backend: &'a Backend, updated_at: Time) -> Self {
        Self {
            binary: BINARY,
            host: backend.host,
            zone: &backend.zone,
            status: "enabled",
            state: "up",
            updated_at,
            cluster: None,
            backend_state: "up",
            disabled_reason: None,
            replication_status: "disabled",
            active_backend_id: None,
            frozen: false,
        }
    }
}

/// There is as much room as anybody asks for, since no volume holds a byte.
fn capabilities(timestamp: Time) -> Capabilities<'static> {
    Capabilities {
        volume_backend_name: "records",
        vendor_name: "Open Source",
        driver_version: env!("CARGO_PKG_VERSION"),
        storage_protocol: "none",
        total_capacity_gb: "infinite",
        free_capacity_gb: "infinite",
        reserved_percentage: 0,
        qos_support: false,
        multiattach: true,
        backend_state: "up",
        timestamp,
    }
}
