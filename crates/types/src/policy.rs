//! What a ledger takes for its work, which is part of what makes a network; and what a cluster takes.

use crate::AccountId;
use parity_scale_codec::{Decode, Encode};

/// What the ledger takes for transactions and records, and what those have who pay nothing. Amounts are in the smallest
/// unit of balance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct LedgerPolicy {
    /// Taken for each transaction that takes effect.
    pub tx_fee: u128,
    /// Taken for each byte of it beside that.
    pub byte_fee: u128,
    /// Who gets the fees.
    pub fees_to: AccountId,
    /// Held for as long as a worker is registered, and then given back.
    pub worker_deposit: u128,
    /// Held for as long as a cluster is registered; given back if it never came to be used.
    pub cluster_deposit: u128,
    /// Held for as long as code is registered, and then given back.
    pub code_deposit: u128,
    /// The least that a transfer may leave the receiving account with, so that accounts of next to nothing are not made
    /// by the million.
    pub balance_min: u128,
    /// What an account must have to send transactions on its own account. All that have less share one allowance.
    pub funded_min: u128,
    /// Milliseconds of block time after which their allowance has room for one more small transaction.
    pub unfunded_tx_ms: u64,
    /// Small transactions that the allowance has room for when it was left alone for long.
    pub unfunded_burst: u32,
    /// Milliseconds of block time for which a record is kept that nothing refers to: code of no contract, a cluster that
    /// never anchored and got no deposit, a worker of no cluster. Registering it again begins the time anew.
    pub lease_ms: u64,
}

/// What development networks have: nothing costs, and keys without balance get by on the common allowance.
impl Default for LedgerPolicy {
    fn default() -> Self {
        Self {
            tx_fee: 0,
            byte_fee: 0,
            fees_to: AccountId([0; 32]),
            worker_deposit: 0,
            cluster_deposit: 0,
            code_deposit: 0,
            balance_min: 0,
            funded_min: 1_000_000_000_000,
            unfunded_tx_ms: 6_000,
            unfunded_burst: 256,
            lease_ms: 7 * 24 * 60 * 60 * 1000,
        }
    }
}

/// Gas for which [`ClusterPolicy::gas_price`] is the price: about a millisecond of execution.
pub const PRICED_GAS: u64 = 1_000_000_000;

/// What a cluster takes for its work: its owner sets it, and gets what is taken. A cluster begins with [`Self::default`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ClusterPolicy {
    /// Taken for each [`PRICED_GAS`] that a run uses, to the unit of balance, rounded up.
    pub gas_price: u128,
    /// Taken for each byte of a signed command, and of an answer to its external calls.
    pub byte_price: u128,
    /// What an account must have to send commands on its own account. All that have less share a small part of the
    /// cluster.
    pub funded_min: u128,
}

/// Nothing costs, and who has anything is no stranger.
impl Default for ClusterPolicy {
    fn default() -> Self {
        Self { gas_price: 0, byte_price: 0, funded_min: 1 }
    }
}

impl ClusterPolicy {
    /// Price of so much gas.
    pub fn gas_cost(&self, gas: u64) -> u128 {
        // Whole units of priced gas and the rest apart, so that the product of what is left cannot overflow for any
        // price that anybody can pay.
        let (whole, rest) = (u128::from(gas / PRICED_GAS), u128::from(gas % PRICED_GAS));
        let of_rest = match self.gas_price.checked_mul(rest) {
            Some(product) => product.div_ceil(u128::from(PRICED_GAS)),
            None => self.gas_price,
        };
        self.gas_price.saturating_mul(whole).saturating_add(of_rest)
    }

    /// Price of so many bytes.
    pub fn bytes_cost(&self, bytes: usize) -> u128 {
        self.byte_price.saturating_mul(bytes as u128)
    }
}
