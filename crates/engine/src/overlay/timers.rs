//! Timers that a call sets and cancels.

use super::Overlay;
use crate::{DueTimer, World};
use std::collections::BTreeMap;
use tallow_types::{
    AccountId, CallError, ListedTimer, TimerError,
    limits::{TIMERS_MAX, TIMERS_PER_CONTRACT_MAX},
};

type Changed = BTreeMap<(AccountId, Vec<u8>), Option<DueTimer>>;

/// One layer's changes.
#[derive(Default)]
pub(super) struct Timers {
    changed: Changed,
    /// How many more, or fewer, each contract has than below this layer.
    grown: BTreeMap<AccountId, isize>,
}

impl Timers {
    /// Puts the changes of a layer above on top.
    pub(super) fn extend(&mut self, above: Self) {
        self.changed.extend(above.changed);
        for (contract, grown) in above.grown {
            *self.grown.entry(contract).or_default() += grown;
        }
    }

    /// The changes, without those of contracts that are gone.
    pub(super) fn changes(mut self, gone: impl Fn(&AccountId) -> bool) -> Changed {
        self.changed.retain(|(contract, _), _| !gone(contract));
        self.changed
    }
}

impl Overlay {
    fn has_timer(&self, world: &dyn World, place: &(AccountId, Vec<u8>)) -> bool {
        let seen = self.changed().find_map(|layer| layer.timers.changed.get(place));
        seen.map_or_else(|| world.has_timer(&place.0, &place.1), Option::is_some)
    }

    fn change_timer(
        &mut self,
        place: (AccountId, Vec<u8>),
        timer: Option<DueTimer>,
        grown: isize,
    ) -> Result<(), CallError> {
        let bytes = timer.as_ref().map_or(0, |due| due.timer.input.len());
        self.count(place.1.len() + bytes + size_of::<DueTimer>())?;
        let timers = &mut self.top().timers;
        *timers.grown.entry(place.0).or_default() += grown;
        timers.changed.insert(place, timer);
        Ok(())
    }

    /// Whether there is room for one more timer of a contract.
    fn room_for_timer(&self, world: &dyn World, contract: &AccountId) -> Result<(), TimerError> {
        let layers = || self.changed().map(|layer| &layer.timers.grown);
        let own: isize = layers().filter_map(|grown| grown.get(contract)).sum();
        let all: isize = layers().flat_map(BTreeMap::values).sum();
        let (own_before, all_before) = world.count_timers(contract);
        if own_before.saturating_add_signed(own) >= TIMERS_PER_CONTRACT_MAX {
            return Err(TimerError::ContractFull);
        }
        if all_before.saturating_add_signed(all) >= TIMERS_MAX { Err(TimerError::ClusterFull) } else { Ok(()) }
    }

    /// Sets a timer, in place of the contract's timer of the same id.
    pub(crate) fn set_timer(
        &mut self,
        world: &dyn World,
        contract: AccountId,
        due: DueTimer,
    ) -> Result<Result<(), TimerError>, CallError> {
        let place = (contract, due.timer.id.clone());
        let new = !self.has_timer(world, &place);
        if new && let Err(full) = self.room_for_timer(world, &contract) {
            return Ok(Err(full));
        }
        self.change_timer(place, Some(due), new.into()).map(Ok)
    }

    /// Cancels a timer; false when there is none.
    pub(crate) fn cancel_timer(
        &mut self,
        world: &dyn World,
        contract: AccountId,
        id: Vec<u8>,
    ) -> Result<bool, CallError> {
        let place = (contract, id);
        let there = self.has_timer(world, &place);
        if there {
            self.change_timer(place, None, -1)?;
        }
        Ok(there)
    }

    /// A contract's timers, by id.
    pub(crate) fn timers(&self, world: &dyn World, contract: &AccountId) -> Vec<ListedTimer> {
        let before = world.timers(contract).into_iter().map(|timer| (timer.id.clone(), timer));
        let mut listed: BTreeMap<Vec<u8>, ListedTimer> = before.collect();
        for layer in self.layers.iter().flatten() {
            let from = (*contract, Vec::new());
            let own = layer.timers.changed.range(from..).take_while(|((owner, _), _)| owner == contract);
            for ((_, id), timer) in own {
                match timer {
                    Some(due) => drop(listed.insert(id.clone(), due.into())),
                    None => drop(listed.remove(id)),
                }
            }
        }
        listed.into_values().collect()
    }
}

impl From<&DueTimer> for ListedTimer {
    fn from(due: &DueTimer) -> Self {
        Self { id: due.timer.id.clone(), schedule: due.timer.schedule.clone(), due_ms: due.due_ms }
    }
}
