//! What all callers have together, and the share of it that one of them may have.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tallow_types::AccountId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Units of something scarce. Who waits, waits in the order of asking: first for the share of its own, then for what
/// there is, so that a caller whose share is used up stands in nobody's way.
pub(crate) struct Shares {
    all: Arc<Semaphore>,
    each: usize,
    /// Callers that have something or wait for it.
    callers: Mutex<BTreeMap<AccountId, Weak<Semaphore>>>,
}

/// Units that are taken until this is dropped.
pub(crate) struct Held {
    // In this order: what others wait for first.
    all: OwnedSemaphorePermit,
    own: OwnedSemaphorePermit,
}

impl Shares {
    pub(crate) fn new(all: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), each, callers: Mutex::default() }
    }

    /// Takes units, once there are as many. It gives none back meanwhile to those that come later.
    pub(crate) async fn take(&self, caller: &AccountId, units: u32) -> Held {
        let own = self.own(caller).acquire_many_owned(units).await.expect("it is never closed");
        let all = self.all.clone().acquire_many_owned(units).await.expect("it is never closed");
        Held { all, own }
    }

    fn own(&self, caller: &AccountId) -> Arc<Semaphore> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = callers.get(caller).and_then(Weak::upgrade) {
            return own;
        }
        callers.retain(|_, own| own.strong_count() > 0);
        let own = Arc::new(Semaphore::new(self.each));
        callers.insert(*caller, Arc::downgrade(&own));
        own
    }

    #[cfg(test)]
    pub(crate) fn left(&self) -> usize {
        self.all.available_permits()
    }
}

impl Held {
    /// Gives back all but so many units.
    pub(crate) fn shrink(&mut self, units: usize) {
        for permit in [&mut self.all, &mut self.own] {
            let spare = permit.num_permits().saturating_sub(units);
            drop(permit.split(spare));
        }
    }
}
