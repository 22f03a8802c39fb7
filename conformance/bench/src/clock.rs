//! Time of this thread alone: what other programs of the machine do does not count.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// CPU time of this thread so far, the kernel's work for it included.
pub(crate) fn thread_time() -> Duration {
    time(ClockId::ThreadCPUTime)
}

/// CPU time of all threads of this process so far.
pub(crate) fn process_time() -> Duration {
    time(ClockId::ProcessCPUTime)
}

fn time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// CPU milliseconds of one of `count` runs.
pub(crate) fn time_ms(count: u32, mut run: impl FnMut()) -> f64 {
    let began = thread_time();
    (0..count).for_each(|_| run());
    (thread_time() - began).as_secs_f64() * 1e3 / f64::from(count)
}
