//! What every command needs: the caller's key, the verified connection, the place to print.

use crate::args::Global;
use crate::failure::Failure;
use crate::local::{Local, Pin};
use crate::output::Output;
use tallow_client::{Client, ClientError, Keypair, Rejection, Seen, Trust};
use tallow_types::NetworkId;

pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) output: Output,
    pub(crate) local: Local,
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        let output = Output::new(global.json);
        Self { global, output, local: Local::of_this_user() }
    }

    /// The account of `--from`.
    pub(crate) fn keypair(&self) -> Result<Keypair, Failure> {
        // The text may be a secret, so it is not repeated.
        Keypair::from_uri(&self.global.from).map_err(|error| {
            Failure::usage(anyhow::Error::from(error).context("--from does not name an account"))
                .hint("use //Alice on a development network, or 0x followed by 64 hexadecimal digits")
        })
    }

    /// A client of `--url`, which believes the network that was pinned.
    pub(crate) async fn client(&self) -> Result<Client, Failure> {
        let url = &self.global.url;
        let pin = self.local.pin(url);
        let client = match (self.global.network, pin) {
            (Some(network), _) => Client::connect(url, Trust::Pinned(network)).await?,
            (None, Some(pin)) => self.connect_pinned(url, pin.network).await?,
            (None, None) => Client::connect(url, Trust::OnFirstUse).await?,
        };
        if let Some(pin) = pin.filter(|pin| pin.network == client.network()) {
            client.resume(Seen { epoch: pin.ledger_epoch, height: pin.ledger_height }, pin.height);
        }
        self.check_development(&client)?;
        self.remember(&client);
        Ok(client)
    }

    /// Development networks on this very machine come and go; any other network must stay the one it was.
    async fn connect_pinned(&self, url: &str, network: NetworkId) -> Result<Client, Failure> {
        match Client::connect(url, Trust::Pinned(network)).await {
            Err(ClientError::Rejected(Rejection::WrongNetwork { found, .. })) if is_loopback(url) => {
                self.output.warn(format!("another network than before runs at {url}: {found}"));
                Ok(Client::connect(url, Trust::Pinned(found)).await?)
            }
            other => Ok(other?),
        }
    }

    /// Development accounts are known to everyone: they sign on development networks alone.
    fn check_development(&self, client: &Client) -> Result<(), Failure> {
        let development = client.development();
        for line in &development {
            self.output.warn(line);
        }
        if development.is_empty() && self.global.from.starts_with("//") {
            let error =
                anyhow::anyhow!("{} is a development account, and this is not a development network", self.global.from);
            return Err(Failure::usage(error).hint("name your own account by --from or TALLOW_FROM"));
        }
        Ok(())
    }

    /// Keeps what the client has seen, so that the next command believes nothing older.
    pub(crate) fn remember(&self, client: &Client) {
        let Seen { epoch, height } = client.seen();
        let pin =
            Pin { network: client.network(), ledger_epoch: epoch, ledger_height: height, height: client.height() };
        if self.local.pin(&self.global.url) == Some(pin) {
            return;
        }
        if let Err(error) = self.local.set_pin(&self.global.url, &pin) {
            self.output.warn(format!("this network cannot be remembered: {error}"));
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
