//! Several answers of one connection, as they came, and requests to have them.

use serde_json::{Value, json};

use super::{Client, REQUEST_IDS};

/// The headers that every request needs.
pub const HOST: &str = "Host: x\r\nX-Auth-Token: alice:alpha\r\n";

/// An answer of several on one connection.
#[derive(Debug)]
pub struct Part {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Part {
    /// Its body.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// One of its headers.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// An error of ours that ends the connection; its message.
    #[track_caller]
    pub fn is_refused(&self, status: u16, dialect: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(
            (self.header("content-type"), self.header("connection")),
            (Some("application/json"), Some("close")),
            "{self:?}"
        );
        let ids = REQUEST_IDS.map(|name| self.header(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned());
        assert!(ids[0].starts_with("req-") && ids.iter().all(|id| *id == ids[0]), "{self:?}");
        let body = self.json();
        let name = if status == 400 { "badRequest" } else { "computeFault" };
        match dialect {
            "evs" => assert_eq!(body["error"]["code"], "EVS.5400", "{body}"),
            "keystone" => assert!(body["error"]["code"] == status && body["error"]["title"].is_string(), "{body}"),
            _ => assert_eq!(body[name]["code"], status, "{body}"),
        }
        let message = body.as_object().unwrap().values().next().unwrap()["message"].as_str().unwrap().to_owned();
        assert!(message.ends_with(['.', ' ']) && message.len() < 400, "{message}");
        message
    }
}

/// The answers in what was received.
pub fn parts(mut received: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    while let Some(at) = received.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = std::str::from_utf8(&received[..at]).unwrap().to_owned();
        let mut part = Part { status: head[9..12].parse().unwrap(), head, body: Vec::new() };
        let length = part.header("content-length").map_or(0, |length| length.parse().unwrap());
        part.body = received[at + 4..at + 4 + length].to_vec();
        received = &received[at + 4 + length..];
        parts.push(part);
    }
    assert!(received.is_empty(), "{:?}", String::from_utf8_lossy(received));
    parts
}

impl Client {
    /// The last answer on a connection that sends this.
    pub async fn last_answer(&self, sent: impl AsRef<[u8]>) -> Part {
        parts(&self.exchange(sent.as_ref()).await).pop().unwrap()
    }
}

/// A request of which the connection goes on.
pub fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\n{HOST}\r\n")
}

/// One behind which it ends.
pub fn last(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n")
}

/// One that offers a volume.
pub fn create(volume: &str, name: &str) -> String {
    let body = json!({"transfer": {"volume_id": volume, "name": name}}).to_string();
    format!("POST /v2/alpha/os-volume-transfer?raw=é HTTP/1.1\r\n{HOST}Content-Length: {}\r\n\r\n{body}", body.len())
}
