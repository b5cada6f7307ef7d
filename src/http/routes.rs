//! Everything the service does, as one table: method, path, operation, handler. Dispatch walks it, the metrics take their
//! labels from it, the OpenAPI document its paths, the tests go through it row by row.

use std::{future::Future, pin::Pin};

use super::{
    answer::Answer,
    backups,
    call::Call,
    catalog, cloudvolumes, discovery, metadata,
    metadata::{OfSnapshot, OfVolume},
    method::Method,
    operating,
    problem::Problem,
    quotas,
    resources::openapi,
    snapshots, transfers, volumes,
};

/// Where a row is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Below `/v2/{project_id}`, `/v3/{project_id}` and `/v3`.
    Both,
    /// Below `/v3/{project_id}` and `/v3`.
    V3,
    /// At the path itself; for anybody, without a caller.
    Outside,
}

/// A handler's answer in the making.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send>>;

/// A row of the table.
pub struct Route {
    pub method: Method,
    pub on: On,
    pub path: &'static str,
    /// What it is called: EVS's action name where it has one.
    pub operation: &'static str,
    pub handler: fn(Call) -> Answering,
    /// The handler's name, such as `transfers::create`: rows that do the same share it.
    pub handled_by: &'static str,
}

macro_rules! routes {
    ($($method:ident $on:ident $path:literal $operation:literal $handler:path;)+) => {
        &[$(Route {
            method: Method::$method,
            on: On::$on,
            path: $path,
            operation: $operation,
            handler: |call| Box::pin($handler(call)),
            handled_by: stringify!($handler),
        }),+]
    };
}

#[rustfmt::skip]
pub static ROUTES: &[Route] = routes! {
    Post   Both    "/os-volume-transfer"                                        "evs:transfers:create"      transfers::create;
    Get    Both    "/os-volume-transfer"                                        "evs:transfers:list"        transfers::list;
    Get    Both    "/os-volume-transfer/detail"                                 "evs:transfers:list"        transfers::list_with_details;
    Get    Both    "/os-volume-transfer/{transfer_id}"                          "evs:transfers:get"         transfers::show;
    Delete Both    "/os-volume-transfer/{transfer_id}"                          "evs:transfers:delete"      transfers::delete;
    Post   Both    "/os-volume-transfer/{transfer_id}/accept"                   "evs:transfers:accept"      transfers::accept;

    Post   V3      "/volume-transfers"                                          "evs:transfers:create"      transfers::create;
    Get    V3      "/volume-transfers"                                          "evs:transfers:list"        transfers::list;
    Get    V3      "/volume-transfers/detail"                                   "evs:transfers:list"        transfers::list_with_details;
    Get    V3      "/volume-transfers/{transfer_id}"                            "evs:transfers:get"         transfers::show;
    Delete V3      "/volume-transfers/{transfer_id}"                            "evs:transfers:delete"      transfers::delete;
    Post   V3      "/volume-transfers/{transfer_id}/accept"                     "evs:transfers:accept"      transfers::accept;

    Post   Both    "/volumes"                                                   "volumes:create"            volumes::create;
    Get    Both    "/volumes"                                                   "volumes:list"              volumes::list;
    Get    Both    "/volumes/detail"                                            "volumes:list"              volumes::list_with_details;
    Get    V3      "/volumes/summary"                                           "volumes:summary"           volumes::summary;
    Get    Both    "/volumes/{volume_id}"                                       "volumes:get"               volumes::show;
    Put    Both    "/volumes/{volume_id}"                                       "volumes:update"            volumes::update;
    Delete Both    "/volumes/{volume_id}"                                       "volumes:delete"            volumes::delete;
    Post   Both    "/volumes/{volume_id}/action"                                "volumes:action"            volumes::actions::act;
    Get    Both    "/volumes/{volume_id}/metadata"                              "volumes:metadata:list"     metadata::list::<OfVolume>;
    Post   Both    "/volumes/{volume_id}/metadata"                              "volumes:metadata:add"      metadata::add::<OfVolume>;
    Put    Both    "/volumes/{volume_id}/metadata"                              "volumes:metadata:replace"  metadata::replace::<OfVolume>;
    Get    Both    "/volumes/{volume_id}/metadata/{key}"                        "volumes:metadata:get"      metadata::show::<OfVolume>;
    Put    Both    "/volumes/{volume_id}/metadata/{key}"                        "volumes:metadata:set"      metadata::set::<OfVolume>;
    Delete Both    "/volumes/{volume_id}/metadata/{key}"                        "volumes:metadata:delete"   metadata::remove::<OfVolume>;

    Get    Both    "/cloudvolumes"                                              "evs:volumes:list"          cloudvolumes::list;
    Get    Both    "/cloudvolumes/detail"                                       "evs:volumes:list"          cloudvolumes::list_with_details;
    Get    Both    "/cloudvolumes/tags"                                         "evs:volumes:list"          cloudvolumes::tags::list;
    Get    Both    "/cloudvolumes/{volume_id}"                                  "evs:volumes:get"           cloudvolumes::show;
    Get    Both    "/cloudvolumes/{volume_id}/tags"                             "evs:volumes:get"           cloudvolumes::tags::show;

    Post   Both    "/snapshots"                                                 "snapshots:create"          snapshots::create;
    Get    Both    "/snapshots"                                                 "snapshots:list"            snapshots::list;
    Get    Both    "/snapshots/detail"                                          "snapshots:list"            snapshots::list_with_details;
    Get    Both    "/snapshots/{snapshot_id}"                                   "snapshots:get"             snapshots::show;
    Put    Both    "/snapshots/{snapshot_id}"                                   "snapshots:update"          snapshots::update;
    Delete Both    "/snapshots/{snapshot_id}"                                   "snapshots:delete"          snapshots::delete;
    Post   Both    "/snapshots/{snapshot_id}/action"                            "snapshots:action"          snapshots::act;
    Get    Both    "/snapshots/{snapshot_id}/metadata"                          "snapshots:metadata:list"   metadata::list::<OfSnapshot>;
    Post   Both    "/snapshots/{snapshot_id}/metadata"                          "snapshots:metadata:add"    metadata::add::<OfSnapshot>;
    Put    Both    "/snapshots/{snapshot_id}/metadata"                          "snapshots:metadata:replace" metadata::replace::<OfSnapshot>;
    Get    Both    "/snapshots/{snapshot_id}/metadata/{key}"                    "snapshots:metadata:get"    metadata::show::<OfSnapshot>;
    Put    Both    "/snapshots/{snapshot_id}/metadata/{key}"                    "snapshots:metadata:set"    metadata::set::<OfSnapshot>;
    Delete Both    "/snapshots/{snapshot_id}/metadata/{key}"                    "snapshots:metadata:delete" metadata::remove::<OfSnapshot>;
    Get    Both    "/cloudsnapshots/detail"                                     "evs:snapshots:list"        snapshots::list_as_evs;
    Get    Both    "/cloudsnapshots/{snapshot_id}"                              "evs:snapshots:get"         snapshots::show;

    Post   Both    "/backups"                                                   "backups:create"            backups::create;
    Get    Both    "/backups"                                                   "backups:list"              backups::list;
    Get    Both    "/backups/detail"                                            "backups:list"              backups::list_with_details;
    Get    Both    "/backups/{backup_id}"                                       "backups:get"               backups::show;
    Put    V3      "/backups/{backup_id}"                                       "backups:update"            backups::update;
    Delete Both    "/backups/{backup_id}"                                       "backups:delete"            backups::delete;
    Post   Both    "/backups/{backup_id}/action"                                "backups:action"            backups::act;

    Get    Both    "/types"                                                     "types:list"                catalog::types::list;
    Get    Both    "/types/default"                                             "types:get"                 catalog::types::default;
    Get    Both    "/types/{type_id}"                                           "types:get"                 catalog::types::show;
    Get    Both    "/types/{type_id}/extra_specs"                               "types:extra_specs"         catalog::types::extra_specs;
    Get    Both    "/types/{type_id}/encryption"                                "types:encryption"          catalog::types::encryption;
    Get    Both    "/os-availability-zone"                                      "zones:list"                catalog::zones::list;
    Get    Both    "/extensions"                                                "extensions:list"           catalog::extensions::list;
    Get    Both    "/extensions/{alias}"                                        "extensions:get"            catalog::extensions::show;
    Get    Both    "/os-services"                                               "services:list"             catalog::backend::services;
    Get    Both    "/os-hosts"                                                  "hosts:list"                catalog::backend::hosts;
    Get    Both    "/scheduler-stats/get_pools"                                 "pools:list"                catalog::backend::pools;

    Get    Both    "/os-quota-sets/{target_project_id}"                         "evs:quotas:get"            quotas::show;
    Put    Both    "/os-quota-sets/{target_project_id}"                         "quotas:set"                quotas::set;
    Delete Both    "/os-quota-sets/{target_project_id}"                         "quotas:reset"              quotas::reset;
    Get    Both    "/os-quota-sets/{target_project_id}/defaults"                "quotas:defaults"           quotas::defaults;
    Get    Both    "/os-quota-class-sets/{class_name}"                          "quotas:classes:get"        quotas::show_class;
    Put    Both    "/os-quota-class-sets/{class_name}"                          "quotas:classes:set"        quotas::set_class;
    Get    Both    "/limits"                                                    "quotas:limits"             quotas::absolute;

    Get    Outside "/"                                                          "versions:list"             discovery::all;
    Get    Outside "/v2"                                                        "versions:get"              discovery::v2;
    Get    Outside "/v2/"                                                       "versions:get"              discovery::v2;
    Get    Outside "/v3"                                                        "versions:get"              discovery::v3;
    Get    Outside "/v3/"                                                       "versions:get"              discovery::v3;

    Get    Outside "/health/live"                                               "health:live"               operating::live;
    Get    Outside "/health/ready"                                              "health:ready"              operating::ready;
    Get    Outside "/metrics"                                                   "metrics"                   operating::metrics;

    Get    Outside "/openapi.json"                                              "openapi:document"          openapi::document;
    Get    Outside "/docs"                                                      "openapi:page"              openapi::page::redirect;
    Get    Outside "/docs/"                                                     "openapi:page"              openapi::page::index;
    Get    Outside "/docs/{file}"                                               "openapi:page"              openapi::page::file;
};
