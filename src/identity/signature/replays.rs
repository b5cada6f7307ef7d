//! Signatures that were used, so that a write that somebody has listened to is not done a second time. Each process has its own
//! memory: another replica, and the next start, know nothing of it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::WINDOW;
use crate::domain::Time;
use crate::identity::Unidentified;

/// 270 writes a second for a quarter of an hour, in some 16 MB.
const MOST: usize = 250_000;

/// The signatures of writes, for as long as their dates are taken.
#[derive(Debug)]
pub struct Replays {
    most: usize,
    memory: Mutex<Memory>,
}

#[derive(Debug)]
struct Memory {
    /// Before this date nothing is remembered any more: a clock that is set back does not make the old new.
    since: Time,
    /// By their dates, the first to be forgotten first.
    used: BTreeSet<(Time, [u8; 32])>,
}

impl Default for Replays {
    fn default() -> Self {
        Self::of(MOST)
    }
}

impl Replays {
    fn of(most: usize) -> Self {
        Self { most, memory: Mutex::new(Memory { since: Time::EPOCH, used: BTreeSet::new() }) }
    }

    /// Whether a signature of this date is seen for the first time; it is remembered.
    ///
    /// # Errors
    /// Unavailable where there are too many: none is forgotten before its time.
    pub fn first_time(&self, date: Time, signature: [u8; 32], now: Time) -> Result<bool, Unidentified> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let Memory { since, used } = &mut *memory;
        *since = now.before(WINDOW).max(*since);
        while used.first().is_some_and(|(date, _)| date < since) {
            used.pop_first();
        }
        if date < *since || used.contains(&(date, signature)) {
            return Ok(false);
        }
        if used.len() >= self.most {
            return Err(Unidentified::Unavailable(
                "More signed requests that change something came within 15 minutes than are remembered here; nothing was changed. \
                 Come back in a minute, or use a token"
                    .to_owned(),
            ));
        }
        Ok(used.insert((date, signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> Time {
        Time::parse(&format!("2026-01-02T03:{minute:02}:00")).unwrap()
    }

    #[test]
    fn a_signature_is_new_once_until_its_date_is_taken_no_more() {
        let replays = Replays::of(8);
        let first = |date, signature: u8, now| replays.first_time(at(date), [signature; 32], at(now)).unwrap();
        assert!(first(15, 1, 0), "a date may lie ahead");
        assert!(!first(15, 1, 0));
        assert!(!first(15, 1, 30), "the last moment that it is taken at");
        assert!(first(15, 2, 30), "another signature");
        assert!(first(31, 3, 31));
        assert!(!first(15, 1, 0), "forgotten, and not new where the clock was set back");
        assert_eq!(replays.memory.lock().unwrap().used.len(), 1);
    }

    #[test]
    fn when_the_memory_is_full_nothing_is_forgotten_and_new_writes_must_wait() {
        let replays = Replays::of(2);
        let first = |signature: u8, now| replays.first_time(at(0), [signature; 32], at(now));
        assert_eq!((first(1, 0), first(2, 0)), (Ok(true), Ok(true)));
        assert!(matches!(first(3, 0), Err(Unidentified::Unavailable(_))));
        assert_eq!(first(1, 0), Ok(false), "what was used is still known");
        assert_eq!(replays.first_time(at(16), [3; 32], at(16)), Ok(true));
    }

    #[test]
    fn of_many_at_once_one_is_the_first() {
        let replays = Replays::default();
        let firsts = std::thread::scope(|scope| {
            let ask = || scope.spawn(|| replays.first_time(at(0), [1; 32], at(0)).unwrap());
            let asked: Vec<_> = (0..8).map(|_| ask()).collect();
            asked.into_iter().filter_map(|asked| asked.join().ok()).filter(|first| *first).count()
        });
        assert_eq!(firsts, 1);
    }
}
