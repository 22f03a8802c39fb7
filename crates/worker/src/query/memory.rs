//! What queries hold of the machine's memory, and how many there are, in shares by client, caller and contract: by client,
//! since keys cost nothing; by caller, since a proxy may stand before many clients; by contract, since many clients may ask
//! one.

use super::Asker;
use crate::shares::{Holder, Shares, Takers};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use tallow_engine::Memory;
use tallow_types::AccountId;
use tallow_types::limits::{QUERIES_IN_FLIGHT_MAX, QUERY_MEMORY_BYTES_MAX};

/// How many times what it leaves a client address, or a caller, may hold of the memory: half of it, when it is alone.
const CLIENT_TIMES: usize = 1;
/// As [`CLIENT_TIMES`], of all queries of one contract: three quarters, so that no client can take all that its users have.
const CONTRACT_TIMES: usize = 3;
/// As [`CLIENT_TIMES`], of the number of queries: seven eighths, since thousands may wait for a service.
const PLACES_TIMES: usize = 7;

/// Memory and places of all queries.
pub(crate) struct Room {
    memory: Shares,
    places: Shares,
    pages: Pages,
}

/// One query's place in it, until it is dropped: where its memory is counted.
pub(crate) struct Place {
    room: Arc<Room>,
    asker: Asker,
    account: AccountId,
}

impl Room {
    /// Room for queries, of which the engine runs so many at once.
    pub(crate) fn new(queries: usize) -> Arc<Self> {
        let (memory, places) = (Shares::new(QUERY_MEMORY_BYTES_MAX), Shares::new(queries.min(QUERIES_IN_FLIGHT_MAX)));
        Arc::new(Self { memory, places, pages: Pages::open() })
    }

    /// Queries there are, and bytes of memory that they hold.
    pub(crate) fn held(&self) -> [usize; 2] {
        [self.places.sum(), self.memory.sum()]
    }

    /// A place for a query of a contract, if there is one for this asker.
    pub(crate) fn place(self: &Arc<Self>, asker: Asker, account: AccountId) -> Option<Arc<Place>> {
        let taken = self.places.take(&[(Holder::Client(asker.client), PLACES_TIMES)], 1);
        taken.then(|| Arc::new(Place { room: self.clone(), asker, account }))
    }
}

impl Place {
    fn takers(&self) -> Takers<3> {
        [
            (Holder::Client(self.asker.client), CLIENT_TIMES),
            (Holder::Caller(self.asker.caller), CLIENT_TIMES),
            (Holder::Contract(self.account), CONTRACT_TIMES),
        ]
    }
}

impl Memory for Place {
    fn take(&self, bytes: usize) -> bool {
        self.room.memory.take(&self.takers(), bytes)
    }

    fn give(&self, bytes: usize) {
        self.room.memory.give(&self.takers(), bytes);
    }

    fn resident(&self, address: usize, bytes: usize) -> usize {
        self.room.pages.resident(address, bytes)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.places.give(&[(Holder::Client(self.asker.client), PLACES_TIMES)], 1);
    }
}

/// Bytes of a page of the machine. Where pages are larger, more is counted than there is.
const PAGE: usize = 4096;
/// Pages that are looked at at once.
const LOOK: usize = 512;
/// Bits of a page's entry that say that it is in memory, or was moved to the swap.
const PRESENT_OR_SWAPPED: u64 = 0b11 << 62;

/// The system's table of this process's pages (Linux: `/proc/self/pagemap`), if it may be read.
struct Pages(Option<File>);

impl Pages {
    fn open() -> Self {
        Self(File::open("/proc/self/pagemap").ok())
    }

    /// See [`Memory::resident`].
    fn resident(&self, address: usize, bytes: usize) -> usize {
        self.count(address / PAGE, (address.saturating_add(bytes)).div_ceil(PAGE)).map_or(bytes, |pages| pages * PAGE)
    }

    fn count(&self, first: usize, end: usize) -> Option<usize> {
        let table = self.0.as_ref()?;
        let (mut entries, mut found) = ([0u8; 8 * LOOK], 0);
        for start in (first..end).step_by(LOOK) {
            let entries = &mut entries[..8 * (end - start).min(LOOK)];
            table.read_exact_at(entries, 8 * start as u64).ok()?;
            let entries = entries.chunks_exact(8).filter_map(|entry| entry.try_into().ok().map(u64::from_ne_bytes));
            found += entries.filter(|entry| entry & PRESENT_OR_SWAPPED != 0).count();
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn asker(number: u8) -> Asker {
        Asker { caller: AccountId([number; 32]), client: IpAddr::from([192, 0, 2, number]) }
    }

    #[test]
    fn one_client_has_seven_eighths_of_the_places_and_gives_them_back() {
        let room = Room::new(80);
        let mut held: Vec<_> = (0..100).filter_map(|_| room.place(asker(1), AccountId([9; 32]))).collect();
        assert_eq!(held.len(), 70);
        assert!(room.place(asker(2), AccountId([9; 32])).is_some());
        held.pop();
        assert!(room.place(asker(1), AccountId([9; 32])).is_some());
    }

    #[test]
    fn memory_is_counted_by_client_by_caller_and_by_contract() {
        let room = Room::new(80);
        let contract = AccountId([9; 32]);
        let half = QUERY_MEMORY_BYTES_MAX / 2;
        let one = room.place(asker(1), contract).unwrap();
        assert!(one.take(half) && !one.take(1));
        let same_client = Asker { caller: AccountId([7; 32]), ..asker(1) };
        assert!(!room.place(same_client, AccountId([8; 32])).unwrap().take(1), "another key at the same address");
        let same_caller = Asker { client: IpAddr::from([192, 0, 2, 7]), ..asker(1) };
        assert!(!room.place(same_caller, AccountId([8; 32])).unwrap().take(1), "the same key at another address");
        let other = room.place(asker(2), contract).unwrap();
        assert!(other.take(half / 2) && !room.place(asker(3), contract).unwrap().take(1), "another of that contract");
        assert!(room.place(asker(3), AccountId([8; 32])).unwrap().take(1 << 20), "another of another contract");
        one.give(half);
        assert!(other.take(1));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn pages_count_when_they_were_written_to() {
        let pages = Pages::open();
        // So much is fresh from the system whatever the allocator has.
        let mut memory = vec![0u8; 64 << 20];
        let address = memory.as_ptr() as usize;
        let before = pages.resident(address, memory.len());
        assert!(before < 32 << 20, "nothing was written to most of it: {before}");
        memory[16 << 20..40 << 20].fill(1);
        let after = pages.resident(address, memory.len());
        assert!((before + (20 << 20)..=before + (28 << 20)).contains(&after), "{before} and then {after}");
    }

    #[test]
    fn what_cannot_be_looked_at_counts_in_full() {
        assert_eq!(Pages(None).resident(4096, 12_345), 12_345);
    }
}
