//! What a cluster takes for its work, by the policy of its owner (ADR 0027). Where nothing costs, nothing is looked up.

use super::Run;
use crate::task::Ordered;
use tallow_types::{AccountId, ClusterPolicy};

/// What an account has given for a run that may use up its gas limit.
pub(super) struct Reserve {
    payer: AccountId,
    policy: ClusterPolicy,
    taken: u128,
}

impl Run<'_> {
    /// Takes the price of all the gas that a run may use, before it can spend the balance elsewhere; `None` when the payer
    /// has less.
    pub(super) fn reserve(&mut self, ordered: Ordered<'_>) -> Option<Reserve> {
        let (policy, payer) = (self.state.policy(), ordered.payer());
        let price = if self.pays(&payer) { policy.gas_cost(ordered.gas_limit()) } else { 0 };
        self.state.take(&payer, price).then_some(Reserve { payer, policy, taken: price })
    }

    /// Pays the owner what a run used, and gives back the rest.
    pub(super) fn settle(&mut self, reserve: &Reserve, gas_used: u64) {
        let price = reserve.policy.gas_cost(gas_used).min(reserve.taken);
        self.state.give(&reserve.payer, reserve.taken - price);
        self.state.give(&self.cluster.genesis.owner, price);
    }

    /// Pays for bytes of the log; as much as the payer has, since they stand there already.
    pub(super) fn pay_for_bytes(&mut self, payer: &AccountId, bytes: usize) {
        let price = self.state.policy().bytes_cost(bytes);
        if price == 0 || !self.pays(payer) {
            return;
        }
        let price = price.min(self.state.balance(payer));
        if self.state.take(payer, price) {
            self.state.give(&self.cluster.genesis.owner, price);
        }
    }

    /// The owner would pay himself, and must be able to set a policy under which nobody can pay right again.
    fn pays(&self, payer: &AccountId) -> bool {
        *payer != self.cluster.genesis.owner
    }
}
