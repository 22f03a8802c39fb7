//! When timers fire: arithmetic of block time, the same on every replica.

mod cron;

use cron::Cron;
use tallow_types::{
    Schedule,
    limits::{TIMER_CRON_BYTES_MAX, TIMER_PERIOD_MS_MIN},
};

/// One firing of a timer that is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// The time it is for.
    pub due_ms: u64,
    /// When the next one is due; `None` after the last.
    pub next_ms: Option<u64>,
}

/// When a timer that is set at `now_ms` is due for the first time. `None` when its schedule is none that can be kept.
pub fn first(schedule: &Schedule, now_ms: u64) -> Option<u64> {
    let earliest = now_ms.checked_add(TIMER_PERIOD_MS_MIN)?;
    match schedule {
        Schedule::Once { at_ms } => Some(*at_ms.max(&earliest)),
        Schedule::Every { period_ms, .. } if *period_ms < TIMER_PERIOD_MS_MIN => None,
        Schedule::Every { first_ms, period_ms } => {
            let missed = earliest.saturating_sub(*first_ms).div_ceil(*period_ms);
            first_ms.checked_add(missed.checked_mul(*period_ms)?)
        }
        Schedule::Cron(text) => parse(text)?.next(earliest - 1),
    }
}

/// What fires at `now_ms` of a timer that is due since `due_ms`: of the times that have passed the newest counts, and so
/// many before it as are to be made good; older ones are left out.
pub fn fire(schedule: &Schedule, due_ms: u64, catch_up: u32, now_ms: u64) -> Occurrence {
    match schedule {
        Schedule::Once { .. } => Occurrence { due_ms, next_ms: None },
        Schedule::Every { period_ms, .. } => {
            let period_ms = (*period_ms).max(TIMER_PERIOD_MS_MIN);
            let passed = now_ms.saturating_sub(due_ms) / period_ms;
            let due_ms = due_ms + passed.saturating_sub(catch_up.into()) * period_ms;
            Occurrence { due_ms, next_ms: due_ms.checked_add(period_ms) }
        }
        Schedule::Cron(text) => {
            let Some(cron) = parse(text) else { return Occurrence { due_ms, next_ms: None } };
            let due_ms = oldest_to_make_good(&cron, due_ms, catch_up, now_ms);
            Occurrence { due_ms, next_ms: cron.next(due_ms) }
        }
    }
}

fn oldest_to_make_good(cron: &Cron, due_ms: u64, catch_up: u32, now_ms: u64) -> u64 {
    let passed = std::iter::successors(cron.last(now_ms), |time| cron.last(time.checked_sub(1)?));
    passed.take_while(|time| *time >= due_ms).take(catch_up as usize + 1).last().unwrap_or(due_ms)
}

fn parse(text: &str) -> Option<Cron> {
    (text.len() <= TIMER_CRON_BYTES_MAX).then(|| Cron::parse(text)).flatten()
}

#[cfg(test)]
mod tests;
