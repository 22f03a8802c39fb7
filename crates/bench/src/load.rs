//! Closed-loop load: as many tasks as asked for, each with one operation in flight.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a load measured.
pub(crate) struct Measured {
    sorted_ms: Vec<f64>,
    seconds: f64,
}

impl Measured {
    /// The latency below which `share` of the operations lie, milliseconds.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        assert!(!self.sorted_ms.is_empty(), "a load that measured nothing has no quantiles");
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below the length")]
        let index = ((self.sorted_ms.len() - 1) as f64 * share).round() as usize;
        self.sorted_ms[index]
    }

    /// Operations per second.
    pub(crate) fn per_second(&self) -> f64 {
        self.sorted_ms.len() as f64 / self.seconds
    }
}

/// Loads over which a tail is measured.
const TAIL_ROUNDS: usize = 5;

/// A high quantile of several equal loads, milliseconds.
pub(crate) struct Tail {
    /// Of the middle one: a disk that stalls once spoils one load, not this.
    pub(crate) median_ms: f64,
    /// Of the slowest one.
    pub(crate) worst_ms: f64,
}

/// Measures a tail with several runs of `load`, which gives the quantile of one.
pub(crate) async fn tail(mut load: impl AsyncFnMut() -> anyhow::Result<f64>) -> anyhow::Result<Tail> {
    let mut tails = Vec::new();
    for _ in 0..TAIL_ROUNDS {
        tails.push(load().await?);
    }
    tails.sort_by(f64::total_cmp);
    Ok(Tail { median_ms: tails[TAIL_ROUNDS / 2], worst_ms: tails[TAIL_ROUNDS - 1] })
}

/// Runs `operation` from `tasks` tasks for `duration`, after a warm-up of a tenth of it; with `rate` (per second, over
/// all tasks) operations begin no faster than that.
pub(crate) async fn run<F, Fut>(
    tasks: u64,
    duration: Duration,
    rate: Option<f64>,
    operation: F,
) -> anyhow::Result<Measured>
where
    F: Fn(u64) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = anyhow::Result<()>> + Send,
{
    let operation = Arc::new(operation);
    let numbers = Arc::new(AtomicU64::new(0));
    let begin = Instant::now() + duration / 10;
    let end = begin + duration;
    let pause = rate.map(|rate| Duration::from_secs_f64(tasks as f64 / rate));
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let (operation, numbers) = (operation.clone(), numbers.clone());
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                let mut next =
                    Instant::now() + pause.map_or(Duration::ZERO, |pause| pause.mul_f64(task as f64 / tasks as f64));
                while Instant::now() < end {
                    if let Some(pause) = pause {
                        tokio::time::sleep_until(next.into()).await;
                        next = (next + pause).max(Instant::now());
                    }
                    let started = Instant::now();
                    operation(numbers.fetch_add(1, Ordering::Relaxed)).await?;
                    if started >= begin {
                        latencies.push(started.elapsed().as_secs_f64() * 1_000.0);
                    }
                }
                anyhow::Ok(latencies)
            })
        })
        .collect();
    let mut sorted_ms = Vec::new();
    for task in running {
        sorted_ms.extend(task.await??);
    }
    sorted_ms.sort_by(f64::total_cmp);
    anyhow::ensure!(!sorted_ms.is_empty(), "no operation ended in time");
    Ok(Measured { sorted_ms, seconds: (Instant::now() - begin).as_secs_f64() })
}
