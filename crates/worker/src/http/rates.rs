//! How many requests a client, and all clients, may make.

use super::ApiConfig;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;
use tallow_types::limits::API_RATE_BURST_SECONDS;

/// Bits of an IPv6 address that name a client's network: hosts choose the others at will.
const IPV6_CLIENT_BITS: u32 = 64;

/// Who a connection's limits are counted for.
pub(super) fn client_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let mask = u128::MAX << (128 - IPV6_CLIENT_BITS);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
        address => address,
    }
}

/// Token buckets: one for each client, one for all.
pub(super) struct Rates {
    each: Option<DefaultKeyedRateLimiter<IpAddr>>,
    all: Option<DefaultDirectRateLimiter>,
    exempt_loopback: bool,
    clock: DefaultClock,
}

impl Rates {
    pub(super) fn new(config: &ApiConfig) -> Self {
        Self {
            each: config.requests_per_address.map(|rate| RateLimiter::dashmap(quota(rate))),
            all: config.requests_total.map(|rate| RateLimiter::direct(quota(rate))),
            exempt_loopback: config.exempt_loopback,
            clock: DefaultClock::default(),
        }
    }

    /// Whether a request of `client` may be answered; else the time after which one may.
    pub(super) fn take(&self, client: IpAddr) -> Result<(), Duration> {
        if self.exempt_loopback && client.is_loopback() {
            return Ok(());
        }
        // The client's own bucket first: what it is refused must not be at the cost of the others.
        let own = self.each.as_ref().map_or(Ok(()), |each| each.check_key(&client));
        let all = own.and_then(|()| self.all.as_ref().map_or(Ok(()), |all| all.check()));
        all.map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }

    /// Forgets clients whose buckets are full again, as a new one's is.
    pub(super) fn tidy(&self) {
        if let Some(each) = &self.each {
            each.retain_recent();
            each.shrink_to_fit();
        }
    }
}

fn quota(rate: NonZeroU32) -> Quota {
    let burst = NonZeroU32::new(rate.get().saturating_mul(API_RATE_BURST_SECONDS)).unwrap_or(rate);
    Quota::per_second(rate).allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn clients_are_networks_of_ipv6_and_addresses_of_ipv4() {
        assert_eq!(client_of(address("2001:db8:1:2:3:4:5:6")), client_of(address("2001:db8:1:2::9")));
        assert_ne!(client_of(address("2001:db8:1:2::9")), client_of(address("2001:db8:1:3::9")));
        assert_eq!(client_of(address("::ffff:192.0.2.1")), address("192.0.2.1"));
        assert_ne!(client_of(address("192.0.2.1")), client_of(address("192.0.2.2")));
    }

    #[test]
    fn one_client_that_asks_too_much_does_not_take_from_others() {
        let config = ApiConfig { requests_per_address: NonZeroU32::new(5), ..ApiConfig::default() };
        let rates = Rates::new(&config);
        let (greedy, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let taken = (0..100).filter(|_| rates.take(greedy).is_ok()).count();
        assert!((10..=11).contains(&taken), "{taken}");
        let wait = rates.take(greedy).unwrap_err();
        assert!(wait <= Duration::from_millis(200), "{wait:?}");
        assert!(rates.take(other).is_ok());
        assert!(rates.take(address("127.0.0.1")).is_ok());
    }

    #[test]
    fn all_clients_together_have_a_limit_and_loopback_may_be_exempt() {
        let config = ApiConfig { requests_total: NonZeroU32::new(5), exempt_loopback: true, ..ApiConfig::default() };
        let rates = Rates::new(&config);
        let taken = (0..100u8).filter(|n| rates.take(IpAddr::from([192, 0, 2, *n])).is_ok()).count();
        assert!((10..=11).contains(&taken), "{taken}");
        assert!((0..100).all(|_| rates.take(address("127.0.0.1")).is_ok()));
        rates.tidy();
    }
}
