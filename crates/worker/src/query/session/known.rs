//! Openings that are remembered: an opening is good for one session, or whoever recorded it could open it once more and
//! replay its requests.

use super::InsertError;
use std::collections::BTreeMap;
use std::net::IpAddr;
use tallow_types::SessionId;

/// Openings by their expiry, each with the client that sent it.
pub(super) struct Known {
    most: usize,
    by_expiry: BTreeMap<(u64, SessionId), IpAddr>,
    by_client: BTreeMap<IpAddr, usize>,
}

impl Known {
    pub(super) fn new(most: usize) -> Self {
        Self { most, by_expiry: BTreeMap::new(), by_client: BTreeMap::new() }
    }

    /// Remembers an opening. Nobody may take more than is then left for others, so that whoever fills what there is shuts
    /// out himself alone.
    pub(super) fn insert(&mut self, id: SessionId, expiry_ms: u64, client: IpAddr) -> Result<(), InsertError> {
        if self.by_expiry.contains_key(&(expiry_ms, id)) {
            return Err(InsertError::Used);
        }
        let own = self.by_client.get(&client).copied().unwrap_or(0) + 1;
        let left = self.most.saturating_sub(self.by_expiry.len() + 1);
        if own > left {
            return Err(InsertError::Full);
        }
        self.by_client.insert(client, own);
        self.by_expiry.insert((expiry_ms, id), client);
        Ok(())
    }

    /// Forgets an opening that has expired, and gives its session.
    pub(super) fn pop_expired(&mut self, now_ms: u64) -> Option<SessionId> {
        let first = self.by_expiry.first_entry().filter(|first| first.key().0 < now_ms)?;
        let ((_, id), client) = first.remove_entry();
        match self.by_client.get_mut(&client) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                self.by_client.remove(&client);
            }
        }
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> SessionId {
        SessionId([number; 32])
    }

    fn client(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    #[test]
    fn one_client_takes_half_and_shuts_out_himself_alone() {
        let mut known = Known::new(10);
        let greedy = (0..20).filter(|number| known.insert(id(*number), 100, client(1)).is_ok()).count();
        assert_eq!(greedy, 5);
        assert_eq!(known.insert(id(30), 100, client(1)), Err(InsertError::Full));
        assert_eq!(known.insert(id(30), 100, client(2)), Ok(()));
        assert_eq!(known.insert(id(30), 100, client(2)), Err(InsertError::Used));
        assert_eq!(known.insert(id(31), 100, client(3)), Ok(()), "each newcomer finds some");
    }

    #[test]
    fn what_has_expired_makes_room() {
        let mut known = Known::new(4);
        known.insert(id(1), 100, client(1)).unwrap();
        known.insert(id(2), 200, client(1)).unwrap();
        assert_eq!(known.insert(id(3), 200, client(1)), Err(InsertError::Full));
        assert_eq!(known.pop_expired(100), None, "it may still be used");
        assert_eq!((known.pop_expired(101), known.pop_expired(101)), (Some(id(1)), None));
        assert_eq!(known.insert(id(3), 200, client(1)), Ok(()));
        while known.pop_expired(300).is_some() {}
        assert!(known.by_client.is_empty());
    }
}
