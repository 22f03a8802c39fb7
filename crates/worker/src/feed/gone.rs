//! What the ring no longer has, for whoever asks from where on he can have all that he wants.

use super::{Kept, Wanted};
use parity_scale_codec::{Decode, Encode};
use std::collections::BTreeMap;
use tallow_types::{AccountId, FeedPosition, Topic};

/// The newest places that were dropped.
#[derive(Clone, Default, Encode, Decode)]
pub(super) struct Gone {
    /// Of blocks and receipts.
    common: Option<FeedPosition>,
    /// Of events and lines, by contract; those that are older than `common` are not needed.
    by_contract: BTreeMap<AccountId, FeedPosition>,
    /// Of events that everyone may see.
    public: Option<FeedPosition>,
}

impl Gone {
    /// Everything up to this place.
    pub(super) fn all(position: FeedPosition) -> Self {
        Self { common: Some(position), ..Self::default() }
    }

    /// Whether nothing is.
    pub(super) fn is_nothing(&self) -> bool {
        self.common.is_none() && self.by_contract.is_empty()
    }

    /// Notes an item that was dropped.
    pub(super) fn note(&mut self, kept: &Kept) {
        let position = kept.item.position;
        match kept.item.content.contract() {
            Some(contract) => {
                let newest = self.by_contract.entry(*contract).or_default();
                *newest = position.max(*newest);
                self.public = self.public.max(kept.public.then_some(position));
            }
            None => {
                self.common = self.common.max(Some(position));
                self.by_contract.retain(|_, newest| *newest > position);
            }
        }
    }

    /// The newest place of what is wanted.
    pub(super) fn newest(&self, wanted: &Wanted) -> Option<FeedPosition> {
        let of_contracts = [Topic::Events, Topic::Logs].iter().any(|topic| wanted.topics[*topic as usize]);
        let own = match &wanted.contract {
            Some(contract) => self.by_contract.get(contract).copied(),
            None => self.public,
        };
        self.common.max(own.filter(|_| of_contracts))
    }
}
