//! What a subscriber wants, and whether it may have it (ADR 0013).

use super::Kept;
use tallow_cluster::State;
use tallow_types::{AccountId, Topic};

/// What a subscriber wants and may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    pub(super) topics: [bool; 4],
    pub(super) contract: Option<AccountId>,
    /// Whether events that are not public are included: the subscriber is the contract's deployer.
    pub(super) confidential: bool,
}

/// Why a subscriber may not have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Denied {
    #[error("there is no such contract in this cluster")]
    NoContract,
    #[error("the contract's events are for its deployer, through a sealed subscription")]
    Events,
    #[error("log lines are for a contract's deployer, through a sealed subscription that names the contract")]
    Logs,
}

impl Wanted {
    /// What `caller` (nobody in particular, without a session) may have of what it asks for.
    pub(crate) fn permit(
        state: &State,
        caller: Option<&AccountId>,
        topics: &[Topic],
        contract: Option<AccountId>,
    ) -> Result<Self, Denied> {
        let info = match &contract {
            Some(contract) => Some(state.contract(contract).ok_or(Denied::NoContract)?),
            None => None,
        };
        let confidential = info.as_ref().is_some_and(|info| caller == Some(&info.deployer));
        let public = info.as_ref().is_none_or(|info| info.public_events);
        if topics.contains(&Topic::Logs) && !confidential {
            return Err(Denied::Logs);
        }
        if topics.contains(&Topic::Events) && !confidential && !public {
            return Err(Denied::Events);
        }
        Ok(Self { topics: Topic::ALL.map(|topic| topics.contains(&topic)), contract, confidential })
    }

    /// Whether an item is wanted.
    pub(super) fn takes(&self, kept: &Kept) -> bool {
        let content = &kept.item.content;
        if !self.topics[content.topic() as usize] || !(kept.public || self.confidential) {
            return false;
        }
        match (content.contract(), &self.contract) {
            (Some(of), Some(wanted)) => of == wanted,
            (Some(_), None) => kept.public,
            (None, _) => true,
        }
    }
}
