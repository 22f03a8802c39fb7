//! How many frames there may be at once, in both profiles.

use crate::stop::Abort;
use std::sync::atomic::{AtomicU32, Ordering};
use tallow_types::limits::CALL_DEPTH_MAX;

/// Counts open frames. Queries, which may wait for long, leave some of the room to commands.
pub(crate) struct Room {
    open: AtomicU32,
    limit: u32,
    for_queries: u32,
}

/// A frame's place, free again when it is dropped.
pub(crate) struct Place<'a>(&'a Room);

impl Room {
    /// Room for so many frames.
    pub(crate) fn new(limit: u32) -> Self {
        let for_commands = (4 * CALL_DEPTH_MAX as u32).min(limit / 4);
        Self { open: AtomicU32::new(0), limit, for_queries: limit - for_commands }
    }

    /// Frames that queries may have at once.
    pub(crate) fn for_queries(&self) -> usize {
        self.for_queries as usize
    }

    /// A place for one more frame.
    ///
    /// # Errors
    /// When there is none: the host's fault, never a result.
    pub(crate) fn place(&self, query: bool) -> Result<Place<'_>, Abort> {
        let limit = if query { self.for_queries } else { self.limit };
        let more = |open: u32| (open < limit).then_some(open + 1);
        match self.open.fetch_update(Ordering::AcqRel, Ordering::Acquire, more) {
            Ok(_) => Ok(Place(self)),
            Err(open) => Err(Abort::Host(format!("busy: {open} contract calls are under way; try again later"))),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_leave_a_quarter_to_commands_and_places_come_back() {
        let room = Room::new(8);
        let queries: Vec<_> = (0..6).map(|_| room.place(true).unwrap()).collect();
        let Err(refused) = room.place(true) else { panic!("a seventh query found place") };
        assert!(refused.to_string().contains("busy: 6 contract calls"), "{refused}");
        let commands = [room.place(false).unwrap(), room.place(false).unwrap()];
        assert!(room.place(false).is_err());
        drop(commands);
        assert!(room.place(true).is_err());
        drop(queries);
        assert!(room.place(true).is_ok());
    }

    #[test]
    fn of_much_room_commands_need_little() {
        assert_eq!(Room::new(10_064).for_queries, 10_000);
        assert_eq!(Room::new(1).for_queries, 1);
    }
}
