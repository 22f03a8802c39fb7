//! `tallow demo`: a network in this process, and the price bot at work on it.

mod bot;
mod services;
mod show;

use crate::commands::dev::{interruption, start, until_stopped};
use crate::context::Context;
use crate::failure::Failure;
use anyhow::anyhow;
use bot::Bot;
use services::Services;
use show::Show;
use std::time::Duration;
use tallow_abi::Bundle;
use tallow_client::{Client, Keypair, Pin, Trust};
use tallow_devnet::{DevConfig, DevNetwork};

/// The price bot, compiled from `contracts/btc-bot`.
const BUNDLE: &[u8] = include_bytes!("../../../../../contracts/bundles/btc-bot.contract");
/// Between anchors: short, so that the demo need not wait.
const ANCHOR_INTERVAL: Duration = Duration::from_millis(200);

/// How to show it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Keep the network running afterwards, until Ctrl-C.
    #[arg(long)]
    stay: bool,
    /// Use the real services; takes TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID from the environment.
    #[arg(long)]
    live: bool,
}

/// Where the bot gets its prices and sends its reports.
struct Places {
    price_url: String,
    telegram_url: String,
    token: String,
    chat: String,
    /// The local services, unless the real ones are used.
    local: Option<Services>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let places = if args.live { live_places()? } else { local_places().await? };
    let config = DevConfig {
        allow_loopback: !args.live,
        anchor_interval: ANCHOR_INTERVAL,
        site: Some(tallow_console::site()),
        ..DevConfig::default()
    };
    let network = start(config).await?;
    let result = show(context, &network, &places).await;
    if let Err(failure) = result {
        network.shutdown().await;
        return Err(failure);
    }
    if args.stay {
        let stop = interruption().map_err(Failure::failed)?;
        let url = network.url();
        context.output.note(format!("the network stays at {url} until Ctrl-C; try: tallow --url {url} status"));
        return until_stopped(network, stop).await;
    }
    network.shutdown().await;
    Ok(())
}

fn live_places() -> Result<Places, Failure> {
    let variable = |name: &str| {
        std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| {
            Failure::usage(anyhow!("--live needs the environment variable {name}"))
                .hint("make a bot with Telegram's @BotFather, and set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID")
        })
    };
    Ok(Places {
        price_url: "https://api.coinbase.com".to_owned(),
        telegram_url: "https://api.telegram.org".to_owned(),
        token: variable("TELEGRAM_BOT_TOKEN")?,
        chat: variable("TELEGRAM_CHAT_ID")?,
        local: None,
    })
}

async fn local_places() -> Result<Places, Failure> {
    let services = Services::start().await.map_err(|error| {
        Failure::failed(anyhow!(error).context("the local services cannot be started"))
            .hint("the demo needs free ports on 127.0.0.1")
    })?;
    Ok(Places {
        price_url: services.price_url.clone(),
        telegram_url: services.telegram_url.clone(),
        token: "123456:demo-token".to_owned(),
        chat: "42".to_owned(),
        local: Some(services),
    })
}

async fn show(context: &Context, network: &DevNetwork, places: &Places) -> Result<(), Failure> {
    let client =
        Client::connect(&network.url(), Trust::Pinned(Pin { network: network.network(), cluster: network.cluster() }))
            .await?;
    let bundle = Bundle::parse(BUNDLE).map_err(|error| Failure::failed(error.into()))?;
    crate::commands::deploy::keep_metadata(context, &bundle, BUNDLE);
    let account = |uri| Keypair::from_uri(uri).map_err(|error| Failure::failed(error.into()));
    let mut show = Show::new(context.output);
    show.opening(network, &client, places);
    let mut bot = Bot::new(client, account("//Alice")?, account("//Bob")?, bundle)?;
    bot.deploy(&mut show, places).await?;
    bot.price(&mut show).await?;
    let cents = bot.report(&mut show, places).await?;
    bot.history(&mut show, cents).await?;
    bot.wrong_call(&mut show).await?;
    bot.proofs(&mut show).await?;
    show.closing();
    Ok(())
}
