//! A volume's status does not allow what was asked: Cinder's words, then the way out.

use crate::{
    domain::{Transfer, Volume},
    service::Error,
    store::{Db, load_transfers},
};

/// Refuses. `words` are Cinder's, without their leading `Invalid volume: `; `advice` is how the status is left, unless the
/// volume is on offer: then the offer is in the way, and is named, since only its owner or an admin comes this far.
pub(in crate::service) async fn refused<T>(db: &mut Db, volume: &Volume, words: &str, advice: &str) -> Result<T, Error> {
    let mut way_out = advice.to_owned();
    if volume.status.is_awaiting_transfer()
        && let Some(Transfer { offer, .. }) = load_transfers::pending_of(db, [volume.id]).await?.pop()
    {
        way_out = format!("Transfer {} is pending on it: delete that transfer, or have it accepted, first.", offer.id);
    }
    Err(Error::Invalid(format!("Invalid volume: {words} {way_out}")))
}
