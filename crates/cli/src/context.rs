//! What every command needs: the caller's key, the verified connection, the place to print.

use crate::args::Global;
use crate::failure::Failure;
use crate::keystore::Keystore;
use crate::local::{Local, Pin};
use crate::output::Output;
use crate::project::{Profile, Project};
use crate::signer::{self, Bound, Caller, Place};
use clap::ArgMatches;
use clap::parser::ValueSource;
use std::sync::{Arc, OnceLock};
use tallow_client::{Client, ClientError, Rejection, Seen, Signer, Trust};

pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) output: Output,
    pub(crate) local: Local,
    pub(crate) keystore: Keystore,
    /// Where the signer may sign, once it is known.
    bound: OnceLock<Bound>,
    /// The network that was connected to, once it is known.
    place: OnceLock<Place>,
    /// The project that the current folder is in.
    pub(crate) project: Option<Project>,
}

impl Context {
    /// Takes what was said: on the command line, else in the environment, else in the project's profile.
    ///
    /// # Errors
    /// When the project's settings are wrong, or have no profile of the wanted name.
    pub(crate) fn new(global: Global, matches: &ArgMatches) -> Result<Self, Failure> {
        let project = Project::here()?;
        let profile = profile(&global, project.as_ref())?;
        let said = |name: &str| !matches!(matches.value_source(name), None | Some(ValueSource::DefaultValue));
        let global = Global {
            url: profile.url.filter(|_| !said("url")).unwrap_or(global.url),
            from: global.from.or(profile.from),
            network: global.network.or(profile.network.map(|network| network.0)),
            cluster: global.cluster.or(profile.cluster.map(|cluster| cluster.0)),
            ..global
        };
        let output = Output::new(global.json);
        let (local, keystore) = (Local::of_this_user(), Keystore::of_this_user());
        Ok(Self { global, output, local, keystore, project, bound: OnceLock::new(), place: OnceLock::new() })
    }

    /// Who signs: the account of `--from`. Asks for its password when it has one.
    pub(crate) fn signer(&self) -> Result<Arc<dyn Signer>, Failure> {
        let from = self.global.from.as_deref();
        let Caller { signer, bound } = signer::resolve(from, &self.keystore, self.global.password_file.as_deref())?;
        if signer::is_exposed(from) {
            self.output.warn(
                "a secret on the command line can be read by other programs: keep it by `tallow account new NAME \
                 --import`",
            );
        }
        self.bound.set(bound).ok();
        self.check_signer()?;
        Ok(signer)
    }

    /// Whether the signer may sign for the network, as soon as both are known.
    fn check_signer(&self) -> Result<(), Failure> {
        match (self.bound.get(), self.place.get()) {
            (Some(bound), Some(place)) => bound.check(place),
            _ => Ok(()),
        }
    }

    /// A client of `--url`, which believes the network that was pinned.
    pub(crate) async fn client(&self) -> Result<Client, Failure> {
        let client = self.connect().await?;
        self.note_place(&client)?;
        self.remember(&client);
        Ok(client)
    }

    /// As [`Self::client`], without a word and without remembering it.
    pub(crate) async fn connect(&self) -> Result<Client, ClientError> {
        let url = &self.global.url;
        let pin = self.local.pin(url);
        let client = match self.trust(pin) {
            Trust::Pinned(trusted) if self.global.network.is_none() && self.global.cluster.is_none() => {
                self.connect_pinned(url, trusted).await?
            }
            trust => Client::connect(url, trust).await?,
        };
        if let Some(pin) = pin.filter(|pin| pin.network == client.network()) {
            client.resume(Seen { epoch: pin.ledger_epoch, height: pin.ledger_height }, pin.height);
        }
        Ok(client)
    }

    /// What was said, and else what was kept: the cluster that was found first at this URL counts for its network alone.
    fn trust(&self, kept: Option<Pin>) -> Trust {
        let network = self.global.network.or(kept.map(|kept| kept.network));
        let kept = kept.filter(|kept| Some(kept.network) == network).map(|kept| kept.cluster);
        match (network, self.global.cluster.or(kept)) {
            (Some(network), Some(cluster)) => Trust::Pinned(tallow_client::Pin { network, cluster }),
            (Some(network), None) => Trust::Network(network),
            (None, _) => Trust::OnFirstUse,
        }
    }

    /// Development networks on this very machine come and go; any other network must stay the one it was.
    async fn connect_pinned(&self, url: &str, pin: tallow_client::Pin) -> Result<Client, ClientError> {
        match Client::connect(url, Trust::Pinned(pin)).await {
            Err(ClientError::Rejected(Rejection::WrongNetwork { found, .. })) if is_loopback(url) => {
                self.output.warn(format!("another network than before runs at {url}: {found}"));
                Client::connect(url, Trust::Network(found)).await
            }
            other => other,
        }
    }

    /// Shows development shortcuts, and refuses a signer that must not sign here.
    fn note_place(&self, client: &Client) -> Result<(), Failure> {
        let development = client.development();
        for line in &development {
            self.output.warn(line);
        }
        let (network, cluster) = (client.network(), client.cluster_id());
        self.place.set(Place { network, cluster, development: !development.is_empty() }).ok();
        self.check_signer()
    }

    /// Keeps what the client has seen, so that the next command believes nothing older.
    pub(crate) fn remember(&self, client: &Client) {
        let Seen { epoch, height } = client.seen();
        let pin = Pin {
            network: client.network(),
            cluster: client.cluster_id(),
            ledger_epoch: epoch,
            ledger_height: height,
            height: client.height(),
        };
        if self.local.pin(&self.global.url) == Some(pin) {
            return;
        }
        if let Err(error) = self.local.set_pin(&self.global.url, &pin) {
            self.output.warn(format!("this network cannot be remembered: {error}"));
        }
    }
}

/// The profile that was asked for, or the default one.
fn profile(global: &Global, project: Option<&Project>) -> Result<Profile, Failure> {
    let name = global.profile.as_deref().filter(|name| !name.is_empty());
    let hint = "profiles are tables [profile.NAME] in the tallow.toml of a project";
    match (project, name) {
        (Some(project), name) => project.settings.profile(name).map_err(|known| {
            let error = anyhow::anyhow!("tallow.toml has no profile `{}`: {known}", name.unwrap_or_default());
            Failure::usage(error).hint(hint)
        }),
        (None, None) => Ok(Profile::default()),
        (None, Some(name)) => {
            Err(Failure::usage(anyhow::anyhow!("no profile `{name}`: this folder is in no project")).hint(hint))
        }
    }
}

/// Whether the URL's host is this machine by address, so that nobody else can answer for it.
fn is_loopback(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    host == "localhost"
        || host.starts_with("localhost:")
        || host.parse::<std::net::SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
