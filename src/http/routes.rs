//! Everything the service does, as one table: method, path, handler. Dispatch walks it, the metrics take their labels from it,
//! the OpenAPI document its paths, the tests go through it row by row.

use std::{future::Future, pin::Pin};

use crate::http::{
    answer::{problem::Problem, success::Answer},
    request::{call::Call, method::Method},
    resources::{
        backups, catalog, cloudvolumes, discovery,
        metadata::{self, OfSnapshot, OfVolume},
        openapi, operating, quotas, snapshots, transfers, volumes,
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
    Outside,
}

/// A handler's answer in the making.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send>>;

/// A row of the table.
pub struct Route {
    pub method: Method,
    pub on: On,
    pub path: &'static str,
    pub handler: fn(Call) -> Answering,
    /// The handler's name, such as `transfers::create`: rows that do the same share it.
    pub handled_by: &'static str,
}

macro_rules! routes {
    ($($method:ident $on:ident $path:literal $handler:path;)+) => {
        &[$(Route {
            method: Method::$method,
            on: On::$on,
            path: $path,
            handler: |call| Box::pin($handler(call)),
            handled_by: stringify!($handler),
        }),+]
    };
}

/// Every row, those of one resource together. The router sorts them, so their order says nothing.
#[rustfmt::skip]
pub static ROUTES: &[Route] = routes! {
    Post   Both    "/os-volume-transfer"                                       transfers::create;
    Get    Both    "/os-volume-transfer"                                       transfers::list;
    Get    Both    "/os-volume-transfer/detail"                                transfers::list_with_details;
    Get    Both    "/os-volume-transfer/{transfer_id}"                         transfers::show;
    Delete Both    "/os-volume-transfer/{transfer_id}"                         transfers::delete;
    Post   Both    "/os-volume-transfer/{transfer_id}/accept"                  transfers::accept;

    Post   V3      "/volume-transfers"                                         transfers::create;
    Get    V3      "/volume-transfers"                                         transfers::list;
    Get    V3      "/volume-transfers/detail"                                  transfers::list_with_details;
    Get    V3      "/volume-transfers/{transfer_id}"                           transfers::show;
    Delete V3      "/volume-transfers/{transfer_id}"                           transfers::delete;
    Post   V3      "/volume-transfers/{transfer_id}/accept"                    transfers::accept;

    Post   Both    "/volumes"                                                  volumes::create;
    Get    Both    "/volumes"                                                  volumes::list;
    Get    Both    "/volumes/detail"                                           volumes::list_with_details;
    Get    V3      "/volumes/summary"                                          volumes::summary;
    Get    Both    "/volumes/{volume_id}"                                      volumes::show;
    Put    Both    "/volumes/{volume_id}"                                      volumes::update;
    Delete Both    "/volumes/{volume_id}"                                      volumes::delete;
    Post   Both    "/volumes/{volume_id}/action"                               volumes::actions::act;
    Get    Both    "/volumes/{volume_id}/metadata"                             metadata::list::<OfVolume>;
    Post   Both    "/volumes/{volume_id}/metadata"                             metadata::add::<OfVolume>;
    Put    Both    "/volumes/{volume_id}/metadata"                             metadata::replace::<OfVolume>;
    Get    Both    "/volumes/{volume_id}/metadata/{key}"                       metadata::show::<OfVolume>;
    Put    Both    "/volumes/{volume_id}/metadata/{key}"                       metadata::set::<OfVolume>;
    Delete Both    "/volumes/{volume_id}/metadata/{key}"                       metadata::remove::<OfVolume>;

    Get    Both    "/cloudvolumes"                                             cloudvolumes::list;
    Get    Both    "/cloudvolumes/detail"                                      cloudvolumes::list_with_details;
    Get    Both    "/cloudvolumes/tags"                                        cloudvolumes::tags::list;
    Get    Both    "/cloudvolumes/{volume_id}"                                 cloudvolumes::show;
    Get    Both    "/cloudvolumes/{volume_id}/tags"                            cloudvolumes::tags::show;

    Post   Both    "/snapshots"                                                snapshots::create;
    Get    Both    "/snapshots"                                                snapshots::list;
    Get    Both    "/snapshots/detail"                                         snapshots::list_with_details;
    Get    Both    "/snapshots/{snapshot_id}"                                  snapshots::show;
    Put    Both    "/snapshots/{snapshot_id}"                                  snapshots::update;
    Delete Both    "/snapshots/{snapshot_id}"                                  snapshots::delete;
    Post   Both    "/snapshots/{snapshot_id}/action"                           snapshots::act;
    Get    Both    "/snapshots/{snapshot_id}/metadata"                         metadata::list::<OfSnapshot>;
    Post   Both    "/snapshots/{snapshot_id}/metadata"                         metadata::add::<OfSnapshot>;
    Put    Both    "/snapshots/{snapshot_id}/metadata"                         metadata::replace::<OfSnapshot>;
    Get    Both    "/snapshots/{snapshot_id}/metadata/{key}"                   metadata::show::<OfSnapshot>;
    Put    Both    "/snapshots/{snapshot_id}/metadata/{key}"                   metadata::set::<OfSnapshot>;
    Delete Both    "/snapshots/{snapshot_id}/metadata/{key}"                   metadata::remove::<OfSnapshot>;
    Get    Both    "/cloudsnapshots/detail"                                    snapshots::list_as_evs;
    Get    Both    "/cloudsnapshots/{snapshot_id}"                             snapshots::show;

    Post   Both    "/backups"                                                  backups::create;
    Get    Both    "/backups"                                                  backups::list;
    Get    Both    "/backups/detail"                                           backups::list_with_details;
    Get    Both    "/backups/{backup_id}"                                      backups::show;
    Put    V3      "/backups/{backup_id}"                                      backups::update;
    Delete Both    "/backups/{backup_id}"                                      backups::delete;
    Post   Both    "/backups/{backup_id}/action"                               backups::act;

    Get    Both    "/types"                                                    catalog::types::list;
    Get    Both    "/types/default"                                            catalog::types::default;
    Get    Both    "/types/{type_id}"                                          catalog::types::show;
    Get    Both    "/types/{type_id}/extra_specs"                              catalog::types::extra_specs;
    Get    Both    "/types/{type_id}/encryption"                               catalog::types::encryption;
    Get    Both    "/os-availability-zone"                                     catalog::zones::list;
    Get    Both    "/extensions"                                               catalog::extensions::list;
    Get    Both    "/extensions/{alias}"                                       catalog::extensions::show;
    Get    Both    "/os-services"                                              catalog::backend::services;
    Get    Both    "/os-hosts"                                                 catalog::backend::hosts;
    Get    Both    "/scheduler-stats/get_pools"                                catalog::backend::pools;

    Get    Both    "/os-quota-sets/{target_project_id}"                        quotas::show;
    Put    Both    "/os-quota-sets/{target_project_id}"                        quotas::set;
    Delete Both    "/os-quota-sets/{target_project_id}"                        quotas::reset;
    Get    Both    "/os-quota-sets/{target_project_id}/defaults"               quotas::defaults;
    Get    Both    "/os-quota-class-sets/{class_name}"                         quotas::show_class;
    Put    Both    "/os-quota-class-sets/{class_name}"                         quotas::set_class;
    Get    Both    "/limits"                                                   quotas::absolute;

    Get    Outside "/"                                                         discovery::all;
    Get    Outside "/v2"                                                       discovery::v2;
    Get    Outside "/v2/"                                                      discovery::v2;
    Get    Outside "/v3"                                                       discovery::v3;
    Get    Outside "/v3/"                                                      discovery::v3;

    Get    Outside "/health/live"                                              operating::live;
    Get    Outside "/health/ready"                                             operating::ready;
    Get    Outside "/metrics"                                                  operating::metrics;

    Get    Outside "/openapi.json"                                             openapi::document;
    Get    Outside "/docs"                                                     openapi::page::redirect;
    Get    Outside "/docs/"                                                    openapi::page::index;
    Get    Outside "/docs/{file}"                                              openapi::page::file;
};
