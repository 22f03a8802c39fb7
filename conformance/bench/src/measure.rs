//! The same work on every side, in turns, so that a slow moment of the machine is shared by all.

use crate::clock::time_ms;

/// Rounds of which the median counts.
const ROUNDS: usize = 9;
/// As [`ROUNDS`], for work that takes long.
const ROUNDS_OF_SLOW: usize = 3;
/// Milliseconds of one sample at least.
const SAMPLE_MS: f64 = 20.0;
/// Milliseconds from which work is slow.
const SLOW_MS: f64 = 1_000.0;

/// One side's work.
pub(crate) type Work<'a> = Box<dyn FnMut() + 'a>;

/// A side and how often it is repeated.
struct Side<'a> {
    work: Work<'a>,
    count: u32,
    samples: Vec<f64>,
}

/// Median milliseconds of each side, measured in turns.
pub(crate) fn medians_ms(sides: Vec<Work<'_>>) -> Vec<f64> {
    let mut sides: Vec<Side<'_>> = sides.into_iter().map(Side::new).collect();
    for round in 0..ROUNDS {
        for side in &mut sides {
            if round < ROUNDS_OF_SLOW || side.samples.iter().all(|sample| *sample < SLOW_MS) {
                let sample = time_ms(side.count, &mut side.work);
                side.samples.push(sample);
            }
        }
    }
    sides.into_iter().map(Side::median).collect()
}

impl<'a> Side<'a> {
    fn new(mut work: Work<'a>) -> Self {
        work(); // the first run pays for what is made once
        let once = time_ms(1, &mut work).max(1e-4);
        let count = (SAMPLE_MS / once).clamp(1.0, 20_000.0) as u32;
        Self { work, count, samples: Vec::new() }
    }

    fn median(mut self) -> f64 {
        self.samples.sort_by(f64::total_cmp);
        self.samples[self.samples.len() / 2]
    }
}

/// The geometric mean.
pub(crate) fn geometric_mean(values: &[f64]) -> f64 {
    (values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64).exp()
}
