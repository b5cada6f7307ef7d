//! Everything the service does, as one table: method, path, operation. Dispatch walks it, the metrics take their labels from it,
//! the OpenAPI document its paths, the tests go through it row by row.

use super::operation::AnyOperation;
use crate::http::{
    request::method::Method,
    resources::{
        backups, catalog, cloudvolumes, discovery, metadata, openapi, operating, quotas, snapshots, transfers,
        volumes,
    },
};

/// Where a row is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Below `/v2/{project_id}`, `/v3/{project_id}` and `/v3`.
    Both,
    /// Below `/v3/{project_id}` and `/v3`.
    V3,
    /// At the path itself; for anybody, without a caller.
    Public,
    /// Below `/identity/v3`.
    Identity,
    /// The same, for anybody: who has no token yet.
    SignIn,
}

impl On {
    /// Whether it is asked without a caller.
    pub const fn is_for_anybody(self) -> bool {
        matches!(self, Self::Public | Self::SignIn)
    }
}

/// A row of the table.
pub struct Route {
    pub method: Method,
    pub on: On,
    pub path: &'static str,
    pub operation: &'static dyn AnyOperation,
    /// The operation's name, such as `transfers::CREATE`: rows that do the same share it.
    pub name: &'static str,
}

macro_rules! routes {
    ($($method:ident $on:ident $path:literal $operation:path;)+) => {
        &[$(Route {
            method: Method::$method,
            on: On::$on,
            path: $path,
            operation: &$operation,
            name: stringify!($operation),
        }),+]
    };
}

/// Every row, those of one resource together. The router sorts them, so their order says nothing.
#[rustfmt::skip]
pub static ROUTES: &[Route] = routes! {
    Post   Both    "/os-volume-transfer"                                       transfers::CREATE;
    Get    Both    "/os-volume-transfer"                                       transfers::LIST;
    Get    Both    "/os-volume-transfer/detail"                                transfers::LIST_WITH_DETAILS;
    Get    Both    "/os-volume-transfer/{transfer_id}"                         transfers::SHOW;
    Delete Both    "/os-volume-transfer/{transfer_id}"                         transfers::DELETE;
    Post   Both    "/os-volume-transfer/{transfer_id}/accept"                  transfers::ACCEPT;

    Post   V3      "/volume-transfers"                                         transfers::CREATE;
    Get    V3      "/volume-transfers"                                         transfers::LIST;
    Get    V3      "/volume-transfers/detail"                                  transfers::LIST_WITH_DETAILS;
    Get    V3      "/volume-transfers/{transfer_id}"                           transfers::SHOW;
    Delete V3      "/volume-transfers/{transfer_id}"                           transfers::DELETE;
    Post   V3      "/volume-transfers/{transfer_id}/accept"                    transfers::ACCEPT;

    Post   Both    "/volumes"                                                  volumes::CREATE;
    Get    Both    "/volumes"                                                  volumes::LIST;
    Get    Both    "/volumes/detail"                                           volumes::LIST_WITH_DETAILS;
    Get    V3      "/volumes/summary"                                          volumes::SUMMARY;
    Get    Both    "/volumes/{volume_id}"                                      volumes::SHOW;
    Put    Both    "/volumes/{volume_id}"                                      volumes::UPDATE;
    Delete Both    "/volumes/{volume_id}"                                      volumes::DELETE;
    Post   Both    "/volumes/{volume_id}/action"                               volumes::actions::ACT;
    Get    Both    "/volumes/{volume_id}/metadata"                             metadata::LIST_OF_VOLUME;
    Post   Both    "/volumes/{volume_id}/metadata"                             metadata::ADD_TO_VOLUME;
    Put    Both    "/volumes/{volume_id}/metadata"                             metadata::REPLACE_OF_VOLUME;
    Get    Both    "/volumes/{volume_id}/metadata/{key}"                       metadata::SHOW_OF_VOLUME;
    Put    Both    "/volumes/{volume_id}/metadata/{key}"                       metadata::SET_OF_VOLUME;
    Delete Both    "/volumes/{volume_id}/metadata/{key}"                       metadata::REMOVE_OF_VOLUME;

    Get    Both    "/cloudvolumes"                                             cloudvolumes::LIST;
    Get    Both    "/cloudvolumes/detail"                                      cloudvolumes::LIST_WITH_DETAILS;
    Get    Both    "/cloudvolumes/tags"                                        cloudvolumes::tags::LIST;
    Get    Both    "/cloudvolumes/{volume_id}"                                 cloudvolumes::SHOW;
    Get    Both    "/cloudvolumes/{volume_id}/tags"                            cloudvolumes::tags::SHOW;

    Post   Both    "/snapshots"                                                snapshots::CREATE;
    Get    Both    "/snapshots"                                                snapshots::LIST;
    Get    Both    "/snapshots/detail"                                         snapshots::LIST_WITH_DETAILS;
    Get    Both    "/snapshots/{snapshot_id}"                                  snapshots::SHOW;
    Put    Both    "/snapshots/{snapshot_id}"                                  snapshots::UPDATE;
    Delete Both    "/snapshots/{snapshot_id}"                                  snapshots::DELETE;
    Post   Both    "/snapshots/{snapshot_id}/action"                           snapshots::actions::ACT;
    Get    Both    "/snapshots/{snapshot_id}/metadata"                         metadata::LIST_OF_SNAPSHOT;
    Post   Both    "/snapshots/{snapshot_id}/metadata"                         metadata::ADD_TO_SNAPSHOT;
    Put    Both    "/snapshots/{snapshot_id}/metadata"                         metadata::REPLACE_OF_SNAPSHOT;
    Get    Both    "/snapshots/{snapshot_id}/metadata/{key}"                   metadata::SHOW_OF_SNAPSHOT;
    Put    Both    "/snapshots/{snapshot_id}/metadata/{key}"                   metadata::SET_OF_SNAPSHOT;
    Delete Both    "/snapshots/{snapshot_id}/metadata/{key}"                   metadata::REMOVE_OF_SNAPSHOT;
    Get    Both    "/cloudsnapshots/detail"                                    snapshots::LIST_AS_EVS;
    Get    Both    "/cloudsnapshots/{snapshot_id}"                             snapshots::SHOW;

    Post   Both    "/backups"                                                  backups::CREATE;
    Get    Both    "/backups"                                                  backups::LIST;
    Get    Both    "/backups/detail"                                           backups::LIST_WITH_DETAILS;
    Get    Both    "/backups/{backup_id}"                                      backups::SHOW;
    Put    V3      "/backups/{backup_id}"                                      backups::UPDATE;
    Delete Both    "/backups/{backup_id}"                                      backups::DELETE;
    Post   Both    "/backups/{backup_id}/action"                               backups::actions::ACT;

    Get    Both    "/types"                                                    catalog::types::LIST;
    Get    Both    "/types/default"                                            catalog::types::DEFAULT;
    Get    Both    "/types/{type_id}"                                          catalog::types::SHOW;
    Get    Both    "/types/{type_id}/extra_specs"                              catalog::types::EXTRA_SPECS;
    Get    Both    "/types/{type_id}/encryption"                               catalog::types::ENCRYPTION;
    Get    Both    "/os-availability-zone"                                     catalog::zones::LIST;
    Get    Both    "/extensions"                                               catalog::extensions::LIST;
    Get    Both    "/extensions/{alias}"                                       catalog::extensions::SHOW;
    Get    Both    "/os-services"                                              catalog::backend::SERVICES;
    Get    Both    "/os-hosts"                                                 catalog::backend::HOSTS;
    Get    Both    "/scheduler-stats/get_pools"                                catalog::backend::POOLS;

    Get    Both    "/os-quota-sets/{target_project_id}"                        quotas::SHOW;
    Put    Both    "/os-quota-sets/{target_project_id}"                        quotas::SET;
    Delete Both    "/os-quota-sets/{target_project_id}"                        quotas::RESET;
    Get    Both    "/os-quota-sets/{target_project_id}/defaults"               quotas::DEFAULTS;
    Get    Both    "/os-quota-class-sets/{class_name}"                         quotas::SHOW_CLASS;
    Put    Both    "/os-quota-class-sets/{class_name}"                         quotas::SET_CLASS;
    Get    Both    "/limits"                                                   quotas::ABSOLUTE;

    Get    Public  "/"                                                         discovery::ALL;
    Get    Public  "/v2"                                                       discovery::V2;
    Get    Public  "/v2/"                                                      discovery::V2;
    Get    Public  "/v3"                                                       discovery::V3;
    Get    Public  "/v3/"                                                      discovery::V3;


    Get    Public  "/health/live"                                              operating::LIVE;
    Get    Public  "/health/ready"                                             operating::READY;
    Get    Public  "/metrics"                                                  operating::METRICS;

    Get    Public  "/openapi.json"                                             openapi::DOCUMENT;
    Get    Public  "/docs"                                                     openapi::page::REDIRECT;
    Get    Public  "/docs/"                                                    openapi::page::INDEX;
    Get    Public  "/docs/{file}"                                              openapi::page::FILE;
};
