//! Everything the service does, as one table: method, path, operation. Dispatch walks it, the metrics take their labels from it,
//! the OpenAPI document its paths, the tests go through it row by row.

use super::operation::AnyOperation;
use crate::http::request::method::Method;
use crate::http::resources::{
    backups, catalog, cloudvolumes, discovery, identity, metadata, openapi, operating, quotas, snapshots, transfers, volumes,
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

    Get    Public   "/identity"                                               identity::discovery::ALL;
    Get    Public   "/identity/"                                              identity::discovery::ALL;
    Get    SignIn   ""                                                        identity::discovery::V3;
    Get    SignIn   "/"                                                       identity::discovery::V3;
    Post   SignIn   "/auth/tokens"                                            identity::tokens::CREATE;
    Get    Identity "/auth/tokens"                                            identity::tokens::SHOW;
    Delete Identity "/auth/tokens"                                            identity::tokens::DELETE;
    Get    Identity "/auth/projects"                                          identity::tokens::PROJECTS;
    Get    Identity "/auth/domains"                                           identity::tokens::DOMAINS;
    Get    Identity "/auth/system"                                            identity::tokens::SYSTEMS;
    Get    Identity "/auth/catalog"                                           identity::tokens::CATALOG;
    Get    Identity "/users"                                                  identity::LIST_USERS;
    Post   Identity "/users"                                                  identity::CREATE_USER;
    Get    Identity "/users/{id}"                                             identity::SHOW_USER;
    Patch  Identity "/users/{id}"                                             identity::UPDATE_USER;
    Delete Identity "/users/{id}"                                             identity::DELETE_USER;
    Post   Identity "/users/{user_id}/password"                               identity::tokens::CHANGE_PASSWORD;
    Get    Identity "/users/{user_id}/projects"                               identity::tokens::PROJECTS_OF_USER;
    Get    Identity "/users/{user_id}/application_credentials"                identity::credentials::LIST;
    Post   Identity "/users/{user_id}/application_credentials"                identity::credentials::CREATE;
    Get    Identity "/users/{user_id}/application_credentials/{id}"           identity::credentials::SHOW;
    Delete Identity "/users/{user_id}/application_credentials/{id}"           identity::credentials::DELETE;
    Get    Identity "/projects"                                               identity::LIST_PROJECTS;
    Post   Identity "/projects"                                               identity::CREATE_PROJECT;
    Get    Identity "/projects/{id}"                                          identity::SHOW_PROJECT;
    Patch  Identity "/projects/{id}"                                          identity::UPDATE_PROJECT;
    Delete Identity "/projects/{id}"                                          identity::DELETE_PROJECT;
    Get    Identity "/projects/{on_project_id}/users/{user_id}/roles"           identity::grants::LIST;
    Get    Identity "/projects/{on_project_id}/users/{user_id}/roles/{role_id}" identity::grants::CHECK;
    Put    Identity "/projects/{on_project_id}/users/{user_id}/roles/{role_id}" identity::grants::ADD;
    Delete Identity "/projects/{on_project_id}/users/{user_id}/roles/{role_id}" identity::grants::REMOVE;
    Get    Identity "/roles"                                                  identity::LIST_ROLES;
    Post   Identity "/roles"                                                  identity::CREATE_ROLE;
    Get    Identity "/roles/{id}"                                             identity::SHOW_ROLE;
    Patch  Identity "/roles/{id}"                                             identity::UPDATE_ROLE;
    Delete Identity "/roles/{id}"                                             identity::DELETE_ROLE;
    Get    Identity "/role_assignments"                                       identity::grants::ASSIGNMENTS;
    Get    Identity "/domains"                                                identity::LIST_DOMAINS;
    Get    Identity "/domains/{id}"                                           identity::SHOW_DOMAIN;
    Get    Identity "/regions"                                                identity::LIST_REGIONS;
    Get    Identity "/regions/{id}"                                           identity::SHOW_REGION;
    Get    Identity "/services"                                               identity::LIST_SERVICES;
    Get    Identity "/services/{id}"                                          identity::SHOW_SERVICE;
    Get    Identity "/endpoints"                                              identity::LIST_ENDPOINTS;
    Get    Identity "/endpoints/{id}"                                         identity::SHOW_ENDPOINT;
    Get    Identity "/OS-CREDENTIAL/credentials"                              identity::credentials::LIST_KEYS;
    Post   Identity "/OS-CREDENTIAL/credentials"                              identity::credentials::CREATE_KEY;
    Get    Identity "/OS-CREDENTIAL/credentials/{id}"                         identity::credentials::SHOW_KEY;
    Delete Identity "/OS-CREDENTIAL/credentials/{id}"                         identity::credentials::DELETE_KEY;

    Get    Public  "/health/live"                                              operating::LIVE;
    Get    Public  "/health/ready"                                             operating::READY;
    Get    Public  "/metrics"                                                  operating::METRICS;

    Get    Public  "/openapi.json"                                             openapi::DOCUMENT;
    Get    Public  "/docs"                                                     openapi::page::REDIRECT;
    Get    Public  "/docs/"                                                    openapi::page::INDEX;
    Get    Public  "/docs/{file}"                                              openapi::page::FILE;
};
