//! DNS with the policy applied to what it answers.

use crate::Policy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{io, net::SocketAddr, sync::Arc};
use tallow_types::limits::DNS_LOOKUPS_MAX;
use tokio::sync::Semaphore;

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
    // waits for it any more.
    lookups: Arc<Semaphore>,
}

impl Resolver {
    pub(crate) fn new(policy: Arc<Policy>) -> Self {
        Self { policy, lookups: Arc::new(Semaphore::new(DNS_LOOKUPS_MAX)) }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, lookups) = (self.policy.clone(), self.lookups.clone());
        Box::pin(async move {
            let permit = lookups.acquire_owned().await?;
            let found = lookup(name.as_str().to_owned(), permit).await?;
            let permitted: Vec<_> = found.into_iter().filter(|address| policy.permits(address.ip())).collect();
            if permitted.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// Asks the host's resolver. Never returns an empty list.
async fn lookup(host: String, permit: tokio::sync::OwnedSemaphorePermit) -> io::Result<Vec<SocketAddr>> {
    let found = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        std::net::ToSocketAddrs::to_socket_addrs(&(host.as_str(), 0)).map(Vec::from_iter)
    })
    .await
    .map_err(io::Error::other)??;
    if found.is_empty() { Err(io::Error::from(io::ErrorKind::NotFound)) } else { Ok(found) }
}
