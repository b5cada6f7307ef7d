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
    ($($on:ident $path:literal $($method:ident $operation:path),+;)+) => {
        &[$($(Route {
            method: Method::$method,
            on: On::$on,
            path: $path,
            operation: &$operation,
            name: stringify!($operation),
        }),+),+]
    };
}

/// Every row, those of one resource together. The router sorts them, so their order says nothing.
#[rustfmt::skip]
pub static ROUTES: &[Route] = routes! {
    Both     "/os-volume-transfer"                    POST transfers::CREATE, GET transfers::LIST;
    Both     "/os-volume-transfer/detail"             GET transfers::LIST_WITH_DETAILS;
    Both     "/os-volume-transfer/{transfer_id}"      GET transfers::SHOW, DELETE transfers::DELETE;
    Both     "/os-volume-transfer/{transfer_id}/accept" POST transfers::ACCEPT;

    V3       "/volume-transfers"                      POST transfers::CREATE, GET transfers::LIST;
    V3       "/volume-transfers/detail"               GET transfers::LIST_WITH_DETAILS;
    V3       "/volume-transfers/{transfer_id}"        GET transfers::SHOW, DELETE transfers::DELETE;
    V3       "/volume-transfers/{transfer_id}/accept" POST transfers::ACCEPT;

    Both     "/volumes"                               POST volumes::CREATE, GET volumes::LIST;
    Both     "/volumes/detail"                        GET volumes::LIST_WITH_DETAILS;
    V3       "/volumes/summary"                       GET volumes::SUMMARY;
    Both     "/volumes/{volume_id}"                   GET volumes::SHOW, PUT volumes::UPDATE, DELETE volumes::DELETE;
    Both     "/volumes/{volume_id}/action"            POST volumes::actions::ACT;
    Both     "/volumes/{volume_id}/metadata"          GET metadata::LIST_OF_VOLUME, POST metadata::ADD_TO_VOLUME, PUT metadata::REPLACE_OF_VOLUME;
    Both     "/volumes/{volume_id}/metadata/{key}"    GET metadata::SHOW_OF_VOLUME, PUT metadata::SET_OF_VOLUME, DELETE metadata::REMOVE_OF_VOLUME;

    Both     "/cloudvolumes"                          GET cloudvolumes::LIST;
    Both     "/cloudvolumes/detail"                   GET cloudvolumes::LIST_WITH_DETAILS;
    Both     "/cloudvolumes/tags"                     GET cloudvolumes::TAGS;
    Both     "/cloudvolumes/{volume_id}"              GET cloudvolumes::SHOW;
    Both     "/os-vendor-volumes/detail"              GET cloudvolumes::LIST_WITH_DETAILS;
    Both     "/os-vendor-volumes/{volume_id}"         GET cloudvolumes::SHOW;
    Both     "/cloudvolumes/{volume_id}/tags"         GET cloudvolumes::TAGS_OF_DISK;

    Both     "/snapshots"                             POST snapshots::CREATE, GET snapshots::LIST;
    Both     "/snapshots/detail"                      GET snapshots::LIST_WITH_DETAILS;
    Both     "/snapshots/{snapshot_id}"               GET snapshots::SHOW, PUT snapshots::UPDATE, DELETE snapshots::DELETE;
    Both     "/snapshots/{snapshot_id}/action"        POST snapshots::ACT;
    Both     "/snapshots/{snapshot_id}/metadata"      GET metadata::LIST_OF_SNAPSHOT, POST metadata::ADD_TO_SNAPSHOT,
                                                      PUT metadata::REPLACE_OF_SNAPSHOT;
    Both     "/snapshots/{snapshot_id}/metadata/{key}" GET metadata::SHOW_OF_SNAPSHOT, PUT metadata::SET_OF_SNAPSHOT,
                                                      DELETE metadata::REMOVE_OF_SNAPSHOT;
    Both     "/cloudsnapshots/detail"                 GET snapshots::LIST_AS_EVS;
    Both     "/cloudsnapshots/{snapshot_id}"          GET snapshots::SHOW;

    Both     "/backups"                               POST backups::CREATE, GET backups::LIST;
    Both     "/backups/detail"                        GET backups::LIST_WITH_DETAILS;
    Both     "/backups/{backup_id}"                   GET backups::SHOW, DELETE backups::DELETE;
    V3       "/backups/{backup_id}"                   PUT backups::UPDATE;
    Both     "/backups/{backup_id}/action"            POST backups::ACT;

    Both     "/types"                                 GET catalog::types::LIST, POST catalog::types::CREATE;
    Both     "/types/default"                         GET catalog::types::DEFAULT;
    Both     "/types/{type_id}"                       GET catalog::types::SHOW, PUT catalog::types::UPDATE, DELETE catalog::types::DELETE;
    Both     "/types/{type_id}/action"                POST catalog::types::CHANGE_ACCESS;
    Both     "/types/{type_id}/os-volume-type-access" GET catalog::types::LIST_ACCESS;
    Both     "/types/{type_id}/extra_specs"           GET catalog::types::specs::LIST, POST catalog::types::specs::ADD;
    Both     "/types/{type_id}/extra_specs/{key}"     GET catalog::types::specs::SHOW, PUT catalog::types::specs::SET,
                                                      DELETE catalog::types::specs::DELETE;
    Both     "/types/{type_id}/encryption"            GET catalog::types::encryption::SHOW, POST catalog::types::encryption::CREATE;
    Both     "/types/{type_id}/encryption/{encryption_id}" GET catalog::types::encryption::SHOW_KEY, PUT catalog::types::encryption::UPDATE,
                                                      DELETE catalog::types::encryption::DELETE;
    Both     "/os-availability-zone"                  GET catalog::ZONES;
    Both     "/extensions"                            GET catalog::EXTENSIONS;
    Both     "/extensions/{alias}"                    GET catalog::EXTENSION;
    Both     "/os-services"                           GET catalog::SERVICES;
    Both     "/os-hosts"                              GET catalog::HOSTS;
    Both     "/scheduler-stats/get_pools"             GET catalog::POOLS;

    Both     "/os-quota-sets/{target_project_id}"     GET quotas::SHOW, PUT quotas::SET, DELETE quotas::RESET;
    Both     "/os-quota-sets/{target_project_id}/defaults" GET quotas::DEFAULTS;
    Both     "/os-quota-class-sets/{class_name}"      GET quotas::SHOW_CLASS, PUT quotas::SET_CLASS;
    Both     "/limits"                                GET quotas::ABSOLUTE;

    Own      "/transfers"                             POST handover::CREATE, GET handover::LIST;
    Own      "/transfers/{transfer_id}"               GET handover::SHOW;
    Own      "/transfers/{transfer_id}/history"       GET handover::HISTORY;
    Own      "/volumes/{volume_id}/explain"           GET handover::EXPLAIN;
    Own      "/check"                                 POST handover::CHECK;

    Public   "/"                                      GET discovery::ALL;
    Public   "/v2"                                    GET discovery::V2;
    Public   "/v2/"                                   GET discovery::V2;
    Public   "/v3"                                    GET discovery::V3;
    Public   "/v3/"                                   GET discovery::V3;

    Public   "/identity"                              GET identity::ALL;
    Public   "/identity/"                             GET identity::ALL;
    SignIn   ""                                       GET identity::V3;
    SignIn   "/"                                      GET identity::V3;
    SignIn   "/auth/tokens"                           POST identity::tokens::CREATE;
    Identity "/auth/tokens"                           GET identity::tokens::SHOW, DELETE identity::tokens::DELETE;
    Identity "/auth/projects"                         GET identity::tokens::PROJECTS;
    Identity "/auth/domains"                          GET identity::tokens::DOMAINS;
    Identity "/auth/system"                           GET identity::tokens::SYSTEMS;
    Identity "/auth/catalog"                          GET identity::tokens::CATALOG;
    Identity "/users"                                 GET identity::LIST_USERS, POST identity::CREATE_USER;
    Identity "/users/{id}"                            GET identity::SHOW_USER, PATCH identity::UPDATE_USER, DELETE identity::DELETE_USER;
    Identity "/users/{user_id}/password"              POST identity::tokens::CHANGE_PASSWORD;
    Identity "/users/{user_id}/projects"              GET identity::tokens::PROJECTS_OF_USER;
    Identity "/users/{user_id}/application_credentials" GET identity::credentials::LIST, POST identity::credentials::CREATE;
    Identity "/users/{user_id}/application_credentials/{id}" GET identity::credentials::SHOW, DELETE identity::credentials::DELETE;
    Identity "/projects"                              GET identity::LIST_PROJECTS, POST identity::CREATE_PROJECT;
    Identity "/projects/{id}"                         GET identity::SHOW_PROJECT, PATCH identity::UPDATE_PROJECT, DELETE identity::DELETE_PROJECT;
    Identity "/projects/{on_project_id}/users/{user_id}/roles" GET identity::grants::LIST;
    Identity "/projects/{on_project_id}/users/{user_id}/roles/{role_id}" GET identity::grants::CHECK, PUT identity::grants::ADD,
                                                      DELETE identity::grants::REMOVE;
    Identity "/roles"                                 GET identity::LIST_ROLES, POST identity::CREATE_ROLE;
    Identity "/roles/{id}"                            GET identity::SHOW_ROLE, PATCH identity::UPDATE_ROLE, DELETE identity::DELETE_ROLE;
    Identity "/role_assignments"                      GET identity::grants::ASSIGNMENTS;
    Identity "/domains"                               GET identity::LIST_DOMAINS;
    Identity "/domains/{id}"                          GET identity::SHOW_DOMAIN;
    Identity "/regions"                               GET identity::LIST_REGIONS;
    Identity "/regions/{id}"                          GET identity::SHOW_REGION;
    Identity "/services"                              GET identity::LIST_SERVICES;
    Identity "/services/{id}"                         GET identity::SHOW_SERVICE;
    Identity "/endpoints"                             GET identity::LIST_ENDPOINTS;
    Identity "/endpoints/{id}"                        GET identity::SHOW_ENDPOINT;
    Identity "/OS-CREDENTIAL/credentials"             GET identity::credentials::LIST_KEYS, POST identity::credentials::CREATE_KEY;
    Identity "/OS-CREDENTIAL/credentials/{id}"        GET identity::credentials::SHOW_KEY, DELETE identity::credentials::DELETE_KEY;

    Public   "/health/live"                           GET operating::LIVE;
    Public   "/health/ready"                          GET operating::READY;
    Public   "/metrics"                               GET operating::METRICS;

    Public   "/openapi.json"                          GET openapi::DOCUMENT;
    Public   "/docs"                                  GET openapi::REDIRECT;
    Public   "/docs/"                                 GET openapi::INDEX;
    Public   "/docs/{file}"                           GET openapi::FILE;
};
