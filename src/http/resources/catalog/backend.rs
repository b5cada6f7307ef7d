//! What runs behind the API, for admins: one service, on one host, with one pool. Cinder has many of each; clients and their
//! tests want to see some.

use super::CATALOG;
use crate::domain::catalog::Backend;
use crate::http::resources::prelude::*;
use crate::service::catalog;

/// What keeps volumes is called so in Cinder.
const BINARY: &str = "cinder-volume";

view! {
    /// A row of `os-services`.
    #[schema(as = Service)]
    ServiceView<'a>,
    /// Of the one service.
    of(backend: &'a Backend, now: Time) {
        binary: &'a str = BINARY,
        host: &'a str = backend.host,
        zone: &'a str = &backend.zone,
        status: &'a str = "enabled",
        state: &'a str = "up",
        updated_at: Time = now,
        cluster: Option<&'a str> = None,
        backend_state: &'a str = "up",
        disabled_reason: Option<&'a str> = None,
        replication_status: &'a str = "disabled",
        active_backend_id: Option<&'a str> = None,
        frozen: bool = false,
    }, keys &[FieldRule::since("cluster", 7), FieldRule::since("backend_state", 49)];

    /// A row of `os-hosts`.
    #[schema(as = Host)]
    #[serde(rename_all = "kebab-case")]
    HostView<'a>,
    /// Of the one host.
    of(backend: &'a Backend, now: Time) {
        host_name as "host_name": &'a str = backend.host,
        service: &'a str = BINARY,
        zone: &'a str = &backend.zone,
        service_status: &'a str = "available",
        service_state: &'a str = "enabled",
        last_update: Time = now,
    };

    /// A storage pool, with what it can do where that is asked for.
    #[schema(as = Pool)]
    PoolView<'a>,
    /// Of the one pool.
    of(backend: &'a Backend, can: Option<Capabilities<'a>>) {
        name: &'a str = backend.pool,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        capabilities: Option<Capabilities<'a>> = can,
    };

    /// What a pool can do.
    Capabilities<'a>,
    /// There is as much room as anybody asks for, since no volume holds a byte.
    of(now: Time) {
        volume_backend_name: &'a str = "records",
        vendor_name: &'a str = "Open Source",
        driver_version: &'a str = env!("CARGO_PKG_VERSION"),
        storage_protocol: &'a str = "none",
        total_capacity_gb: &'a str = "infinite",
        free_capacity_gb: &'a str = "infinite",
        reserved_percentage: u8 = 0,
        qos_support as "QoS_support": bool = false,
        multiattach: bool = true,
        backend_state: &'a str = "up",
        timestamp: Time = now,
    };
}

operations! { CATALOG;
    /// Filtered by `binary` and by `host`, with the backend's name behind an `@` or without.
    SERVICES: "List the services", |call| services(call) => 200 Rows("services", part::<ServiceView>()),
        description: "For admins only.", query: &[text("binary"), text("host")];

    /// The one host, for admins.
    HOSTS: "List the hosts", |call| hosts(call) => 200 Rows("hosts", part::<HostView>()), description: "For admins only.";

    /// Filtered by `name` from 3.28.
    POOLS: "List the storage pools", |call| pools(call) => 200 Rows("pools", part::<PoolView>()),
        description: "For admins only.",
        query: &[word("detail", "Whether to show what each pool can do."), text("name").since(28)];
}

async fn services(call: Call) -> Result<Answer, Problem> {
    let (backend, now) = call.look(catalog::backend(call.cx(), &policy::SERVICES_LIST)).await?;
    let query = call.query()?;
    let is_asked_for = query.get("binary").is_none_or(|binary| binary == BINARY) && is_host(&query, &backend);
    Ok(Answer::rows(&call, "services", &is_asked_for.then(|| ServiceView::of(&backend, now))))
}

async fn hosts(call: Call) -> Result<Answer, Problem> {
    let (backend, now) = call.look(catalog::backend(call.cx(), &policy::HOSTS_LIST)).await?;
    Ok(Answer::rows(&call, "hosts", [&HostView::of(&backend, now)]))
}

async fn pools(call: Call) -> Result<Answer, Problem> {
    let (backend, now) = call.look(catalog::backend(call.cx(), &policy::POOLS_LIST)).await?;
    let query = call.query()?;
    let name = query.get("name").filter(|_| call.is_from(28));
    let pool = PoolView::of(&backend, query.is_on("detail").then(|| Capabilities::of(now)));
    Ok(Answer::rows(&call, "pools", &name.is_none_or(|name| name == backend.pool).then_some(pool)))
}

fn is_host(query: &Query, backend: &Backend) -> bool {
    let machine = backend.host.split('@').next();
    query.get("host").is_none_or(|host| host == backend.host || Some(host) == machine)
}
