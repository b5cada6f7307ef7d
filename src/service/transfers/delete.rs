//! Delete: the donor, or an admin, withdraws an offer.

use super::{ending, show};
use crate::domain::act::Target;
use crate::domain::transfer::Ending;
use crate::domain::{Id, Offer, RecordKind, VolumeStatus};
use crate::service::policy::{self, Action};
use crate::service::{Context, Error, Operation, Tx};
use crate::store::volumes;

/// The end of an offer, whose volume is `available` again; the offer that was.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
#[derive(Debug)]
pub struct Delete(pub Id);

/// Invariant kept: the volume is `available`, and nothing is pending on it.
impl Operation for Delete {
    type Ready = Offer;
    type Done = Offer;

    fn action(&self) -> &'static Action {
        &policy::TRANSFERS_DELETE
    }

    fn record(&self) -> Option<(RecordKind, Id)> {
        Some((RecordKind::Transfer, self.0))
    }

    fn target(&self, offer: Option<&Offer>) -> Target {
        ending::target(self.0, offer)
    }

    async fn prepare(&self, cx: &Context) -> Result<Offer, Error> {
        show::visible(cx, self.0).await
    }

    async fn write(&self, cx: &Context, offer: &Offer, tx: &mut Tx<'_>) -> Result<Offer, Error> {
        ending::lock(tx, offer).await?;
        let by = cx.stamp(offer.made.at);
        let (from, to) = (VolumeStatus::AWAITING_TRANSFER, VolumeStatus::AVAILABLE);
        if !volumes::set_status(tx, offer.volume_id, from, to, by.at).await? {
            return Err(ending::over(self.0));
        }
        ending::end(tx, offer, Ending::Deleted, &by).await?;
        Ok(offer.clone())
    }
}
