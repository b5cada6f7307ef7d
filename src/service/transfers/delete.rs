//! Delete: the donor, or an admin, withdraws an offer.

use crate::service::prelude::*;

/// The end of an offer, whose volume is `available` again; the offer that was.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub struct Delete(pub Id);

/// Invariant kept: the volume is `available`, and nothing is pending on it.
impl Operation for Delete {
    type Ready = Offer;
    type Done = Offer;

    fn intent(&self) -> Intent<'_> {
        Intent::of_record(&policy::TRANSFERS_DELETE, RecordKind::Transfer, self.0)
    }

    async fn prepare(&self, cx: &Context, target: &mut Target) -> Result<Offer> {
        let offer = super::visible(cx, &mut cx.reader().await?, self.0).await?;
        target.volume_id = Some(offer.volume_id);
        Ok(offer)
    }

    async fn write(&self, cx: &Context, offer: &Offer, tx: &mut Tx<'_>) -> Result<Offer> {
        // an offer does not change but by its end, which finds it pending or nothing, once the volume is free
        if !tx.presumes() {
            ending::lock(cx, tx, offer).await?;
        }
        let by = ending::stamp(cx, offer, offer.made.at)?;
        volumes::free(tx, offer.volume_id, by.at);
        ending::end(tx, offer, Ending::Deleted, &by);
        Ok(offer.clone())
    }

    const FIRST_ANSWER: Option<FirstAnswer<Offer>> = FirstAnswer::TRANSFER;
}
