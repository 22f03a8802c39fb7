//! What counts and measures while requests are answered: a few atomic additions, no lock, nothing allocated.

use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use std::fmt::{Debug, Error};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Buckets with an upper bound: 64 microseconds to 17 seconds, each twice the one before.
const BUCKETS: usize = 19;
/// Upper bound of the first bucket, microseconds.
const FIRST_US: u64 = 64;

/// A histogram of times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Arc<Measured>);

#[derive(Debug, Default)]
struct Measured {
    /// The last has no upper bound.
    buckets: [AtomicU64; BUCKETS + 1],
    sum_ns: AtomicU64,
}

/// The bucket of a time: the first whose upper bound it does not exceed.
fn bucket(time: Duration) -> usize {
    let above_first = u64::try_from(time.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX).saturating_sub(1) / FIRST_US;
    ((u64::BITS - above_first.leading_zeros()) as usize).min(BUCKETS)
}

/// Upper bound of a bucket, seconds.
fn bound(bucket: usize) -> f64 {
    if bucket == BUCKETS { f64::INFINITY } else { Duration::from_micros(FIRST_US << bucket).as_secs_f64() }
}

impl Times {
    pub(crate) fn observe(&self, time: Duration) {
        self.0.buckets[bucket(time)].fetch_add(1, Ordering::Relaxed);
        let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.sum_ns.fetch_add(ns, Ordering::Relaxed);
    }

    fn is_unused(&self) -> bool {
        self.0.buckets.iter().all(|count| count.load(Ordering::Relaxed) == 0)
    }
}

impl EncodeMetric for Times {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), Error> {
        let counts = self.0.buckets.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = counts.enumerate().map(|(index, count)| (bound(index), count)).collect();
        // Of the same reading as the buckets, with which the count has to agree.
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_nanos(self.0.sum_ns.load(Ordering::Relaxed)).as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// How something came out; a few words that this program knows.
#[derive(Clone, Debug, EncodeLabelSet)]
struct ResultLabels {
    result: String,
}

/// Counts results. They are known beforehand, so that none is looked for under a lock, and all are shown from the start.
#[derive(Clone, Debug)]
pub(crate) struct Results(Arc<[(ResultLabels, Counter)]>);

impl Results {
    pub(super) fn new<R: Into<String>>(results: impl IntoIterator<Item = R>) -> Self {
        let of = |result: R| (ResultLabels { result: result.into() }, Counter::default());
        Self(results.into_iter().map(of).collect())
    }

    /// Counts one of those that it was made with.
    pub(super) fn count(&self, result: &str) {
        let number = self.0.iter().position(|(labels, _)| labels.result == result);
        debug_assert!(number.is_some(), "`{result}` is counted nowhere");
        self.count_nth(number.unwrap_or(usize::MAX));
    }

    /// As [`Self::count`], by its number.
    pub(super) fn count_nth(&self, number: usize) {
        if let Some((_, counter)) = self.0.get(number) {
            counter.inc();
        }
    }
}

impl EncodeMetric for Results {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), Error> {
        self.0.iter().try_for_each(|(labels, counter)| counter.encode(encoder.encode_family(labels)?))
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Counter
    }
}

/// Statuses of HTTP: 100 to 599.
const STATUSES: usize = 500;

/// Answers of the API's operations, as they are listed, and of everything else behind them.
#[derive(Debug)]
pub(crate) struct Requests(Vec<Answers>);

#[derive(Debug)]
struct Answers {
    method: &'static str,
    route: &'static str,
    by_status: Box<[AtomicU64; STATUSES]>,
    time: Times,
}

#[derive(Clone, Debug, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: &'static str,
}

impl Requests {
    /// Of these methods and routes.
    pub(super) fn new(operations: impl Iterator<Item = (&'static str, &'static str)>) -> Self {
        let of = |(method, route)| Answers {
            method,
            route,
            by_status: Box::new([const { AtomicU64::new(0) }; STATUSES]),
            time: Times::default(),
        };
        Self(operations.chain([("other", "other")]).map(of).collect())
    }

    /// Notes the answer of an operation, by its number, or of something else.
    pub(crate) fn answered(&self, operation: Option<usize>, status: u16, time: Duration) {
        let number = operation.filter(|number| *number < self.0.len()).unwrap_or(self.0.len() - 1);
        let answers = &self.0[number];
        if let Some(count) = answers.by_status.get(usize::from(status).wrapping_sub(100)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        answers.time.observe(time);
    }
}

/// The answers that were, counted.
#[derive(Clone, Debug)]
pub(super) struct RequestCounts(pub(super) Arc<Requests>);

impl EncodeMetric for RequestCounts {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), Error> {
        for Answers { method, route, by_status, .. } in &self.0.0 {
            for (status, count) in (100..).zip(by_status.iter()) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let labels = RequestLabels { method, route, status };
                    encoder.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
                }
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Counter
    }
}

/// The answers that were, timed.
#[derive(Clone, Debug)]
pub(super) struct RequestTimes(pub(super) Arc<Requests>);

impl EncodeMetric for RequestTimes {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), Error> {
        let used = self.0.0.iter().filter(|answers| !answers.time.is_unused());
        for Answers { method, route, time, .. } in used {
            time.encode(encoder.encode_family(&RouteLabels { method, route })?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_first_bucket_whose_bound_it_does_not_exceed() {
        let nanos = |ns| Duration::from_nanos(ns);
        assert_eq!([0, 1, 63_999, 64_000].map(|ns| bucket(nanos(ns))), [0; 4]);
        assert_eq!([64_001, 100_000, 128_000].map(|ns| bucket(nanos(ns))), [1; 3]);
        for time in [nanos(128_001), nanos(1_024_000), nanos(1_024_001), Duration::from_secs(16)] {
            let found = bucket(time);
            assert!(time.as_secs_f64() <= bound(found) && time.as_secs_f64() > bound(found - 1), "{time:?}: {found}");
        }
        assert_eq!([Duration::from_secs(17), Duration::MAX].map(bucket), [BUCKETS; 2]);
    }
}
