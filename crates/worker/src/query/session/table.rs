//! Which sessions are kept: pure.

use super::InsertError;
use super::known::Known;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tallow_types::SessionId;

/// A session with its last use.
pub(super) struct Entry<S> {
    pub(super) content: Arc<S>,
    /// Number of its last use.
    pub(super) used: AtomicU64,
    /// The use by which it stands in its client's order.
    noted: AtomicU64,
    client: IpAddr,
}

/// What is said of a new session.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    pub(super) id: SessionId,
    pub(super) client: IpAddr,
    pub(super) expiry_ms: u64,
    pub(super) now_ms: u64,
}

/// Sessions in the order of a use that is not later than their last: uses are noted in the entries alone, and the order
/// is brought up to date when one has to go.
type Order = BTreeMap<u64, SessionId>;

/// See the module.
pub(super) struct Table<S> {
    most: usize,
    by_id: BTreeMap<SessionId, Arc<Entry<S>>>,
    by_client: BTreeMap<IpAddr, Order>,
    /// Clients by the number of their sessions.
    by_count: BTreeSet<(usize, IpAddr)>,
    known: Known,
}

impl<S> Table<S> {
    /// A table of so many sessions at most, which remembers so many openings.
    pub(super) fn new(most: usize, known: usize) -> Self {
        let (by_id, by_client, by_count) = Default::default();
        Self { most, by_id, by_client, by_count, known: Known::new(known) }
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn get(&self, id: &SessionId) -> Option<Arc<Entry<S>>> {
        self.by_id.get(id).cloned()
    }

    /// Keeps a session, first used as `used` says. If there are too many then, the client that has most loses its least
    /// recently used one.
    pub(super) fn insert(&mut self, opening: Opening, session: S, used: u64) -> Result<(), InsertError> {
        let Opening { id, client, expiry_ms, now_ms } = opening;
        while let Some(expired) = self.known.pop_expired(now_ms) {
            self.remove(&expired);
        }
        self.known.insert(id, expiry_ms, client)?;
        let (content, noted) = (Arc::new(session), AtomicU64::new(used));
        self.by_id.insert(id, Arc::new(Entry { content, used: AtomicU64::new(used), noted, client }));
        self.order(client, |order| {
            order.insert(used, id);
        });
        while self.by_id.len() > self.most {
            let Some(&(_, greatest)) = self.by_count.last() else { break };
            let Some(id) = self.least_recently_used(greatest) else { break };
            self.remove(&id);
        }
        Ok(())
    }

    /// Changes a client's order and keeps the counts right.
    fn order(&mut self, client: IpAddr, change: impl FnOnce(&mut Order)) {
        let order = self.by_client.entry(client).or_default();
        self.by_count.remove(&(order.len(), client));
        change(order);
        let count = order.len();
        if count > 0 {
            self.by_count.insert((count, client));
        } else {
            self.by_client.remove(&client);
        }
    }

    /// The session of a client whose last use is the oldest.
    fn least_recently_used(&mut self, client: IpAddr) -> Option<SessionId> {
        let order = self.by_client.get_mut(&client)?;
        loop {
            let (noted, id) = order.first_key_value().map(|(noted, id)| (*noted, *id))?;
            let entry = self.by_id.get(&id)?;
            let used = entry.used.load(Ordering::Relaxed);
            if used == noted {
                return Some(id);
            }
            entry.noted.store(used, Ordering::Relaxed);
            order.remove(&noted);
            order.insert(used, id);
        }
    }

    fn remove(&mut self, id: &SessionId) {
        if let Some(entry) = self.by_id.remove(id) {
            self.order(entry.client, |order| {
                order.remove(&entry.noted.load(Ordering::Relaxed));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> SessionId {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&number.to_le_bytes());
        SessionId(id)
    }

    fn client(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    /// A table, and the number of the next use.
    struct Uses(Table<()>, u64);

    impl Uses {
        fn new(most: usize) -> Self {
            Self(Table::new(most, 1_000_000), 0)
        }

        fn insert(&mut self, number: u32, client: IpAddr) {
            self.1 += 1;
            let opening = Opening { id: id(number), client, expiry_ms: 1_000, now_ms: 0 };
            self.0.insert(opening, (), self.1).unwrap();
        }

        fn touch(&mut self, number: u32) {
            self.1 += 1;
            self.0.get(&id(number)).unwrap().used.store(self.1, Ordering::Relaxed);
        }

        fn has(&self, number: u32) -> bool {
            self.0.get(&id(number)).is_some()
        }
    }

    #[test]
    fn the_least_recently_used_one_goes_whenever_it_was_opened() {
        let mut uses = Uses::new(3);
        (0..3).for_each(|number| uses.insert(number, client(1)));
        uses.touch(0);
        uses.insert(3, client(1));
        assert!(uses.has(0) && !uses.has(1) && uses.has(2) && uses.has(3));
        uses.touch(2);
        uses.insert(4, client(1));
        assert!(!uses.has(0) && uses.has(2) && uses.has(3) && uses.has(4));
        assert_eq!(uses.0.len(), 3);
    }

    #[test]
    fn who_opens_many_pushes_out_his_own() {
        let mut uses = Uses::new(64);
        (0..3).for_each(|number| uses.insert(number, client(1)));
        (100..1_000).for_each(|number| uses.insert(number, client(2)));
        assert!((0..3).all(|number| uses.has(number)), "used never, and yet kept");
        assert_eq!(uses.0.len(), 64);
        (1_000..1_020).for_each(|number| uses.insert(number, client(3)));
        assert!((1_000..1_020).all(|number| uses.has(number)), "a newcomer finds place");
    }

    #[test]
    fn expired_sessions_go_and_their_order_with_them() {
        let mut uses = Uses::new(8);
        (0..4).for_each(|number| uses.insert(number, client(1)));
        let opening = Opening { id: id(9), client: client(2), expiry_ms: 5_000, now_ms: 2_000 };
        uses.0.insert(opening, (), 50).unwrap();
        assert_eq!((uses.0.len(), uses.0.by_client.len(), uses.0.by_count.len()), (1, 1, 1));
    }
}
