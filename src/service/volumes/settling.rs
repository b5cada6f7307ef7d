//! Settling: a volume whose status ends by itself is `available` from that moment on: one that is still `creating` when what it waits
//! for is over, one on offer when its offer expires. What is stored of a volume decides, not what a setting says by then. Whoever
//! judges, changes or lists volumes settles first; a worker settles what nobody asks for.

use crate::domain::volume::Provisioning::{self, Until};
use crate::service::prelude::*;
use crate::service::transfers::expiry;
use crate::store::{counts, volumes as stored};

/// The volume as it is now, whether that is stored already or not.
pub(super) fn settled(volume: Volume, now: Time) -> Volume {
    match volume.provisioning {
        Some(Until(at)) if at <= now => {
            let updated_at = volume.updated_at.filter(|updated| *updated > at).or(Some(at));
            Volume { status: KnownStatus::Available.into(), updated_at, provisioning: None, ..volume }
        }
        _ => volume,
    }
}

/// Invariant kept: a volume waits for something only while it is `creating` or on offer. What was settled is settled; a look may be
/// counted twice where a COMMIT is in doubt, which harms nobody.
type Settling<A, T = ()> = Repeatable<A, T, StoreError>;

/// How long who only looks waits for another writer, such as an import, which on SQLite holds the whole database.
const PATIENCE: Duration = Duration::from_secs(1);

/// Settles every volume whose time has come, before volumes or offers are listed or counted.
pub(in crate::service) async fn all(cx: &Context) {
    in_passing(due(&cx.service)).await;
}

/// Who only looks is answered whether or not anything can be written: what is not settled now is left to whoever looks next.
async fn in_passing<T, E: std::fmt::Display>(settling: impl Future<Output = Result<T, E>>) {
    if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, settling).await {
        tracing::debug!(%error, "what is due is not settled yet");
    }
}

/// Settles every volume whose time has come, a batch a transaction.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn due(service: &Service) -> Result<(), StoreError> {
    while stored::any_due(&mut service.store.reader().await?, service.clock.now()).await? {
        let settling: Settling<_, _> = Repeatable(service, |service, db| {
            Box::pin(async {
                let now = service.clock.now();
                let (settled, ended) = (stored::settle(db, None::<[Id; 0]>, now).await?, expiry::some(service, db, now).await?);
                if ended != Counts::default() {
                    // one slot is as good as another: only the sum of them means anything
                    counts::add(db, random::id(&*service.random), ended);
                }
                Ok((settled, ended))
            })
        });
        if service.store.write(&settling).await? == (0, Counts::default()) {
            break; // others have done it
        }
    }
    Ok(())
}

/// Settles one volume, before it is judged.
pub(in crate::service) async fn one(cx: &Context, id: Id) -> Result<()> {
    let settling: Settling<_> = Repeatable((cx, id), |(cx, id), db| {
        Box::pin(async {
            volumes::lock(db, *id).await?;
            let mut tx = Tx::over(db);
            if let Some(volume) = volumes::TABLE.by_id(&mut tx, *id).await? {
                locked(cx, &mut tx, volume).await?;
            }
            tx.end();
            Ok(())
        })
    });
    Ok(cx.service.store.write(&settling).await?)
}

/// Settles a volume that is locked; the volume as it is then.
pub(super) async fn locked(cx: &Context, tx: &mut Tx<'_>, volume: Volume) -> Result<Volume, StoreError> {
    let now = cx.now();
    let after = settled(volume.clone(), now);
    if after.provisioning == volume.provisioning {
        return Ok(after);
    }
    if volume.status.is(KnownStatus::AwaitingTransfer) {
        let ended = expiry::of_volumes(&cx.service, tx, &[volume.id], now).await?;
        tx.count(volume.id, ended);
    } else {
        stored::settle(tx, Some([volume.id]), now).await?;
    }
    Ok(after)
}

/// The volume that was looked at, as it is now: settled, so that nobody can be told otherwise later.
pub(super) async fn seen(cx: &Context, volume: Volume) -> Volume {
    let after = settled(volume.clone(), cx.now());
    if after.provisioning != volume.provisioning {
        in_passing(one(cx, volume.id)).await;
    }
    after
}

/// Counts a look at a volume, if looks are what it waits for. The last of them is answered as the ones before: the volume is
/// `available` when it is looked at next.
pub(super) async fn look(cx: &Context, volume: &Volume) {
    if matches!(volume.provisioning, Some(Provisioning::Reads(_))) {
        let counting: Settling<_> = Repeatable((volume.id, cx.now()), |(id, now), db| {
            Box::pin(async {
                volumes::lock(db, *id).await?;
                stored::count_read(db, *id, *now).await
            })
        });
        in_passing(cx.service.store.write(&counting)).await;
    }
}
