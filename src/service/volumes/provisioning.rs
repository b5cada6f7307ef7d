//! Settling: a volume that is still `creating` becomes `available` when what it waits for is over. What is stored of a volume
//! decides, not what the setting says by then. Nothing runs by itself: whoever judges, changes or lists volumes settles first.

use crate::domain::volume::Provisioning::{self, Until};
use crate::service::prelude::*;
use crate::store::volumes as stored;

/// The volume as it is now, whether that is stored already or not.
pub(super) fn settled(volume: Volume, now: Time) -> Volume {
    match volume.provisioning {
        Some(Until(at)) if at <= now => {
            Volume { status: KnownStatus::Available.into(), updated_at: Some(at), provisioning: None, ..volume }
        }
        _ => volume,
    }
}

/// Invariant kept: only a volume that is `creating` waits for something. What was settled is settled; a look may be counted twice
/// where a COMMIT is in doubt, which harms nobody.
type Settling<A> = Repeatable<A, (), StoreError>;

/// How long who only looks waits for another writer, such as an import, which on SQLite holds the whole database.
const PATIENCE: Duration = Duration::from_secs(1);

/// Settles every volume whose time has come, before volumes are listed or counted.
pub(super) async fn all(cx: &Context) -> Result<()> {
    let now = cx.now();
    if stored::any_due(&mut cx.reader().await?, now).await? {
        in_passing(cx, &Repeatable(now, |now, db| Box::pin(stored::settle_all(db, *now)))).await;
    }
    Ok(())
}

/// Who only looks is answered whether or not anything can be written: what is not settled now is left to whoever looks next.
async fn in_passing<A: Sync>(cx: &Context, settling: &Settling<A>) {
    if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, cx.service.store.write(settling)).await {
        tracing::debug!(%error, "what is due is not settled yet");
    }
}

/// Settles one volume, before it is judged.
pub(in crate::service) async fn one(cx: &Context, id: Id) -> Result<()> {
    let settling: Settling<_> = Repeatable((id, cx.now()), |(id, now), db| {
        Box::pin(async {
            volumes::lock(db, *id).await?;
            stored::settle(db, *id, *now).await
        })
    });
    Ok(cx.service.store.write(&settling).await?)
}

/// Counts a look at a volume, if looks are what it waits for. The last of them is answered as the ones before: the volume is
/// `available` when it is looked at next.
pub(super) async fn look(cx: &Context, volume: &Volume) {
    if matches!(volume.provisioning, Some(Provisioning::Reads(_))) {
        let counting = Repeatable((volume.id, cx.now()), |(id, now), db| {
            Box::pin(async {
                volumes::lock(db, *id).await?;
                stored::count_read(db, *id, *now).await
            })
        });
        in_passing(cx, &counting).await;
    }
}
