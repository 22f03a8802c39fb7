//! What evidence a network accepts.

use crate::sim;
use parity_scale_codec::{Decode, Encode};
use std::collections::BTreeSet;
use tallow_crypto::{Label, labelled_hash};
use tallow_types::Hash;

/// What evidence a network accepts. Its digest is part of the genesis, so it is the same for all who verify.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Policy {
    /// Whether simulated evidence counts. True in development networks alone.
    pub allow_simulated: bool,
    /// The programs that count; an empty list accepts none.
    pub measurements: Vec<Hash>,
    /// Milliseconds after which evidence counts no more.
    pub max_age_ms: u64,
}

impl Policy {
    /// The policy of development networks: simulated evidence of the development program, for a day.
    pub fn development() -> Self {
        Self { allow_simulated: true, measurements: vec![sim::measurement()], max_age_ms: 24 * 60 * 60 * 1000 }
    }

    /// The policy's digest, which [`tallow_types::Genesis::policy`] names; the order of the measurements is no part of
    /// it.
    pub fn digest(&self) -> Hash {
        let Self { allow_simulated, measurements, max_age_ms } = self;
        let measurements = BTreeSet::from_iter(measurements);
        labelled_hash(Label::Policy, &[&(allow_simulated, measurements.encode(), max_age_ms).encode()])
    }
}
