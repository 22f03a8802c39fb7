//! What the API takes of its clients.

use std::num::NonZeroU32;
use tallow_types::limits::{
    API_CONNECTIONS_MAX, API_CONNECTIONS_PER_ADDRESS_MAX, API_RATE_PER_ADDRESS, API_RATE_TOTAL,
};

/// What the API takes of its clients, as an operator sets it. The bounds of single requests are not for setting: they
/// are in `types::limits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiConfig {
    /// Requests a second of one client address; no limit when `None`.
    pub requests_per_address: Option<NonZeroU32>,
    /// Requests a second of all clients; no limit when `None`.
    pub requests_total: Option<NonZeroU32>,
    /// Connections held at once.
    pub connections: usize,
    /// Connections of one client address.
    pub connections_per_address: usize,
    /// Whether clients on this machine have no limits of rate and number but the total of connections. Not where a
    /// proxy on this machine speaks for all clients.
    pub exempt_loopback: bool,
    /// Whether others than this machine may read `/metrics`, which tell more of a worker than its clients need.
    pub public_metrics: bool,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            requests_per_address: NonZeroU32::new(API_RATE_PER_ADDRESS),
            requests_total: NonZeroU32::new(API_RATE_TOTAL),
            connections: API_CONNECTIONS_MAX,
            connections_per_address: API_CONNECTIONS_PER_ADDRESS_MAX,
            exempt_loopback: false,
            public_metrics: false,
        }
    }
}
