//! Who holds how much of the pool, and who gives way when it is full.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};
use tallow_types::{AccountId, CommandId};

/// Who sent a command to this worker, as far as it matters who has how much of the pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sender {
    /// The address it came from (of IPv6, its network); accounts are free, addresses less so.
    pub client: IpAddr,
    /// Whether its caller has balance in the cluster.
    pub funded: bool,
}

/// A command's place among those of its caller that came from one address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    pub(super) client: IpAddr,
    pub(super) caller: AccountId,
    /// Whether the caller has no balance: such a one gives way before those who have.
    pub(super) unfunded: bool,
}

/// One caller's commands from one address: number of arrival, with the command.
#[derive(Default)]
struct Held {
    weight: usize,
    commands: BTreeMap<u64, CommandId>,
}

/// All that is held, in the orders in which it gives way.
#[derive(Default)]
pub(super) struct Shares {
    held: BTreeMap<Place, Held>,
    clients: BTreeMap<IpAddr, usize>,
    /// (weight, client).
    heaviest_clients: BTreeSet<(usize, IpAddr)>,
    /// (client, unfunded, weight, caller).
    heaviest_callers: BTreeSet<(IpAddr, bool, usize, AccountId)>,
}

impl Shares {
    pub(super) fn add(&mut self, place: Place, number: u64, id: CommandId, weight: usize) {
        self.held.entry(place).or_default().commands.insert(number, id);
        self.weigh(place, |held| held + weight);
    }

    pub(super) fn remove(&mut self, place: Place, number: u64, weight: usize) {
        if let Some(held) = self.held.get_mut(&place) {
            held.commands.remove(&number);
        }
        self.weigh(place, |held| held - weight);
    }

    fn weigh(&mut self, place: Place, change: impl Fn(usize) -> usize) {
        let Place { client, caller, unfunded } = place;
        let all = self.client(client);
        let own = self.held.get(&place).map_or(0, |held| held.weight);
        self.heaviest_clients.remove(&(all, client));
        self.heaviest_callers.remove(&(client, unfunded, own, caller));
        let (all, own) = (change(all), change(own));
        if all > 0 {
            self.clients.insert(client, all);
            self.heaviest_clients.insert((all, client));
        } else {
            self.clients.remove(&client);
        }
        if own > 0 {
            self.held.entry(place).or_default().weight = own;
            self.heaviest_callers.insert((client, unfunded, own, caller));
        } else {
            self.held.remove(&place);
        }
    }

    fn client(&self, client: IpAddr) -> usize {
        self.clients.get(&client).copied().unwrap_or(0)
    }

    /// The command that gives way to one of this weight: the newest of the caller who has most, at the address that has
    /// most. `None` when the newcomer would have no less than that one.
    pub(super) fn gives_way(&self, place: Place, weight: usize) -> Option<CommandId> {
        let (most, heaviest) = self.heaviest_clients.last()?;
        let client = if self.client(place.client) + weight < *most { *heaviest } else { place.client };
        let of_client = (client, false, 0, AccountId([0; 32]))..=(client, true, usize::MAX, AccountId([0xff; 32]));
        let (_, unfunded, most, caller) = self.heaviest_callers.range(of_client).next_back()?;
        let own = self.held.get(&place).map_or(0, |held| held.weight);
        let has_more = client != place.client || own + weight < *most || (*unfunded && !place.unfunded);
        let heaviest = Place { client, caller: *caller, unfunded: *unfunded };
        let newest = self.held.get(&heaviest).and_then(|held| held.commands.last_key_value());
        newest.filter(|_| has_more).map(|(_, id)| *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(client: u8, caller: u8, unfunded: bool) -> Place {
        Place { client: IpAddr::from([192, 0, 2, client]), caller: AccountId([caller; 32]), unfunded }
    }

    fn id(n: u8) -> CommandId {
        CommandId([n; 32])
    }

    #[test]
    fn the_newest_of_who_has_most_at_the_address_that_has_most_gives_way() {
        let mut shares = Shares::default();
        for (number, (client, caller, weight)) in [(1, 1, 30), (1, 2, 20), (1, 2, 20), (2, 3, 60)].iter().enumerate() {
            shares.add(place(*client, *caller, true), number as u64, id(number as u8), *weight);
        }
        assert_eq!(shares.gives_way(place(9, 9, true), 10), Some(id(2)), "70 at one address, 40 of them of one caller");
        shares.remove(place(1, 2, true), 2, 20);
        assert_eq!(shares.gives_way(place(9, 9, true), 10), Some(id(3)));
        assert_eq!(shares.gives_way(place(2, 9, true), 10), Some(id(3)), "of the own address another caller");
        assert_eq!(shares.gives_way(place(2, 3, true), 10), None, "nobody has more than he");
        assert_eq!(shares.gives_way(place(9, 9, true), 60), None, "as much as anybody has");
    }

    #[test]
    fn who_has_no_balance_gives_way_before_those_who_have() {
        let mut shares = Shares::default();
        shares.add(place(1, 1, false), 1, id(1), 50);
        shares.add(place(1, 2, true), 2, id(2), 10);
        assert_eq!(shares.gives_way(place(1, 3, true), 5), Some(id(2)));
        assert_eq!(shares.gives_way(place(1, 3, false), 40), Some(id(2)), "however little he has");
        shares.remove(place(1, 2, true), 2, 10);
        assert_eq!(shares.gives_way(place(1, 3, true), 5), Some(id(1)));
        shares.remove(place(1, 1, false), 1, 50);
        assert!(shares.gives_way(place(1, 3, true), 5).is_none() && shares.held.is_empty());
    }
}
