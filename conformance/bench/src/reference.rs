//! The reference: pallet-contracts in this process.

use crate::tallow::CALLER;
use anyhow::{anyhow, bail};
use conformance_pallet::{Message, Pallet, Policy};
use std::cell::RefCell;

/// A chain with contracts.
pub(crate) struct Reference(RefCell<Pallet>);

impl Reference {
    pub(crate) fn new() -> Self {
        let mut pallet = Pallet::new(Policy::default());
        pallet.set_balance(CALLER, 1 << 100);
        Self(RefCell::new(pallet))
    }

    fn message(input: &[u8]) -> Message {
        Message { gas: u64::MAX / 2, input: input.to_vec(), ..Message::from(CALLER) }
    }

    /// Makes a contract, or says why the pallet refuses.
    pub(crate) fn instantiate(&self, wasm: &[u8], input: &[u8], salt: &[u8]) -> anyhow::Result<[u8; 32]> {
        let mut pallet = self.0.borrow_mut();
        let code = pallet.upload(CALLER, wasm).map_err(|failure| anyhow!(failure.0))?;
        let outcome = pallet.instantiate(Self::message(input), code, salt);
        outcome.created.ok_or_else(|| anyhow!("the constructor failed: {:?}", outcome.result))
    }

    /// Calls a contract, which must return.
    pub(crate) fn call(&self, address: [u8; 32], input: &[u8]) -> anyhow::Result<Vec<u8>> {
        match self.0.borrow_mut().call(Self::message(input), address).result {
            Ok(returned) if returned.flags == 0 => Ok(returned.data),
            other => bail!("the contract failed: {other:?}"),
        }
    }
}
