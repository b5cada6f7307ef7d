//! Settling: a volume whose status ends by itself is `available` from that moment on: one that is still `creating` when what it waits
//! for is over, one on offer when its offer expires. What is stored of a volume decides, not what a setting says by then. Whoever
//! judges, changes or lists volumes settles first; a worker settles what nobody asks for.

use futures_util::future::join_all;

use crate::domain::volume::Provisioning::{self, Until};
use crate::service::prelude::*;
use crate::store::volumes as stored;

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
type Settling<A> = Repeatable<A, (), StoreError>;

/// How long who only looks waits for another writer, such as an import, which on SQLite holds the whole database.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many are settled at once: as many as an SQLite file commits together.
const AT_ONCE: i64 = 64;

/// Settles every volume whose time has come, before volumes or offers are listed or counted.
pub(in crate::service) async fn all(cx: &Context) {
    in_passing(Box::pin(due(&cx.service))).await;
}

/// Who only looks is answered whether or not anything can be written: what is not settled now is left to whoever looks next.
async fn in_passing(settling: impl Future<Output = Result<(), StoreError>>) {
    if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, settling).await {
        tracing::debug!(%error, "what is due is not settled yet");
    }
}

/// Settles every volume whose time has come, some at once, each in a transaction of its own: who locks two could wait for whoever
/// has locked them the other way round.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(service: &Service) -> Result<(), StoreError> {
    let mut tried = Vec::new();
    loop {
        let due = stored::due(&mut service.store.reader().await?, service.clock.now(), AT_ONCE).await?;
        // what others hold, or what fits no state, is left to whoever looks next
        if due == tried {
            return Ok(());
        }
        join_all(due.iter().map(|id| in_passing(one(service, *id)))).await;
        tried = due;
    }
}

/// Settles one volume, before it is judged.
pub(in crate::service) async fn one(service: &Service, id: Id) -> Result<(), StoreError> {
    let settling: Settling<_> = Repeatable((service, id), |(service, id), db| {
        Box::pin(async {
            volumes::lock(db, *id).await?;
            let mut tx = Tx::over(db);
            if let Some(volume) = volumes::TABLE.by_id(&mut tx, *id).await? {
                locked(service, &mut tx, volume).await?;
            }
            tx.end();
            Ok(())
        })
    });
    // boxed: whoever looks at a volume would carry a transaction's state, for the few that are due
    Box::pin(service.store.write(&settling)).await
}

/// Settles a volume that is locked; the volume as it is then.
pub(in crate::service) async fn locked(service: &Service, tx: &mut Tx<'_>, volume: Volume) -> Result<Volume, StoreError> {
    let now = service.clock.now();
    let after = settled(volume.clone(), now);
    if after.provisioning == volume.provisioning {
        return Ok(after);
    }
    if volume.status.is(KnownStatus::AwaitingTransfer) {
        expiry::of_volume(service, tx, volume.id, now).await?;
    } else {
        stored::settle(tx, volume.id, now).await?;
    }
    Ok(after)
}

/// The volume that was looked at, as it is now: settled, so that nobody can be told otherwise later.
pub(super) async fn seen(cx: &Context, volume: Volume) -> Volume {
    let after = settled(volume.clone(), cx.now());
    if after.provisioning != volume.provisioning {
        in_passing(one(&cx.service, volume.id)).await;
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
        in_passing(Box::pin(cx.service.store.write(&counting))).await;
    }
}
