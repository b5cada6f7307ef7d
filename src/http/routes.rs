//! Everything the service does, as one table: method, path, operation. Dispatch walks it, the metrics take their labels from it,
//! the OpenAPI document its paths, the tests go through it row by row.

use super::operation::AnyOperation;
use crate::http::request::payload::Method;
use crate::http::resources::{
    backups, catalog, cloudvolumes, discovery, handover, identity, metadata, openapi, operating, quotas, snapshots, transfers,
    volumes,
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
    /// Below `/handover/v1`.
    Own,
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
    POST   Both    "/os-volume-transfer"                                       transfers::CREATE;
    GET    Both    "/os-volume-transfer"                                       transfers::LIST;
    GET    Both    "/os-volume-transfer/detail"                                transfers::LIST_WITH_DETAILS;
    GET    Both    "/os-volume-transfer/{transfer_id}"                         transfers::SHOW;
    DELETE Both    "/os-volume-transfer/{transfer_id}"                         transfers::DELETE;
    POST   Both    "/os-volume-transfer/{transfer_id}/accept"                  transfers::ACCEPT;

    POST   V3      "/volume-transfers"                                         transfers::CREATE;
    GET    V3      "/volume-transfers"                                         transfers::LIST;
    GET    V3      "/volume-transfers/detail"                                  transfers::LIST_WITH_DETAILS;
    GET    V3      "/volume-transfers/{transfer_id}"                           transfers::SHOW;
    DELETE V3      "/volume-transfers/{transfer_id}"                           transfers::DELETE;
    POST   V3      "/volume-transfers/{transfer_id}/accept"                    transfers::ACCEPT;

    POST   Both    "/volumes"                                                  volumes::CREATE;
    GET    Both    "/volumes"                                                  volumes::LIST;
    GET    Both    "/volumes/detail"                                           volumes::LIST_WITH_DETAILS;
    GET    V3      "/volumes/summary"                                          volumes::SUMMARY;
    GET    Both    "/volumes/{volume_id}"                                      volumes::SHOW;
    PUT    Both    "/volumes/{volume_id}"                                      volumes::UPDATE;
    DELETE Both    "/volumes/{volume_id}"                                      volumes::DELETE;
    POST   Both    "/volumes/{volume_id}/action"                               volumes::actions::ACT;
    GET    Both    "/volumes/{volume_id}/metadata"                             metadata::LIST_OF_VOLUME;
    POST   Both    "/volumes/{volume_id}/metadata"                             metadata::ADD_TO_VOLUME;
    PUT    Both    "/volumes/{volume_id}/metadata"                             metadata::REPLACE_OF_VOLUME;
    GET    Both    "/volumes/{volume_id}/metadata/{key}"                       metadata::SHOW_OF_VOLUME;
    PUT    Both    "/volumes/{volume_id}/metadata/{key}"                       metadata::SET_OF_VOLUME;
    DELETE Both    "/volumes/{volume_id}/metadata/{key}"                       metadata::REMOVE_OF_VOLUME;

    GET    Both    "/cloudvolumes"                                             cloudvolumes::LIST;
    GET    Both    "/cloudvolumes/detail"                                      cloudvolumes::LIST_WITH_DETAILS;
    GET    Both    "/cloudvolumes/tags"                                        cloudvolumes::TAGS;
    GET    Both    "/cloudvolumes/{volume_id}"                                 cloudvolumes::SHOW;
    GET    Both    "/os-vendor-volumes/detail"                                 cloudvolumes::LIST_WITH_DETAILS;
    GET    Both    "/os-vendor-volumes/{volume_id}"                            cloudvolumes::SHOW;
    GET    Both    "/cloudvolumes/{volume_id}/tags"                            cloudvolumes::TAGS_OF_DISK;

    POST   Both    "/snapshots"                                                snapshots::CREATE;
    GET    Both    "/snapshots"                                                snapshots::LIST;
    GET    Both    "/snapshots/detail"                                         snapshots::LIST_WITH_DETAILS;
    GET    Both    "/snapshots/{snapshot_id}"                                  snapshots::SHOW;
    PUT    Both    "/snapshots/{snapshot_id}"                                  snapshots::UPDATE;
    DELETE Both    "/snapshots/{snapshot_id}"                                  snapshots::DELETE;
    POST   Both    "/snapshots/{snapshot_id}/action"                           snapshots::ACT;
    GET    Both    "/snapshots/{snapshot_id}/metadata"                         metadata::LIST_OF_SNAPSHOT;
    POST   Both    "/snapshots/{snapshot_id}/metadata"                         metadata::ADD_TO_SNAPSHOT;
    PUT    Both    "/snapshots/{snapshot_id}/metadata"                         metadata::REPLACE_OF_SNAPSHOT;
    GET    Both    "/snapshots/{snapshot_id}/metadata/{key}"                   metadata::SHOW_OF_SNAPSHOT;
    PUT    Both    "/snapshots/{snapshot_id}/metadata/{key}"                   metadata::SET_OF_SNAPSHOT;
    DELETE Both    "/snapshots/{snapshot_id}/metadata/{key}"                   metadata::REMOVE_OF_SNAPSHOT;
    GET    Both    "/cloudsnapshots/detail"                                    snapshots::LIST_AS_EVS;
    GET    Both    "/cloudsnapshots/{snapshot_id}"                             snapshots::SHOW;

    POST   Both    "/backups"                                                  backups::CREATE;
    GET    Both    "/backups"                                                  backups::LIST;
    GET    Both    "/backups/detail"                                           backups::LIST_WITH_DETAILS;
    GET    Both    "/backups/{backup_id}"                                      backups::SHOW;
    PUT    V3      "/backups/{backup_id}"                                      backups::UPDATE;
    DELETE Both    "/backups/{backup_id}"                                      backups::DELETE;
    POST   Both    "/backups/{backup_id}/action"                               backups::ACT;

    GET    Both    "/types"                                                   catalog::types::LIST;
    POST   Both    "/types"                                                   catalog::types::CREATE;
    GET    Both    "/types/default"                                           catalog::types::DEFAULT;
    GET    Both    "/types/{type_id}"                                         catalog::types::SHOW;
    PUT    Both    "/types/{type_id}"                                         catalog::types::UPDATE;
    DELETE Both    "/types/{type_id}"                                         catalog::types::DELETE;
    POST   Both    "/types/{type_id}/action"                                  catalog::types::CHANGE_ACCESS;
    GET    Both    "/types/{type_id}/os-volume-type-access"                   catalog::types::LIST_ACCESS;
    GET    Both    "/types/{type_id}/extra_specs"                             catalog::types::specs::LIST;
    POST   Both    "/types/{type_id}/extra_specs"                             catalog::types::specs::ADD;
    GET    Both    "/types/{type_id}/extra_specs/{key}"                       catalog::types::specs::SHOW;
    PUT    Both    "/types/{type_id}/extra_specs/{key}"                       catalog::types::specs::SET;
    DELETE Both    "/types/{type_id}/extra_specs/{key}"                       catalog::types::specs::DELETE;
    GET    Both    "/types/{type_id}/encryption"                              catalog::types::encryption::SHOW;
    POST   Both    "/types/{type_id}/encryption"                              catalog::types::encryption::CREATE;
    GET    Both    "/types/{type_id}/encryption/{encryption_id}"              catalog::types::encryption::SHOW_KEY;
    PUT    Both    "/types/{type_id}/encryption/{encryption_id}"              catalog::types::encryption::UPDATE;
    DELETE Both    "/types/{type_id}/encryption/{encryption_id}"              catalog::types::encryption::DELETE;
    GET    Both    "/os-availability-zone"                                     catalog::ZONES;
    GET    Both    "/extensions"                                               catalog::EXTENSIONS;
    GET    Both    "/extensions/{alias}"                                       catalog::EXTENSION;
    GET    Both    "/os-services"                                              catalog::SERVICES;
    GET    Both    "/os-hosts"                                                 catalog::HOSTS;
    GET    Both    "/scheduler-stats/get_pools"                                catalog::POOLS;

    GET    Both    "/os-quota-sets/{target_project_id}"                        quotas::SHOW;
    PUT    Both    "/os-quota-sets/{target_project_id}"                        quotas::SET;
    DELETE Both    "/os-quota-sets/{target_project_id}"                        quotas::RESET;
    GET    Both    "/os-quota-sets/{target_project_id}/defaults"               quotas::DEFAULTS;
    GET    Both    "/os-quota-class-sets/{class_name}"                         quotas::SHOW_CLASS;
    PUT    Both    "/os-quota-class-sets/{class_name}"                         quotas::SET_CLASS;
    GET    Both    "/limits"                                                   quotas::ABSOLUTE;

    POST   Own     "/transfers"                                               handover::CREATE;
    GET    Own     "/transfers"                                               handover::LIST;
    GET    Own     "/transfers/{transfer_id}"                                 handover::SHOW;
    GET    Own     "/transfers/{transfer_id}/history"                         handover::HISTORY;
    GET    Own     "/volumes/{volume_id}/explain"                             handover::EXPLAIN;
    POST   Own     "/check"                                                   handover::CHECK;

    GET    Public  "/"                                                         discovery::ALL;
    GET    Public  "/v2"                                                       discovery::V2;
    GET    Public  "/v2/"                                                      discovery::V2;
    GET    Public  "/v3"                                                       discovery::V3;
    GET    Public  "/v3/"                                                      discovery::V3;

    GET    Public   "/identity"                                               identity::ALL;
    GET    Public   "/identity/"                                              identity::ALL;
    GET    SignIn   ""                                                        identity::V3;
    GET    SignIn   "/"                                                       identity::V3;
    POST   SignIn   "/auth/tokens"                                            identity::tokens::CREATE;
    GET    Identity "/auth/tokens"                                            identity::tokens::SHOW;
    DELETE Identity "/auth/tokens"                                            identity::tokens::DELETE;
    GET    Identity "/auth/projects"                                          identity::tokens::PROJECTS;
    GET    Identity "/auth/domains"                                           identity::tokens::DOMAINS;
    GET    Identity "/auth/system"                                            identity::tokens::SYSTEMS;
    GET    Identity "/auth/catalog"                                           identity::tokens::CATALOG;
    GET    Identity "/users"                                                  identity::LIST_USERS;
    POST   Identity "/users"                                                  identity::CREATE_USER;
    GET    Identity "/users/{id}"                                             identity::SHOW_USER;
    PATCH  Identity "/users/{id}"                                             identity::UPDATE_USER;
    DELETE Identity "/users/{id}"                                             identity::DELETE_USER;
    POST   Identity "/users/{user_id}/password"                               identity::tokens::CHANGE_PASSWORD;
    GET    Identity "/users/{user_id}/projects"                               identity::tokens::PROJECTS_OF_USER;
    GET    Identity "/users/{user_id}/application_credentials"                identity::credentials::LIST;
    POST   Identity "/users/{user_id}/application_credentials"                identity::credentials::CREATE;
    GET    Identity "/users/{user_id}/application_credentials/{id}"           identity::credentials::SHOW;
    DELETE Identity "/users/{user_id}/application_credentials/{id}"           identity::credentials::DELETE;
    GET    Identity "/projects"                                               identity::LIST_PROJECTS;
    POST   Identity "/projects"                                               identity::CREATE_PROJECT;
    GET    Identity "/projects/{id}"                                          identity::SHOW_PROJECT;
    PATCH  Identity "/projects/{id}"                                          identity::UPDATE_PROJECT;
    DELETE Identity "/projects/{id}"                                          identity::DELETE_PROJECT;
    GET    Identity "/projects/{on_project_id}/users/{user_id}/roles"           identity::grants::LIST;
    GET    Identity "/projects/{on_project_id}/users/{user_id}/roles/{role_id}" identity::grants::CHECK;
    PUT    Identity "/projects/{on_project_id}/users/{user_id}/roles/{role_id}" identity::grants::ADD;
    DELETE Identity "/projects/{on_project_id}/users/{user_id}/roles/{role_id}" identity::grants::REMOVE;
    GET    Identity "/roles"                                                  identity::LIST_ROLES;
    POST   Identity "/roles"                                                  identity::CREATE_ROLE;
    GET    Identity "/roles/{id}"                                             identity::SHOW_ROLE;
    PATCH  Identity "/roles/{id}"                                             identity::UPDATE_ROLE;
    DELETE Identity "/roles/{id}"                                             identity::DELETE_ROLE;
    GET    Identity "/role_assignments"                                       identity::grants::ASSIGNMENTS;
    GET    Identity "/domains"                                                identity::LIST_DOMAINS;
    GET    Identity "/domains/{id}"                                           identity::SHOW_DOMAIN;
    GET    Identity "/regions"                                                identity::LIST_REGIONS;
    GET    Identity "/regions/{id}"                                           identity::SHOW_REGION;
    GET    Identity "/services"                                               identity::LIST_SERVICES;
    GET    Identity "/services/{id}"                                          identity::SHOW_SERVICE;
    GET    Identity "/endpoints"                                              identity::LIST_ENDPOINTS;
    GET    Identity "/endpoints/{id}"                                         identity::SHOW_ENDPOINT;
    GET    Identity "/OS-CREDENTIAL/credentials"                              identity::credentials::LIST_KEYS;
    POST   Identity "/OS-CREDENTIAL/credentials"                              identity::credentials::CREATE_KEY;
    GET    Identity "/OS-CREDENTIAL/credentials/{id}"                         identity::credentials::SHOW_KEY;
    DELETE Identity "/OS-CREDENTIAL/credentials/{id}"                         identity::credentials::DELETE_KEY;

    GET    Public  "/health/live"                                              operating::LIVE;
    GET    Public  "/health/ready"                                             operating::READY;
    GET    Public  "/metrics"                                                  operating::METRICS;

    GET    Public  "/openapi.json"                                             openapi::DOCUMENT;
    GET    Public  "/docs"                                                     openapi::REDIRECT;
    GET    Public  "/docs/"                                                    openapi::INDEX;
    GET    Public  "/docs/{file}"                                              openapi::FILE;
};
