//! From a request's path to a row of the table. Segments are split first, then each is percent-decoded once, so that `%2F`
//! is part of a segment; a segment that is not UTF-8 is on no path. Clients of Cinder double slashes and put `.json` at the end.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::domain::transfer::Resource;
use crate::http::request::api::Api;
use crate::http::request::call::Parameters;
use crate::http::request::payload::Method;
use crate::http::routes::{On, ROUTES, Route};

/// A path of the surface and the rows on it, one a method.
pub struct Path {
    pub api: Api,
    /// Which of the transfers' two resources it is on; on another path it makes no difference.
    pub resource: Resource,
    /// As in `/v2/{project_id}/os-volume-transfer`: the label of metrics and logs.
    pub template: String,
    /// As they stand in the template.
    segments: Vec<String>,
    /// The rows that are there.
    pub routes: Vec<&'static Route>,
}

/// The name of a parameter, where the segment of a template is one.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

impl Path {
    fn new(api: Api, template: String, below: &str) -> Self {
        let segments = template[1..].split('/').map(str::to_owned).collect();
        let first = below.split('/').nth(1).unwrap_or_default();
        // what is ours follows the newest rules
        let default = if api == Api::Own { Resource::VolumeTransfers } else { Resource::OsVolumeTransfer };
        Self { api, resource: Resource::parse(first).unwrap_or(default), template, segments, routes: Vec::new() }
    }

    /// The names of its parameters, as they come.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| parameter(segment))
    }

    /// Whether the caller's project is one of its segments.
    pub fn has_project(&self) -> bool {
        self.parameters().any(|name| name == "project_id")
    }

    /// Whether this method is asked here without a caller; of one that is not there, whether any is.
    pub fn is_for_anybody(&self, method: &Method) -> bool {
        self.route(method)
            .map_or_else(|| self.routes.iter().any(|route| route.on.is_for_anybody()), |route| route.on.is_for_anybody())
    }

    /// The row of a method, if it has one here.
    pub fn route(&self, method: &Method) -> Option<&'static Route> {
        self.routes.iter().find(|route| route.method == *method).copied()
    }

    /// For `Allow`: the methods on this path; HEAD goes with GET, OPTIONS with every path.
    pub fn allow(&self) -> String {
        let mut methods: Vec<&str> = self.routes.iter().map(|route| route.method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.join(", ")
    }

    /// What stands at its parameters where these are its segments; `stem` may stand for the last.
    fn fill(&self, asked: &[String], stem: Option<&str>) -> Option<Parameters> {
        let fits = |(at, (segment, text)): (usize, (&String, &String))| match parameter(segment) {
            Some(_) => !text.is_empty(),
            None => segment == text || at + 1 == asked.len() && stem == Some(segment),
        };
        let segments = self.segments.iter().zip(asked);
        // nothing is made for the many paths that it is not on
        let is_on = self.segments.len() == asked.len() && segments.clone().enumerate().all(fits);
        let given = |(segment, text): (&String, &String)| Some((parameter(segment)?.to_owned(), text.clone()));
        is_on.then(|| Parameters(segments.filter_map(given).collect()))
    }
}

/// Every path, literal segments before parameters.
pub struct Router(pub Vec<Path>);

impl Router {
    /// Every path of the route table.
    pub fn of_table() -> Self {
        let mut paths: Vec<Path> = Vec::new();
        for route in ROUTES {
            for (api, template) in templates(route) {
                let at = paths.iter().position(|path| path.template == template).unwrap_or_else(|| {
                    paths.push(Path::new(api, template, route.path));
                    paths.len() - 1
                });
                paths[at].routes.push(route);
            }
        }
        // a brace is behind every letter and digit: so /detail is no transfer's id
        paths.sort_by(|a, b| a.segments.cmp(&b.segments));
        Self(paths)
    }

    /// The path that these decoded segments are on, with what stands at its parameters.
    pub fn find(&self, segments: &[String]) -> Option<(&Path, Parameters)> {
        let stem = segments.last().and_then(|last| last.strip_suffix(".json")).filter(|stem| !stem.is_empty());
        self.0.iter().find_map(|path| path.fill(segments, stem).map(|parameters| (path, parameters)))
    }
}

fn templates(route: &Route) -> Vec<(Api, String)> {
    let below = |api: Api, project: &str| (api, format!("{}{project}{}", api.prefix(), route.path));
    match route.on {
        On::Both => vec![below(Api::V2, "/{project_id}"), below(Api::V3, "/{project_id}"), below(Api::V3, "")],
        On::V3 => vec![below(Api::V3, "/{project_id}"), below(Api::V3, "")],
        On::Public => vec![below(Api::Public, "")],
        On::Own => vec![below(Api::Own, "")],
        On::Identity | On::SignIn => vec![below(Api::Identity, "")],
    }
}

/// The segments of a raw path, decoded; `None` for one that is not UTF-8. Behind a slash at the end there is an empty one.
pub fn split(raw: &str) -> Vec<Option<String>> {
    let behind = (raw.is_empty() || raw.ends_with('/')).then_some("");
    let segments = raw.split('/').filter(|segment| !segment.is_empty()).chain(behind);
    segments.map(|segment| percent_decode_str(segment).decode_utf8().ok().map(Cow::into_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(path: &str) -> Option<(String, Parameters)> {
        let segments: Vec<String> = split(path).into_iter().collect::<Option<_>>()?;
        Router::of_table().find(&segments).map(|(path, parameters)| (path.template.clone(), parameters))
    }

    #[test]
    fn a_literal_segment_goes_before_a_parameter() {
        let (template, parameters) = find("/v3/volume-transfers/detail").unwrap();
        assert_eq!((template.as_str(), parameters), ("/v3/volume-transfers/detail", Parameters::default()));
        let (template, parameters) = find("/v3/p/volume-transfers/x%2Fy").unwrap();
        assert_eq!(template, "/v3/{project_id}/volume-transfers/{transfer_id}");
        assert_eq!(parameters.get("transfer_id"), Some("x/y"));
    }

    #[test]
    fn slashes_too_many_count_as_one_and_one_at_the_end_leads_nowhere() {
        for path in ["/v2/p/os-volume-transfer/", "/v2/p/os-volume-transfer//", "/v2/p/volume-transfers", "/v3/p", "/v3/p/"] {
            assert_eq!(find(path), None, "{path}");
        }
        for path in
            ["/", "//", "/v2", "/v2/", "/v2//", "//v3", "/v3/", "/v2//p/os-volume-transfer", "//v2/p///os-volume-transfer"]
        {
            assert!(find(path).is_some(), "{path}");
        }
    }

    #[test]
    fn json_at_the_end_of_a_literal_counts_as_not_there() {
        for path in
            ["/v2/p/os-volume-transfer.json", "/v3/volumes/detail.json", "/v3/p/volumes/x/metadata.json", "/openapi.json"]
        {
            let (template, _) = find(path).unwrap();
            assert_eq!(template.contains("{transfer_id}") || template.contains("{volume_id}"), path.contains("/x/"), "{path}");
        }
        let (_, parameters) = find("/v3/p/volumes/x.json").unwrap();
        assert_eq!(parameters.get("volume_id"), Some("x.json"));
        for path in [
            "/v2/.json", "/.json", "/v2.json/p/volumes", "/v2/p/volumes.json/x", "/v2/p/volumes.json.json", "/v2/p/volumes.xml",
        ] {
            assert_eq!(find(path), None, "{path}");
        }
    }
}
