//! Performs the external calls of contracts, under a policy.
//!
//! Nothing of the host leaks into a call: TLS roots are compiled in, proxies of the environment are ignored, no cookie
//! is kept. Nothing of the host's surroundings is reachable unless the policy says so: addresses are judged where the
//! connection is made, after DNS, for the request itself and for each redirect.

mod address;
mod body;
mod client;
mod hosts;
mod request;
mod resolver;
mod shares;

pub use client::Client;

use std::net::IpAddr;

/// What contracts may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Loopback addresses: for development, where the services of a demo run on the same machine.
    pub allow_loopback: bool,
    /// Private ranges (RFC 1918, RFC 6598, IPv6 unique local).
    pub allow_private: bool,
    /// Plain http. It is counted and traced, since anyone on the path can read and change it.
    pub allow_http: bool,
    /// Addresses that are reachable whatever range they lie in, such as one service of the operator.
    pub allow_addresses: Vec<IpAddr>,
}

impl Policy {
    /// The public Internet, plain http included.
    pub fn internet() -> Self {
        Self { allow_loopback: false, allow_private: false, allow_http: true, allow_addresses: Vec::new() }
    }

    /// The public Internet and this machine. For `tallow dev` and `demo`, which say so.
    pub fn development() -> Self {
        Self { allow_loopback: true, ..Self::internet() }
    }
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The TLS library refused its own configuration.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refused its configuration.
    #[error("cannot set up the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

#[cfg(test)]
mod tests;
