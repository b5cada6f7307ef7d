//! How sign-ins end, and who fails at it: whoever fails too often from an address waits, so that no password is found by trying.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::domain::limits::FAILED_SIGN_INS;
use crate::domain::str_enum::str_enum;
use crate::service::prelude::*;

/// Within which [`FAILED_SIGN_INS`] of a user may fail from one address.
const WINDOW: Duration = Duration::from_mins(1);
/// How many users and addresses are counted at once: more, and who is counted longest is forgotten.
const MOST_COUNTED: usize = 10_000;

str_enum! {
    /// What became of a sign-in.
    pub enum Outcome {
        Done = "done",
        Unknown = "unknown",
        Wrong = "wrong_secret",
        Disabled = "disabled",
        NoRole = "no_role",
        TooMany = "too_many",
        Failed = "failed",
    }
}

/// Who is tried, as a hash, since a name has any length, and from where.
type Who = ([u8; 32], Option<IpAddr>);

/// The sign-ins so far: how many ended how, and who fails at it.
#[derive(Default)]
pub struct SignIns {
    ended: [AtomicU64; Outcome::WORDS.len()],
    counted: Mutex<HashMap<Who, Counted>>,
    /// Told whenever a try has ended.
    one_ended: Notify,
}

struct Counted {
    failed: u32,
    /// The first of these failures; without one, the first try.
    since: Time,
    /// Under way.
    trying: u32,
}

/// A try under way. One that is dropped, since its caller went away or nothing could be tried, is none.
pub struct Trying<'s> {
    sign_ins: &'s SignIns,
    who: Who,
    now: Time,
}

impl SignIns {
    /// How many have ended how.
    pub fn ended(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Outcome::WORDS.iter().zip(&self.ended).map(|(word, ended)| (*word, ended.load(Ordering::Relaxed)))
    }

    pub(super) fn count(&self, outcome: Outcome) {
        self.ended[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Begins a try. As many at once as may fail yet: the others wait for how these end, so that many are no way around, and many
    /// that are right hinder no other. How many seconds to wait, where it is one too many.
    pub(super) async fn begin(&self, who: &str, cx: &Context) -> Result<Trying<'_>, u64> {
        let who = (Sha256::digest(who).into(), cx.address);
        loop {
            let mut one_ended = std::pin::pin!(self.one_ended.notified());
            one_ended.as_mut().enable();
            if self.may_begin(who, cx.now())? {
                return Ok(Trying { sign_ins: self, who, now: cx.now() });
            }
            one_ended.await;
        }
    }

    fn may_begin(&self, who: Who, now: Time) -> Result<bool, u64> {
        let mut all = self.counted.lock();
        if !all.contains_key(&who) {
            all.retain(|_, counted| counted.trying > 0 || now < counted.since.after(WINDOW));
            let oldest = all.iter().min_by_key(|(_, counted)| counted.since).map(|(who, _)| *who);
            if let Some(oldest) = oldest.filter(|_| all.len() >= MOST_COUNTED) {
                all.remove(&oldest);
            }
        }
        let counted = all.entry(who).or_insert(Counted { failed: 0, since: now, trying: 0 });
        let end = counted.since.after(WINDOW);
        if end <= now {
            (counted.failed, counted.since) = (0, now);
        }
        if counted.failed >= FAILED_SIGN_INS {
            let left = end.micros().saturating_sub(now.micros());
            return Err(u64::try_from(left / 1_000_000).unwrap_or_default() + 1);
        }
        let has_room = counted.failed + counted.trying < FAILED_SIGN_INS;
        counted.trying += u32::from(has_room);
        Ok(has_room)
    }
}

impl Trying<'_> {
    /// It has ended: one that was right makes the failures before it forgotten.
    pub(super) fn ends(self, is_right: bool) {
        if let Some(counted) = self.sign_ins.counted.lock().get_mut(&self.who) {
            if !is_right && counted.failed == 0 {
                counted.since = self.now;
            }
            counted.failed = if is_right { 0 } else { counted.failed + 1 };
        }
    }
}

impl Drop for Trying<'_> {
    fn drop(&mut self) {
        if let Some(counted) = self.sign_ins.counted.lock().get_mut(&self.who) {
            counted.trying = counted.trying.saturating_sub(1);
        }
        self.sign_ins.one_ended.notify_waiters();
    }
}
