//! A bounded queue that many share: whoever fills it leaves places to the others, and waits behind its own alone.

use std::collections::{HashMap, VecDeque};

use parking_lot::{Condvar, Mutex};

/// Jobs of many owners, taken in turns.
pub struct Queue<T> {
    places: usize,
    jobs: Mutex<Jobs<T>>,
    arrived: Condvar,
}

struct Jobs<T> {
    of: HashMap<String, VecDeque<T>>,
    /// Whose turn it is: each owner that waits stands here once.
    turns: VecDeque<String>,
    waiting: usize,
    is_closed: bool,
}

impl<T> Queue<T> {
    /// A queue of so many places.
    pub fn new(places: usize) -> Self {
        let jobs = Jobs { of: HashMap::new(), turns: VecDeque::new(), waiting: 0, is_closed: false };
        Self { places, jobs: Mutex::new(jobs), arrived: Condvar::new() }
    }

    /// Puts a job behind its owner's others; whether there was room. An owner has no more places than it leaves free: alone it
    /// gets half of them, and however many fill it there is one for who has none.
    pub fn push(&self, owner: &str, job: T) -> bool {
        let mut jobs = self.jobs.lock();
        let own = jobs.of.get(owner).map_or(0, VecDeque::len);
        if own >= self.places.saturating_sub(jobs.waiting) {
            return false;
        }
        if own == 0 {
            jobs.turns.push_back(owner.to_owned());
        }
        jobs.of.entry(owner.to_owned()).or_default().push_back(job);
        jobs.waiting += 1;
        self.arrived.notify_one();
        true
    }

    /// The next job, of the owner who has waited longest for a turn; waits for one. `None` once the queue is closed.
    pub fn pop(&self) -> Option<T> {
        let mut jobs = self.jobs.lock();
        self.arrived.wait_while(&mut jobs, |jobs| jobs.waiting == 0 && !jobs.is_closed);
        let owner = jobs.turns.pop_front().filter(|_| !jobs.is_closed)?;
        let own = jobs.of.get_mut(&owner)?;
        let job = own.pop_front();
        if own.is_empty() {
            jobs.of.remove(&owner);
        } else {
            jobs.turns.push_back(owner);
        }
        jobs.waiting -= 1;
        job
    }

    /// Nobody takes a job any more.
    pub fn close(&self) {
        self.jobs.lock().is_closed = true;
        self.arrived.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fills_it_leaves_places_to_the_others() {
        let queue = Queue::new(8);
        let taken = |owner: &str| (0..8).filter(|job| queue.push(owner, *job)).count();
        assert_eq!([taken("greedy"), taken("second"), taken("third"), taken("greedy")], [4, 2, 1, 0]);
        assert_eq!(taken("last"), 1, "there is one for who has none");
        assert_eq!(taken("too late"), 0);
    }

    #[test]
    fn each_has_its_turn() {
        let queue = Queue::new(100);
        for job in ["a1", "a2", "a3", "b1", "c1", "b2"] {
            assert!(queue.push(&job[..1], job));
        }
        let order: Vec<_> = (0..6).map(|_| queue.pop().unwrap()).collect();
        assert_eq!(order, ["a1", "b1", "c1", "a2", "b2", "a3"]);
        queue.close();
        assert_eq!(queue.pop(), None);
    }
}
