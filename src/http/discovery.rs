//! Version documents: what clients read to find out where the API is and which microversions it has.

use serde_json::{Value, json};

use super::{
    answer::Answer,
    call::Call,
    problem::Problem,
    version::{MAX, MIN},
};

pub async fn all(call: Call) -> Result<Answer, Problem> {
    Ok(Answer::json(300, json!({"versions": [v2_document(&call), v3_document(&call)]})))
}

pub async fn v2(call: Call) -> Result<Answer, Problem> {
    Ok(Answer::json(200, json!({"versions": [v2_document(&call)]})))
}

pub async fn v3(call: Call) -> Result<Answer, Problem> {
    Ok(Answer::json(200, json!({"versions": [v3_document(&call)]})))
}

fn v2_document(call: &Call) -> Value {
    document(call, "v2.0", "DEPRECATED", "", "", "/v2/")
}

fn v3_document(call: &Call) -> Value {
    document(call, "v3.0", "CURRENT", &MAX.to_string(), &MIN.to_string(), "/v3/")
}

/// When Cinder 29's API last changed: what its own document says.
const UPDATED: &str = "2023-08-31T00:00:00Z";

fn document(call: &Call, id: &str, status: &str, version: &str, min_version: &str, path: &str) -> Value {
    json!({
        "id": id,
        "status": status,
        "version": version,
        "min_version": min_version,
        "updated": UPDATED,
        "links": [
            {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
            {"rel": "self", "href": format!("{}{path}", call.public_url)},
        ],
        "media-types": [{"base": "application/json", "type": format!("application/vnd.openstack.volume+json;version={}", &id[1..2])}],
    })
}
