//! Snapshots and backups as clients drive them.

use super::{Answer, TestServer, Value, json};

impl TestServer {
    /// Makes a snapshot of a volume of `alpha`'s; its id.
    pub async fn snapshot(&self, volume: &str) -> String {
        let body = json!({"snapshot": {"volume_id": volume}});
        id(&self.post("/v3/alpha/snapshots", body).await.is(202).one("snapshot"))
    }

    /// Makes a backup of a volume of `alpha`'s; its id.
    pub async fn backup(&self, volume: &str) -> String {
        let body = json!({"backup": {"volume_id": volume}});
        id(&self.post("/v3/alpha/backups", body).await.is(202).one("backup"))
    }

    /// An admin sets the status of a snapshot or a backup, by its path.
    pub async fn reset(&self, path: &str, status: &str) -> Answer {
        let body = json!({"os-reset_status": {"status": status}});
        self.post(&format!("{path}/action"), body).by("admin:ops").await
    }

    /// The ids of all snapshots, or all backups, that a project lists.
    pub async fn listed(&self, project: &str, kind: &str) -> Vec<String> {
        let answer = self.get(&format!("/v3/{project}/{kind}")).by(&format!("alice:{project}")).await.is(200);
        answer.rows(kind).iter().map(id).collect()
    }
}

fn id(record: &Value) -> String {
    record["id"].as_str().expect("a record has an id").to_owned()
}
