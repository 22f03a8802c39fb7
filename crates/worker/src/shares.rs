//! Shares of what there is a fixed amount of: whoever takes some leaves as much, or a fixed part of it, for others. So one
//! who takes all he may leaves enough for the next, however much that is, and no reserve lies idle.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tallow_types::AccountId;

/// Who takes a share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Holder {
    Client(IpAddr),
    Caller(AccountId),
    Contract(AccountId),
}

/// See the module.
pub(crate) struct Shares {
    total: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    sum: usize,
    by_holder: BTreeMap<Holder, usize>,
}

/// Who takes, each with how many times what he leaves he may have.
pub(crate) type Takers<const N: usize> = [(Holder, usize); N];

impl Shares {
    /// So much there is.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, taken: Mutex::default() }
    }

    /// Takes so much on the account of all these, if each may have it.
    pub(crate) fn take<const N: usize>(&self, takers: &Takers<N>, amount: usize) -> bool {
        let mut taken = self.lock();
        let Some(left) = self.total.checked_sub(taken.sum).and_then(|left| left.checked_sub(amount)) else {
            return false;
        };
        let may_have = |(holder, times): &(Holder, usize)| {
            let own = taken.by_holder.get(holder).copied().unwrap_or(0);
            own.saturating_add(amount) <= left.saturating_mul(*times)
        };
        if !takers.iter().all(may_have) {
            return false;
        }
        taken.sum += amount;
        for (holder, _) in takers {
            *taken.by_holder.entry(*holder).or_default() += amount;
        }
        true
    }

    /// Takes so much for a client, who may have as much as he leaves, until it is dropped.
    pub(crate) fn hold(self: &Arc<Self>, client: IpAddr, amount: usize) -> Option<Held> {
        let takers = [(Holder::Client(client), 1)];
        self.take(&takers, amount).then(|| Held { shares: self.clone(), takers, amount: AtomicUsize::new(amount) })
    }

    /// How much is taken.
    pub(crate) fn sum(&self) -> usize {
        self.lock().sum
    }

    /// Gives back what was taken.
    pub(crate) fn give<const N: usize>(&self, takers: &Takers<N>, amount: usize) {
        let mut taken = self.lock();
        taken.sum -= amount;
        for (holder, _) in takers {
            let own = taken.by_holder.entry(*holder).or_default();
            *own -= amount;
            if *own == 0 {
                taken.by_holder.remove(holder);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().expect("no code panics while it holds the shares")
    }
}

/// What a client has of something, until it is dropped.
pub(crate) struct Held {
    shares: Arc<Shares>,
    takers: Takers<1>,
    amount: AtomicUsize,
}

impl Held {
    /// Takes more, if there is.
    pub(crate) fn grow(&self, more: usize) -> bool {
        let taken = more == 0 || self.shares.take(&self.takers, more);
        if taken {
            self.amount.fetch_add(more, Ordering::Relaxed);
        }
        taken
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shares.give(&self.takers, *self.amount.get_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u8) -> Takers<1> {
        [(Holder::Client(IpAddr::from([192, 0, 2, number])), 1)]
    }

    /// How much someone gets who takes as long as he may.
    fn fill(shares: &Shares, takers: &Takers<1>) -> usize {
        (0..1_000).take_while(|_| shares.take(takers, 1)).count()
    }

    #[test]
    fn whoever_takes_all_he_may_leaves_as_much() {
        let shares = Shares::new(120);
        assert_eq!(fill(&shares, &client(1)), 60);
        assert_eq!(fill(&shares, &client(2)), 30);
        assert_eq!(fill(&shares, &client(3)), 15);
        assert!(!shares.take(&client(1), 1) && !shares.take(&client(2), 1));
        assert!(shares.take(&client(4), 1));
        shares.give(&client(1), 60);
        assert!(shares.take(&client(3), 20), "what was given back is there for others");
    }

    #[test]
    fn all_who_take_must_have_room_and_nothing_is_taken_by_halves() {
        let contract = (Holder::Contract(AccountId([1; 32])), 3);
        let of = |number| [client(number)[0], contract];
        let shares = Shares::new(100);
        assert!(shares.take(&of(1), 50) && !shares.take(&of(1), 1), "a client has half");
        assert!(shares.take(&of(2), 25) && !shares.take(&of(3), 1), "a contract has three quarters");
        assert!(shares.take(&client(3), 12), "and others what is left");
        shares.give(&of(1), 50);
        shares.give(&of(2), 25);
        shares.give(&client(3), 12);
        let taken = shares.lock();
        assert!(taken.sum == 0 && taken.by_holder.is_empty());
    }

    #[test]
    fn what_is_held_is_given_back_when_it_is_dropped() {
        let (shares, client) = (Arc::new(Shares::new(100)), IpAddr::from([192, 0, 2, 1]));
        let held = shares.hold(client, 20).unwrap();
        assert!(held.grow(30) && !held.grow(1) && shares.hold(client, 1).is_none());
        assert_eq!(shares.sum(), 50);
        drop(held);
        assert_eq!(shares.sum(), 0);
    }

    #[test]
    fn what_is_more_than_all_is_refused() {
        assert!(!Shares::new(10).take(&client(1), 11));
        assert!(!Shares::new(10).take(&client(1), usize::MAX));
        assert!(Shares::new(10).take(&client(1), 5));
        assert!(!Shares::new(10).take(&client(1), 6));
    }
}
