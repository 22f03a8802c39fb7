//! Changes over the world: one layer for each frame, merged into the layer below or dropped.

mod timers;

use crate::{CacheChange, Changes, ContractInfo, World};
use smallvec::{SmallVec, smallvec};
use std::{collections::BTreeMap, mem, sync::Arc};
use tallow_types::{
    AccountId, CallError, Event,
    limits::{CALL_WRITES_BYTES_MAX, EVENTS_BYTES_MAX, EVENTS_MAX, TRANSIENT_BYTES_MAX},
};

type Value = Option<Arc<[u8]>>;
/// Values by contract and key.
type Values = BTreeMap<AccountId, BTreeMap<Vec<u8>, Value>>;

/// The layers of a call. **Invariant:** there is one layer more than there are open frames.
pub(crate) struct Overlay {
    /// `None` where nothing has changed yet, as in most frames.
    layers: SmallVec<[Option<Box<Layer>>; LAYERS_USUAL]>,
    /// Bytes written by all frames, dropped ones included: what bounds the host's memory.
    written: usize,
    /// As `written`, of events alone.
    emitted: usize,
    /// As `written`, of transient storage.
    transient_written: usize,
}

/// Layers of most calls, which need no allocation: those of one frame.
const LAYERS_USUAL: usize = 2;
/// What a write to transient storage counts beside its key and value.
const TRANSIENT_ITEM_BYTES: usize = 96;
/// What an event takes in an outcome beside its topics and data: its contract, and two lengths.
const EVENT_ITEM_BYTES: usize = 32 + 4 + 4;

#[derive(Default)]
struct Layer {
    storage: Values,
    transient: Values,
    balances: BTreeMap<AccountId, u128>,
    contracts: BTreeMap<AccountId, Option<ContractInfo>>,
    events: Vec<Event>,
    cache: Vec<CacheChange>,
    /// Terminated contracts, and who gets what they leave.
    heirs: Vec<(AccountId, AccountId)>,
    timers: timers::Timers,
}

impl Layer {
    fn merge(&mut self, top: Self) {
        merge_values(&mut self.storage, top.storage);
        merge_values(&mut self.transient, top.transient);
        merge(&mut self.balances, top.balances);
        merge(&mut self.contracts, top.contracts);
        self.events.extend(top.events);
        self.cache.extend(top.cache);
        self.heirs.extend(top.heirs);
        self.timers.extend(top.timers);
    }
}

impl Overlay {
    /// One empty layer.
    pub(crate) fn new() -> Self {
        Self { layers: smallvec![None], written: 0, emitted: 0, transient_written: 0 }
    }

    /// Opens a layer.
    pub(crate) fn push(&mut self) {
        self.layers.push(None);
    }

    /// Merges the top layer into the one below.
    pub(crate) fn commit(&mut self) {
        let Some(top) = self.pop() else { return };
        match self.layers.last_mut().expect("there is always one layer") {
            Some(below) => below.merge(*top),
            unchanged => *unchanged = Some(top),
        }
    }

    /// Drops the top layer.
    pub(crate) fn rollback(&mut self) {
        self.pop();
    }

    fn pop(&mut self) -> Option<Box<Layer>> {
        assert!(self.layers.len() > 1, "every pop has its push");
        self.layers.pop().expect("there is more than one layer")
    }

    fn top(&mut self) -> &mut Layer {
        self.layers.last_mut().expect("there is always one layer").get_or_insert_default()
    }

    /// Layers with changes, the newest first.
    fn changed(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter().rev().flatten().map(|layer| &**layer)
    }

    /// A storage value as the open frame sees it.
    pub(crate) fn storage(&self, world: &dyn World, contract: &AccountId, key: &[u8]) -> Value {
        let seen = self.changed().find_map(|layer| layer.storage.get(contract)?.get(key));
        match seen {
            Some(value) => value.clone(),
            None => world.storage(contract, key),
        }
    }

    /// Writes or (`None`) removes a storage value.
    pub(crate) fn set_storage(&mut self, contract: AccountId, key: Vec<u8>, value: Value) -> Result<(), CallError> {
        self.count(key.len() + value.as_ref().map_or(0, |value| value.len()))?;
        self.top().storage.entry(contract).or_default().insert(key, value);
        Ok(())
    }

    /// A value of transient storage as the open frame sees it.
    pub(crate) fn transient(&self, contract: &AccountId, key: &[u8]) -> Value {
        self.changed().find_map(|layer| layer.transient.get(contract)?.get(key)).cloned().flatten()
    }

    /// Writes or (`None`) removes a value of transient storage.
    pub(crate) fn set_transient(&mut self, contract: AccountId, key: Vec<u8>, value: Value) -> Result<(), CallError> {
        let bytes = key.len() + value.as_ref().map_or(0, |value| value.len()) + TRANSIENT_ITEM_BYTES;
        self.transient_written = self.transient_written.saturating_add(bytes);
        if self.transient_written > TRANSIENT_BYTES_MAX {
            return Err(CallError::OutOfTransientStorage);
        }
        self.top().transient.entry(contract).or_default().insert(key, value);
        Ok(())
    }

    /// An account's free balance.
    pub(crate) fn balance(&self, world: &dyn World, account: &AccountId) -> u128 {
        let seen = self.changed().find_map(|layer| layer.balances.get(account));
        seen.copied().unwrap_or_else(|| world.balance(account))
    }

    /// Moves balance.
    pub(crate) fn transfer(
        &mut self,
        world: &dyn World,
        from: AccountId,
        to: AccountId,
        value: u128,
    ) -> Result<(), CallError> {
        if from == to || value == 0 {
            return Ok(());
        }
        let rest = self.balance(world, &from).checked_sub(value).ok_or(CallError::TransferFailed)?;
        let sum = self.balance(world, &to).checked_add(value).ok_or(CallError::TransferFailed)?;
        self.top().balances.extend([(from, rest), (to, sum)]);
        Ok(())
    }

    /// A contract.
    pub(crate) fn contract(&self, world: &dyn World, address: &AccountId) -> Option<ContractInfo> {
        let seen = self.changed().find_map(|layer| layer.contracts.get(address));
        seen.copied().unwrap_or_else(|| world.contract(address))
    }

    /// Whether this call made, changed or terminated the contract.
    pub(crate) fn touched(&self, address: &AccountId) -> bool {
        self.changed().any(|layer| layer.contracts.contains_key(address))
    }

    /// Makes, changes or (`None`) terminates a contract.
    pub(crate) fn set_contract(&mut self, address: AccountId, info: Option<ContractInfo>) {
        self.top().contracts.insert(address, info);
    }

    /// Terminates a contract. Its balance goes to the heir when the whole call has succeeded, and until then it stays.
    pub(crate) fn terminate(&mut self, contract: AccountId, heir: AccountId) {
        let top = self.top();
        top.contracts.insert(contract, None);
        top.heirs.push((contract, heir));
    }

    /// Pays the heirs of terminated contracts.
    pub(crate) fn pay_heirs(&mut self, world: &dyn World) -> Result<(), CallError> {
        let lowest = self.layers.last_mut().and_then(Option::as_mut);
        for (contract, heir) in lowest.map(|layer| mem::take(&mut layer.heirs)).unwrap_or_default() {
            let left = self.balance(world, &contract);
            self.transfer(world, contract, heir, left)?;
        }
        Ok(())
    }

    /// Emits an event.
    pub(crate) fn emit(&mut self, event: Event) -> Result<(), CallError> {
        self.count(event.data.len() + size_of::<Event>())?;
        self.emitted =
            self.emitted.saturating_add(event.data.len() + size_of_val(event.topics.as_slice()) + EVENT_ITEM_BYTES);
        let number = self.changed().map(|layer| layer.events.len()).sum::<usize>();
        if number >= EVENTS_MAX || self.emitted > EVENTS_BYTES_MAX {
            return Err(CallError::ValueTooLarge);
        }
        self.top().events.push(event);
        Ok(())
    }

    /// Defers a cache operation to the end of the call.
    pub(crate) fn defer(&mut self, change: CacheChange, bytes: usize) -> Result<(), CallError> {
        self.count(bytes + size_of::<CacheChange>())?;
        self.top().cache.push(change);
        Ok(())
    }

    /// Bytes that all frames have written.
    pub(crate) fn bytes(&self) -> usize {
        self.written.saturating_add(self.transient_written)
    }

    fn count(&mut self, bytes: usize) -> Result<(), CallError> {
        self.written = self.written.saturating_add(bytes);
        if self.written > CALL_WRITES_BYTES_MAX { Err(CallError::ValueTooLarge) } else { Ok(()) }
    }

    /// What is left in the lowest layer: the effects of the whole call.
    pub(crate) fn finish(mut self) -> (Changes, Vec<Event>, Vec<CacheChange>) {
        assert_eq!(self.layers.len(), 1, "every frame is closed");
        let Some(Some(layer)) = self.layers.pop() else { return Default::default() };
        let Layer { storage, balances, contracts, events, cache, timers, .. } = *layer;
        let gone = |contract: &AccountId| contracts.get(contract) == Some(&None);
        let storage = storage
            .into_iter()
            .filter(|(contract, _)| !gone(contract))
            .flat_map(|(contract, values)| {
                values.into_iter().map(move |(key, value)| ((contract, key), value.map(|value| value.to_vec())))
            })
            .collect();
        let timers = timers.changes(gone);
        (Changes { storage, balances, contracts, timers }, events, cache)
    }
}

/// Puts what a frame changed over what its caller had changed, which is nothing most of the time.
fn merge<K: Ord, V>(below: &mut BTreeMap<K, V>, top: BTreeMap<K, V>) {
    if below.is_empty() {
        *below = top;
    } else {
        below.extend(top);
    }
}

/// As [`merge`], contract by contract.
fn merge_values(below: &mut Values, top: Values) {
    if below.is_empty() {
        *below = top;
        return;
    }
    for (contract, values) in top {
        merge(below.entry(contract).or_default(), values);
    }
}

#[cfg(test)]
mod tests;
