//! Retention: what is kept for a time goes when the time is over: acts, the counts of refusals, the answers and names of requests
//! that were done once, tokens that are over. Several replicas may do it at once: what one has deleted the other does not find.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::Time;
use crate::domain::limits::{ANSWERED, REMEMBERED};
use crate::service::Service;
use crate::store::{Db, Repeatable, StoreError, acts, attempts, idempotency, identity};

/// How often it is looked.
pub const EACH: Duration = Duration::from_mins(1);

/// Longer than the hour that refusals are counted in, since clocks differ.
const COUNTED: Duration = Duration::from_hours(2);

/// Deletes what is over; `history`: how long acts are kept, or for ever.
pub async fn sweep(service: Arc<Service>, history: Option<Duration>) {
    if let Err(error) = delete(&service, history).await {
        tracing::warn!(%error, "what is kept no longer is not deleted yet");
    }
}

async fn delete(service: &Service, history: Option<Duration>) -> Result<(), StoreError> {
    let now = service.clock.now();
    service.store.write(&Repeatable(now, |now, db| Box::pin(tidy(db, *now)))).await?;
    let Some(kept) = history else { return Ok(()) };
    let until = now.before(kept);
    // a count is of use as long as its time runs, whatever is kept
    let counted = now.before(service.attempts.map_or(kept, |limits| limits.within.max(kept)));
    service.store.write(&Repeatable(counted, |until, db| Box::pin(attempts::forget(db, *until)))).await?;
    let mut deleted = 0;
    // a thousand at a time, so that no writer waits for long
    loop {
        let slice = acts::end_of_slice(&mut service.store.reader().await?).await?.filter(|end| *end < until);
        let forgetting = Repeatable(slice.unwrap_or(until), |until, db| Box::pin(acts::forget(db, *until)));
        deleted += service.store.write(&forgetting).await?;
        if slice.is_none() {
            break;
        }
    }
    if deleted > 0 {
        tracing::info!(deleted, %until, "acts from before this time are kept no longer");
    }
    Ok(())
}

/// Tidies all that is kept for a fixed time.
async fn tidy(db: &mut Db, now: Time) -> Result<(), StoreError> {
    idempotency::tidy(db, now.before(ANSWERED), now.before(REMEMBERED)).await?;
    identity::forget(db, now).await?;
    acts::forget_counts(db, now.before(COUNTED)).await
}
