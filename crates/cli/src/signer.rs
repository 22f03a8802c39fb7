//! Who signs: what `--from` names, and where it may sign.

use crate::failure::Failure;
use crate::keystore::{Kept, Keystore};
use crate::password;
use anyhow::anyhow;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tallow_client::{Keypair, Signer};
use tallow_crypto::is_development_uri;
use tallow_types::{ClusterId, NetworkId};

/// Who signs when nothing else is said, on development networks.
const DEVELOPMENT: &str = "//Alice";

/// A signer, and where it may sign.
pub(crate) struct Caller {
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) bound: Bound,
}

/// Where a signer may sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Bound {
    /// Everywhere.
    None,
    /// On development networks: everybody knows the key.
    Development,
    /// In the cluster of its certificate.
    Cluster(NetworkId, ClusterId),
}

/// What a signer is about to sign for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) network: NetworkId,
    pub(crate) cluster: ClusterId,
    pub(crate) development: bool,
}

impl Bound {
    /// Refuses to sign where it must not.
    pub(crate) fn check(&self, place: &Place) -> Result<(), Failure> {
        match self {
            Self::Development if !place.development => {
                let error = anyhow!("a development account cannot sign here: everybody knows its key");
                Err(Failure::usage(error).hint(
                    "make an account by `tallow account new NAME`, and name it by --from or `tallow account use NAME`",
                ))
            }
            Self::Cluster(network, cluster) if (*network, *cluster) != (place.network, place.cluster) => {
                let error = anyhow!("the delegate is for cluster {cluster} of network {network}");
                Err(Failure::usage(error).hint("make one for this cluster by `tallow account delegate`"))
            }
            _ => Ok(()),
        }
    }
}

/// The signer of `--from`, or the one that was chosen for when there is none.
pub(crate) fn resolve(
    from: Option<&str>,
    keystore: &Keystore,
    password_file: Option<&Path>,
) -> Result<Caller, Failure> {
    let Some(text) = from else {
        return match keystore.default_account()? {
            Some(kept) => kept_signer(&kept, keystore, password_file),
            None => uri_signer(DEVELOPMENT),
        };
    };
    match text.parse::<Kept>() {
        Ok(kept) => kept_signer(&kept, keystore, password_file),
        Err(_) => uri_signer(text),
    }
}

fn kept_signer(kept: &Kept, keystore: &Keystore, password_file: Option<&Path>) -> Result<Caller, Failure> {
    match kept {
        Kept::Account(name) => {
            let account = keystore.account(name)?;
            let password = password::ask(&format!("account {name}"), password_file)?;
            Ok(Caller { signer: Arc::new(account.unlock(&password)?), bound: Bound::None })
        }
        Kept::Delegate(name) => {
            let delegate = keystore.delegate(name)?;
            if delegate.until_ms() < now_ms() {
                let error = anyhow!("delegate `{name}` has expired");
                return Err(
                    Failure::usage(error).hint(format!("make another by `tallow account delegate --to {name}`"))
                );
            }
            let delegation = &delegate.certificate.delegation;
            let bound = Bound::Cluster(delegation.network, delegation.cluster);
            Ok(Caller { signer: Arc::new(delegate.signer()), bound })
        }
    }
}

fn uri_signer(uri: &str) -> Result<Caller, Failure> {
    // The text may be a secret, so it is not repeated.
    let key = Keypair::from_uri(uri).map_err(|error| {
        Failure::usage(anyhow::Error::from(error).context("--from does not name an account"))
            .hint("name an account of `tallow account list`, or //Alice on a development network")
    })?;
    let bound = if is_development_uri(uri) { Bound::Development } else { Bound::None };
    Ok(Caller { signer: Arc::new(key), bound })
}

/// Whether `--from` brought a secret on the command line, where every process of this machine can read it.
pub(crate) fn is_exposed(from: Option<&str>) -> bool {
    let Some(from) = from else { return false };
    if from.parse::<Kept>().is_ok() || is_development_uri(from) {
        return false;
    }
    std::env::args_os().skip(1).any(|arg| {
        let text = arg.to_string_lossy();
        text.strip_prefix("--from=").unwrap_or(&text) == from
    })
}

/// This machine's clock, milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
