//! What the cloud offers, in the shapes that Cinder documents: volume types, availability zones, extensions; and, for admins,
//! what runs behind it. Types are records; the rest is named in the settings or is so by nature.

pub mod types;

use std::sync::LazyLock;

use crate::domain::catalog::{HOST, POOL};
use crate::http::resources::prelude::*;

/// What the operations are about.
pub static CATALOG: Subject =
    Subject { name: "catalogue", what: "Volume types, availability zones and extensions; for admins, what runs behind them." };

/// Who may, where not everybody may.
pub const ADMINS: &str = "For admins only.";

operations! { CATALOG;
    /// All zones that the settings name, each available.
    ZONES: "List availability zones", |call| zones(call) => 200 Rows("availabilityZoneInfo", part::<Zone>());

    /// All of them, in the order of the table.
    EXTENSIONS: "List extensions", |call| extensions(call) => 200 Rows("extensions", part::<Extension>());

    /// One by its alias; 404 where there is none.
    EXTENSION: "Show an extension", |call| extension(call) => 200 One("extension", part::<Extension>()), refuses: &[Kind::NotFound];

    /// Filtered by `binary` and by `host`, with the backend's name behind an `@` or without.
    SERVICES: "List the services", |call| services(call) => 200 Rows("services", part::<Service>()),
        description: ADMINS, query: &[text("binary"), text("host")];

    /// The one host, for admins.
    HOSTS: "List the hosts", |call| hosts(call) => 200 Rows("hosts", part::<Host>()), description: ADMINS;

    /// Filtered by `name` from 3.28.
    POOLS: "List the storage pools", |call| pools(call) => 200 Rows("pools", part::<Pool>()),
        description: ADMINS,
        query: &[word("detail", "Whether to show what each pool can do."), text("name").since(28)];
}

// Availability zones: all are up.

view! {
    /// A zone, in the words of Cinder and EVS.
    #[serde(rename_all = "camelCase")]
    Zone<'a> of(name: &'a str) {
        zone_name: &'a str = name,
        zone_state: ZoneState = ZoneState { available: true },
    };
}

/// Whether a zone is up: always.
#[derive(Serialize, ToSchema)]
pub struct ZoneState {
    available: bool,
}

async fn zones(call: Call) -> Result<Answer> {
    call.look(service::permit(call.cx(), &policy::ZONES_LIST, None)).await?;
    Ok(Answer::rows(&call, "availabilityZoneInfo", call.service.catalog.zones().map(Zone::of)))
}

// Extensions: the parts of Cinder's API that once were optional, of which we serve these.

/// An extension. Source of names, aliases and dates: Cinder's `api/contrib`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Extension {
    name: &'static str,
    alias: &'static str,
    description: &'static str,
    updated: &'static str,
    links: [Link; 0],
}

impl Versioned for Extension {}

/// In the order of their aliases.
static ALL_EXTENSIONS: LazyLock<Vec<Extension>> =
    LazyLock::new(|| serde_json::from_str(include_str!("extensions.json")).expect("the file is JSON of their form"));

async fn extensions(call: Call) -> Result<Answer> {
    call.look(service::permit(call.cx(), &policy::EXTENSIONS_LIST, None)).await?;
    Ok(Answer::rows(&call, "extensions", ALL_EXTENSIONS.iter().cloned()))
}

async fn extension(call: Call) -> Result<Answer> {
    call.look(service::permit(call.cx(), &policy::EXTENSIONS_LIST, None)).await?;
    let alias = call.parameter("alias");
    let found = ALL_EXTENSIONS.iter().find(|extension| extension.alias == alias);
    let missing = || format!("Extension {} could not be found. GET extensions lists those that there are.", shown(alias));
    Ok(Answer::one(&call, 200, "extension", found.ok_or_else(|| Problem::new(Kind::NotFound, missing()))?))
}

// What runs behind the API, for admins: one service, on one host, with one pool. Cinder has many of each; clients and their
// tests want to see some.

/// What keeps volumes is called so in Cinder.
const BINARY: &str = "cinder-volume";

view! {
    /// A row of `os-services`.
    Service<'a> of(zone: &'a str, now: Time) {
        binary: &'a str = BINARY,
        host: &'a str = HOST,
        zone: &'a str = zone,
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
    #[serde(rename_all = "kebab-case")]
    Host<'a> of(zone: &'a str, now: Time) {
        host_name as "host_name": &'a str = HOST,
        service: &'a str = BINARY,
        zone: &'a str = zone,
        service_status: &'a str = "available",
        service_state: &'a str = "enabled",
        last_update: Time = now,
    };

    /// A storage pool, with what it can do where that is asked for.
    Pool<'a> of(can: Option<Capabilities<'a>>) {
        name: &'a str = POOL,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        capabilities: Option<Capabilities<'a>> = can,
    };

    /// What a pool can do.
    // There is as much room as anybody asks for, since no volume holds a byte.
    Capabilities<'a> of(now: Time) {
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

async fn services(call: Call) -> Result<Answer> {
    call.look(service::permit(call.cx(), &policy::SERVICES_LIST, None)).await?;
    let query = call.query()?;
    let machine = HOST.split('@').next();
    let is_host = query.get("host").is_none_or(|host| host == HOST || Some(host) == machine);
    let is_asked_for = is_host && query.get("binary").is_none_or(|binary| binary == BINARY);
    Ok(Answer::rows(&call, "services", is_asked_for.then(|| Service::of(call.service.catalog.default_zone(), call.cx().now()))))
}

async fn hosts(call: Call) -> Result<Answer> {
    call.look(service::permit(call.cx(), &policy::HOSTS_LIST, None)).await?;
    Ok(Answer::rows(&call, "hosts", [Host::of(call.service.catalog.default_zone(), call.cx().now())]))
}

async fn pools(call: Call) -> Result<Answer> {
    call.look(service::permit(call.cx(), &policy::POOLS_LIST, None)).await?;
    let query = call.query()?;
    let name = query.get("name").filter(|_| call.is_from(28));
    let pool = Pool::of(query.is_on("detail").then(|| Capabilities::of(call.cx().now())));
    Ok(Answer::rows(&call, "pools", name.is_none_or(|name| name == POOL).then_some(pool)))
}
