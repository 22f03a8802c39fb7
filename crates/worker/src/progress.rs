//! Whether the cluster log goes on.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// When there was a block, and since when work waits for one.
pub(crate) struct Progress(Mutex<Times>);

struct Times {
    moved: Instant,
    waits_since: Option<Instant>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Times { moved: Instant::now(), waits_since: None }))
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something waits for a block.
    pub(crate) fn work_waits(&self) {
        self.times().waits_since.get_or_insert_with(Instant::now);
    }

    /// There was a block. Whoever still has work says so after this.
    pub(crate) fn moved(&self) {
        *self.times() = Times { moved: Instant::now(), waits_since: None };
    }

    /// For how long there was no block though work waited; `is_due`: also that of timers.
    pub(crate) fn stalled(&self, is_due: bool) -> Duration {
        let times = self.times();
        let since = if is_due { Some(times.moved) } else { times.waits_since };
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_work_that_waits_makes_a_log_that_rests_a_stalled_one() {
        let progress = Progress::new();
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(progress.stalled(false), Duration::ZERO);
        assert!(progress.stalled(true) >= Duration::from_millis(5), "a timer that is due waits too");
        progress.work_waits();
        std::thread::sleep(Duration::from_millis(5));
        progress.work_waits();
        assert!(progress.stalled(false) >= Duration::from_millis(5), "since the first that waits");
        progress.moved();
        assert_eq!(progress.stalled(false), Duration::ZERO);
    }
}
