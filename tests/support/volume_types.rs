//! Volume types as admins make them.

use super::{Ask, TestServer, Value, json, new_id};

/// An admin of the project `alpha`.
pub const ADMIN: &str = "admin:alpha";

/// A type that was made, and its encryption.
pub struct Made {
    pub id: String,
    pub encryption_id: String,
}

impl TestServer {
    /// An admin's request on `types`, below `/v3/alpha`.
    #[allow(clippy::needless_pass_by_value)] // as `post` takes it
    pub fn types(&self, method: &str, path: &str, body: Value) -> Ask {
        let ask = self.ask(method, &format!("/v3/alpha/types{path}")).by(ADMIN);
        if body.is_null() { ask } else { ask.json(&body) }
    }

    /// Makes a type of this name, with these fields; its id.
    pub async fn volume_type(&self, fields: Value) -> String {
        let made = self.types("POST", "", json!({"volume_type": fields})).await.is(200).one("volume_type");
        made["id"].as_str().unwrap().to_owned()
    }

    /// Makes a private type that has everything, and is open to `alpha`.
    pub async fn full_type(&self, admin: &str) -> Made {
        let fields =
            json!({"name": new_id(), "os-volume-type-access:is_public": false, "extra_specs": {"k": "v", "multiattach": "no"}});
        let made = self.types("POST", "", json!({"volume_type": fields})).by(admin).await.is(200).one("volume_type");
        let id = made["id"].as_str().unwrap().to_owned();
        let opens = json!({"addProjectAccess": {"project": "alpha"}});
        self.types("POST", &format!("/{id}/action"), opens).by(admin).await.is(202);
        let luks = json!({"encryption": {"provider": "luks", "control_location": "front-end"}});
        let encryption = self.types("POST", &format!("/{id}/encryption"), luks).by(admin).await.is(200).one("encryption");
        Made { id, encryption_id: encryption["encryption_id"].as_str().unwrap().to_owned() }
    }
}
