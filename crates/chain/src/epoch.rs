//! One instance of a chain is one epoch without end: memberships change by starting the next instance.

use commonware_consensus::types::{Epoch, EpochInfo, Epocher, Height};

/// All heights belong to this epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endless(pub(crate) Epoch);

const LAST: Height = Height::new(u64::MAX);

impl Epocher for Endless {
    fn containing(&self, height: Height) -> Option<EpochInfo> {
        Some(EpochInfo::new(self.0, height, Height::zero(), LAST))
    }

    fn first(&self, epoch: Epoch) -> Option<Height> {
        (epoch == self.0).then_some(Height::zero())
    }

    fn last(&self, epoch: Epoch) -> Option<Height> {
        (epoch == self.0).then_some(LAST)
    }
}
