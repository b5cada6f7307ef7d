//! Everything the service does, as one table: method, path, operation, handler. Dispatch walks it, the metrics take their
//! labels from it, the tests go through it row by row.

use std::{future::Future, pin::Pin};

use super::{
    answer::Answer, call::Call, discovery, metadata, metadata::OfVolume, operating, problem::Problem, quotas, transfers,
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
    Outside,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request has a body that is read.
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put)
    }
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
}

macro_rules! routes {
    ($($method:ident $on:ident $path:literal $operation:literal $handler:path;)+) => {
        &[$(Route {
            method: Method::$method,
            on: On::$on,
            path: $path,
            operation: $operation,
            handler: |call| Box::pin($handler(call)),
        }),+]
    };
}

#[rustfmt::skip]
pub static ROUTES: &[Route] = routes! {
    Post   Both    "/os-volume-transfer"                      "evs:transfers:create" transfers::create;
    Get    Both    "/os-volume-transfer"                      "evs:transfers:list"   transfers::list;
    Get    Both    "/os-volume-transfer/detail"               "evs:transfers:list"   transfers::list_with_details;
    Get    Both    "/os-volume-transfer/{transfer_id}"        "evs:transfers:get"    transfers::show;
    Delete Both    "/os-volume-transfer/{transfer_id}"        "evs:transfers:delete" transfers::delete;
    Post   Both    "/os-volume-transfer/{transfer_id}/accept" "evs:transfers:accept" transfers::accept;

    Post   V3      "/volume-transfers"                        "evs:transfers:create" transfers::create;
    Get    V3      "/volume-transfers"                        "evs:transfers:list"   transfers::list;
    Get    V3      "/volume-transfers/detail"                 "evs:transfers:list"   transfers::list_with_details;
    Get    V3      "/volume-transfers/{transfer_id}"          "evs:transfers:get"    transfers::show;
    Delete V3      "/volume-transfers/{transfer_id}"          "evs:transfers:delete" transfers::delete;
    Post   V3      "/volume-transfers/{transfer_id}/accept"   "evs:transfers:accept" transfers::accept;

    Get    Both    "/volumes"                                 "volumes:list"         volumes::list;
    Get    Both    "/volumes/detail"                          "volumes:list"         volumes::list_with_details;
    Get    Both    "/volumes/{volume_id}"                     "volumes:get"          volumes::show;
    Delete Both    "/volumes/{volume_id}"                     "volumes:delete"       volumes::delete;
    Get    Both    "/volumes/{volume_id}/metadata"            "volumes:metadata:list"    metadata::list::<OfVolume>;
    Post   Both    "/volumes/{volume_id}/metadata"            "volumes:metadata:add"     metadata::add::<OfVolume>;
    Put    Both    "/volumes/{volume_id}/metadata"            "volumes:metadata:replace" metadata::replace::<OfVolume>;
    Get    Both    "/volumes/{volume_id}/metadata/{key}"      "volumes:metadata:get"     metadata::show::<OfVolume>;
    Put    Both    "/volumes/{volume_id}/metadata/{key}"      "volumes:metadata:set"     metadata::set::<OfVolume>;
    Delete Both    "/volumes/{volume_id}/metadata/{key}"      "volumes:metadata:delete"  metadata::remove::<OfVolume>;

    Get    Both    "/os-quota-sets/{target_project_id}"          "evs:quotas:get"      quotas::show;
    Put    Both    "/os-quota-sets/{target_project_id}"          "quotas:set"          quotas::set;
    Delete Both    "/os-quota-sets/{target_project_id}"          "quotas:reset"        quotas::reset;
    Get    Both    "/os-quota-sets/{target_project_id}/defaults" "quotas:defaults"     quotas::defaults;
    Get    Both    "/os-quota-class-sets/{class_name}"           "quotas:classes:get"  quotas::show_class;
    Put    Both    "/os-quota-class-sets/{class_name}"           "quotas:classes:set"  quotas::set_class;
    Get    Both    "/limits"                                     "quotas:limits"       quotas::absolute;

    Get    Outside "/"                                        "versions:list"        discovery::all;
    Get    Outside "/v2"                                      "versions:get"         discovery::v2;
    Get    Outside "/v2/"                                     "versions:get"         discovery::v2;
    Get    Outside "/v3"                                      "versions:get"         discovery::v3;
    Get    Outside "/v3/"                                     "versions:get"         discovery::v3;

    Get    Outside "/health/live"                             "health:live"          operating::live;
    Get    Outside "/health/ready"                            "health:ready"         operating::ready;
    Get    Outside "/metrics"                                 "metrics"              operating::metrics;
};
