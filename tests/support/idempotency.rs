//! Requests that name themselves, and what is true of a retry.

use super::answer::REQUEST_IDS;
use super::ask::{Ask, Client};
use super::{Answer, json, new_id};

pub const CLIENT_TOKEN: &str = "X-Client-Token";
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The two headers; each with a new value that both take.
pub fn names() -> [(&'static str, String); 2] {
    [(CLIENT_TOKEN, new_id()), (IDEMPOTENCY_KEY, new_id())]
}

impl Client {
    /// Offers a volume of alpha's on `/v2`, as alice.
    pub fn create_named(&self, (header, name): (&str, &str), volume: &str) -> Ask {
        let body = json!({"transfer": {"volume_id": volume, "name": "n"}});
        self.post("/v2/alpha/os-volume-transfer", body).header(header, name)
    }

    /// Accepts an offer on `/v2`, as bob of beta.
    pub fn accept_named(&self, (header, name): (&str, &str), id: &str, key: &str) -> Ask {
        let path = format!("/v2/beta/os-volume-transfer/{id}/accept");
        self.post(&path, json!({"accept": {"auth_key": key}})).by("bob:beta").header(header, name)
    }

    /// Withdraws an offer of alpha's on `/v2`, as alice.
    pub fn delete_named(&self, (header, name): (&str, &str), id: &str) -> Ask {
        self.delete(&format!("/v2/alpha/os-volume-transfer/{id}")).header(header, name)
    }
}

/// The same answer, byte for byte, under another request id.
#[track_caller]
pub fn assert_same(first: &Answer, again: &Answer) {
    let rest = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        REQUEST_IDS.iter().chain(&["date"]).for_each(|name| drop(headers.remove(*name)));
        (answer.status, headers, answer.text().to_owned())
    };
    assert_eq!(rest(first), rest(again), "{first}, then {again}");
    assert_ne!(first.request_id(), again.request_id());
}
