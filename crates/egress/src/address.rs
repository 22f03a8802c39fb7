//! Which addresses a contract may reach.
//!
//! Ranges follow the IANA special-purpose address registries (RFC 6890 and its updates). IPv6 is judged by what is
//! allowed, not by what is refused: forms that carry an IPv4 address inside (mapped, compatible, 6to4, Teredo, NAT64)
//! are refused as such, since the inner address would escape the rules.

use crate::Policy;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Kinds of addresses that policies tell apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// The Internet.
    Public,
    /// This machine.
    Loopback,
    /// The operator's network.
    Private,
    /// What no contract has business with, whatever the policy.
    Never,
}

impl Policy {
    /// Whether a connection to this address may be made.
    pub(crate) fn permits(&self, address: IpAddr) -> bool {
        let by_range = match reach(address) {
            Reach::Public => true,
            Reach::Loopback => self.allow_loopback,
            Reach::Private => self.allow_private,
            Reach::Never => false,
        };
        by_range || self.allow_addresses.contains(&address)
    }
}

pub(crate) fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // Metadata and host services of clouds that lie in ranges which a policy can open (Alibaba), or in public
        // ones (Azure); those in link-local ranges are covered by the range.
        [100, 100, 100, 200] | [168, 63, 129, 16] => Reach::Never,
        [127, ..] => Reach::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Reach::Private,
        [0, ..] | [169, 254, ..] | [224..=255, ..] => Reach::Never,
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [198, 18..=19, ..] => Reach::Never,
        // The former 6to4 relay anycast and AS112 blocks.
        [192, 88, 99, _] | [192, 31, 196, _] | [192, 52, 193, _] | [192, 175, 48, _] => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Loopback,
        // The metadata services of Amazon and Google, unique local addresses.
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] | [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254] => Reach::Never,
        [0xfc00..=0xfdff, ..] => Reach::Private,
        // IETF protocol assignments (Teredo, benchmarking, ORCHID), documentation, 6to4.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => Reach::Never,
        [0x2620, 0x004f, 0x8000, ..] => Reach::Never,
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never,
    }
}
