//! Which volumes a snapshot can be made of. Source: Cinder's `volume/api.py`, `create_snapshot_in_db`.

use crate::service::prelude::*;
use crate::service::volumes::actions::refusal::{refusal, refusal_with};

/// Whether the locked volume's status allows it.
pub(super) async fn judge(db: &mut Db, volume: &Volume, takes_in_use: bool) -> Result<Map<String, Value>> {
    let allowed: &[&str] = if takes_in_use { &["available", "in-use"] } else { &["available"] };
    let status = volume.status.as_str();
    if allowed.contains(&status) {
        return Ok(Map::new());
    }
    let words = match status {
        "maintenance" => "The snapshot cannot be created when the volume is in maintenance mode.".to_owned(),
        "error" => "The snapshot cannot be created when the volume is in error status.".to_owned(),
        _ => format!("Volume {} status must be {}, but current status is: {status}.", volume.id, allowed.join(", ")),
    };
    if status == "in-use" {
        let advice = "Detach it, or send force as true; from microversion 3.66 on /v3 it goes without.";
        return Err(refusal_with(db, volume, &words, advice).await);
    }
    Err(refusal(db, volume, &words).await)
}
