//! DNS with the policy applied to what it answers.

use crate::{
    Policy,
    shares::{Held, Shares},
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{io, net::SocketAddr, sync::Arc};
use tallow_types::{
    AccountId,
    limits::{DNS_LOOKUPS_MAX, DNS_LOOKUPS_PER_CALLER_MAX},
};

tokio::task_local! {
    /// For whom names are resolved: the HTTP client asks for a name alone, but in the task of the request.
    pub(crate) static CALLER: AccountId;
}

/// The policy permits none of the addresses of a host.
#[derive(Debug, thiserror::Error)]
#[error("the policy permits no address of this host")]
pub(crate) struct Refused;

/// Resolves names and leaves out the addresses that the policy refuses.
///
/// The HTTP client connects to what this returns and to nothing else, so a name cannot be judged by one answer and
/// connected to by another.
pub(crate) struct Resolver {
    policy: Arc<Policy>,
    // A lookup occupies a thread of the runtime's blocking pool until the host's resolver gives up, even when nobody
    // waits for it any more. So nobody may have all of them.
    lookups: Arc<Shares>,
    lookup: Lookup,
}

impl Resolver {
    pub(crate) fn new(policy: Arc<Policy>, lookup: Lookup) -> Self {
        Self { policy, lookups: Arc::new(Shares::new(DNS_LOOKUPS_MAX, DNS_LOOKUPS_PER_CALLER_MAX)), lookup }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, lookups, lookup) = (self.policy.clone(), self.lookups.clone(), self.lookup);
        // Those of nobody share what one caller may have.
        let caller = CALLER.try_with(|caller| *caller).unwrap_or(AccountId([0; 32]));
        Box::pin(async move {
            let held = lookups.take(&caller, 1).await;
            let found = run(lookup, name.as_str().to_owned(), held).await?;
            let permitted: Vec<_> = found.into_iter().filter(|address| policy.permits(address.ip())).collect();
            if permitted.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// A way to find the addresses of a host; it blocks.
pub(crate) type Lookup = fn(&str) -> io::Result<Vec<SocketAddr>>;

/// Asks the host's resolver.
pub(crate) fn of_host(name: &str) -> io::Result<Vec<SocketAddr>> {
    std::net::ToSocketAddrs::to_socket_addrs(&(name, 0)).map(Vec::from_iter)
}

/// Looks up in a thread that may block. Never returns an empty list.
async fn run(lookup: Lookup, host: String, held: Held) -> io::Result<Vec<SocketAddr>> {
    let found = tokio::task::spawn_blocking(move || {
        // Until the thread is free again, whoever waits for it or does not.
        let _held = held;
        lookup(&host)
    })
    .await
    .map_err(io::Error::other)??;
    if found.is_empty() { Err(io::Error::from(io::ErrorKind::NotFound)) } else { Ok(found) }
}
