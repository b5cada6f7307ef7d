//! A volume's status does not allow what was asked: Cinder's words, then the way out of that status.

use crate::service::prelude::*;

/// The refusal in Cinder's `words`, given without their leading `Invalid volume: `. An offer that is in the way is named: only the
/// volume's owner or an admin comes this far.
pub(in crate::service) async fn refusal(db: &mut Db, volume: &Volume, words: &str) -> Error {
    refusal_with(db, volume, words, advice(&volume.status)).await
}

/// The same where there is a better way out than leaving the status.
pub(in crate::service) async fn refusal_with(db: &mut Db, volume: &Volume, words: &str, advice: &str) -> Error {
    let advice = match transfers::pending_of(db, [volume.id]).await.map(|mut pending| pending.pop()) {
        Ok(Some(Transfer { offer, .. })) => {
            format!("Transfer {} is pending on it: delete that transfer, or have it accepted, first.", offer.id)
        }
        Ok(None) => advice.to_owned(),
        Err(error) => return error.into(),
    };
    Error::Invalid(format!("Invalid volume: {words} {advice}"))
}

fn advice(status: &VolumeStatus) -> &'static str {
    match status.as_str() {
        "available" => "Nothing is attached to it.",
        "in-use" => "Detach it first.",
        "attaching" => "Unreserve it (os-unreserve), or have an admin reset its status (os-reset_status).",
        "detaching" => "Detach it (os-detach), or have an admin reset its status (os-reset_status).",
        "creating" => {
            "Once it is available it can be done; where it stays so, have an admin reset its status (os-reset_status)."
        }
        // nothing of this API ends it
        _ => "Have an admin reset its status (os-reset_status).",
    }
}
