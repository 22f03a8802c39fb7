//! What a block may run: one budget of gas, of which no kind of work takes all (ADR 0023).

use tallow_types::limits::{BLOCK_GAS_MAX, TIMERS_GAS_PER_BLOCK_MAX, UNFUNDED_GAS_PER_BLOCK_MAX};

/// On whose account something runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Share {
    /// A timer's: it comes without anybody asking.
    Timers,
    /// That of those who have no balance here: whoever wants has another such account.
    Unfunded,
    /// That of those who have.
    Funded,
}

/// Gas that a block has used so far.
#[derive(Default)]
pub(super) struct Budget {
    used: u64,
    timers: u64,
    unfunded: u64,
}

impl Budget {
    /// Whether a run may begin that uses `gas_limit` at most. A block never uses more than its budget, since it counts
    /// the limit of what begins; but what was not used of a limit is there for the next.
    pub(super) fn has_room(&self, share: Share, gas_limit: u64) -> bool {
        let has_turn = match share {
            Share::Timers => self.timers < TIMERS_GAS_PER_BLOCK_MAX,
            Share::Unfunded => self.unfunded < UNFUNDED_GAS_PER_BLOCK_MAX,
            Share::Funded => true,
        };
        has_turn && self.used.saturating_add(gas_limit) <= BLOCK_GAS_MAX
    }

    /// Counts what a run has used.
    pub(super) fn spend(&mut self, share: Share, gas: u64) {
        self.used = self.used.saturating_add(gas);
        match share {
            Share::Timers => self.timers = self.timers.saturating_add(gas),
            Share::Unfunded => self.unfunded = self.unfunded.saturating_add(gas),
            Share::Funded => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallow_types::limits::COMMAND_GAS_MAX;

    #[test]
    fn limits_are_counted_before_and_use_after() {
        let mut budget = Budget::default();
        assert!(budget.has_room(Share::Funded, BLOCK_GAS_MAX) && !budget.has_room(Share::Funded, BLOCK_GAS_MAX + 1));
        budget.spend(Share::Funded, 1);
        assert!(budget.has_room(Share::Funded, BLOCK_GAS_MAX - 1) && !budget.has_room(Share::Funded, BLOCK_GAS_MAX));
    }

    #[test]
    fn whatever_timers_and_those_without_balance_use_a_funded_command_fits() {
        let mut budget = Budget::default();
        for (share, most) in [(Share::Timers, TIMERS_GAS_PER_BLOCK_MAX), (Share::Unfunded, UNFUNDED_GAS_PER_BLOCK_MAX)]
        {
            budget.spend(share, most - 1);
            assert!(budget.has_room(share, COMMAND_GAS_MAX), "{share:?}");
            budget.spend(share, COMMAND_GAS_MAX);
            assert!(!budget.has_room(share, 0), "{share:?}");
        }
        assert!(budget.has_room(Share::Funded, COMMAND_GAS_MAX));
    }
}
