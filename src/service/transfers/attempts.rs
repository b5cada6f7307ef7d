//! Attempts: a project that has sent too many wrong keys is refused until the time is over, before any hash and also with a right key,
//! and no other project is: so nobody guesses a key, and nobody keeps the true recipient out. Counted in the database, where every
//! key that was judged takes its turn: of many at once no more than the limit come to know whether theirs is right.

use crate::service::prelude::*;
use crate::store::attempts as stored;

/// Whether the caller's project may try a key of this transfer now.
///
/// # Errors
/// [`Error::TooMany`].
pub(super) async fn judge(cx: &Context, db: &mut Db, transfer: Id, now: Time) -> Result<()> {
    let Some(limits) = cx.service.attempts else { return Ok(()) };
    let Some(since) = stored::full_since(db, (transfer, &cx.caller.project), limits, now).await? else { return Ok(()) };
    let left = since.after(limits.within).micros().saturating_sub(now.micros());
    let seconds = u64::try_from(left / 1_000_000).unwrap_or_default() + 1;
    Err(Error::TooMany("Your project has sent too many wrong auth keys.", seconds))
}

/// Counts a wrong key; how the caller is answered: when meanwhile others have used up the limit, not that it was wrong.
pub(super) async fn wrong(cx: &Context, transfer: Id) -> Error {
    let counting = Repeatable((cx, transfer), |(cx, transfer), db| Box::pin(count(cx, db, *transfer, 1)));
    cx.service.store.write(&counting).await.err().unwrap_or(Error::WrongKey(transfer))
}

/// Takes the turn of a key that was right, before every other lock.
///
/// # Errors
/// [`Error::TooMany`] when meanwhile others have used up the limit.
pub(super) async fn right(cx: &Context, db: &mut Db, transfer: Id) -> Result<()> {
    if cx.service.attempts.is_some() {
        count(cx, db, transfer, 0).await?;
        stored::tidy(db, (transfer, &cx.caller.project)).await?;
    }
    Ok(())
}

async fn count(cx: &Context, db: &mut Db, transfer: Id, more: i64) -> Result<()> {
    let now = cx.now();
    let has_room = stored::count(db, (transfer, &cx.caller.project), cx.service.attempts, more, now).await?;
    if has_room { Ok(()) } else { judge(cx, db, transfer, now).await }
}
