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
    /// Who may read `/metrics`.
    pub metrics: Readers,
    /// Names by which the worker is asked, beside addresses and `localhost`, which always are its own. Requests for other
    /// names are refused: a site can have its name lead to any address (DNS rebinding).
    pub names: Vec<String>,
    /// Pages that may use the API in a browser, beside the worker's own.
    pub pages: Pages,
}

/// Who may read what tells more of a worker than its clients need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Nobody.
    Nobody,
    /// Who is on the worker's machine. Not where a proxy on this machine passes on what others ask: it need not say so.
    Machine,
    /// Everybody.
    Everybody,
}

/// Pages that may use an API in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pages {
    /// Those of any site: for a worker that anybody can reach anyway, and whose contracts reach nothing that a page could
    /// not.
    Any,
    /// Those of these origins (`https://example.org`), and no others.
    Listed(Vec<String>),
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            requests_per_address: NonZeroU32::new(API_RATE_PER_ADDRESS),
            requests_total: NonZeroU32::new(API_RATE_TOTAL),
            connections: API_CONNECTIONS_MAX,
            connections_per_address: API_CONNECTIONS_PER_ADDRESS_MAX,
            exempt_loopback: false,
            metrics: Readers::Nobody,
            names: Vec::new(),
            pages: Pages::Listed(Vec::new()),
        }
    }
}
