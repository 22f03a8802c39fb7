//! What others notice of slow work: spinning queries, and commands that wait for a slow HTTP server.

use crate::fixture::{self, Fixture};
use crate::load;
use crate::report::Report;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tallow_client::Client;
use tallow_crypto::Keypair;

const LOAD: Duration = Duration::from_secs(4);
/// Commands that wait for the slow server.
const WAITING: usize = 1_000;
/// How long the slow server takes.
const SLOWNESS: Duration = Duration::from_secs(8);

/// Measures a third party's latency beside slow work of others.
pub(crate) async fn run(
    report: &mut Report,
    client: &Client,
    owner: &Arc<Keypair>,
    bundles: &Path,
    flipper: &Arc<Fixture>,
) -> anyhow::Result<()> {
    let probe = Arc::new(Fixture::deploy(client, owner, bundles, "probe", &[]).await?);
    let spinner = Arc::new(Keypair::from_uri("//Bob")?);
    let spinning: Vec<_> = (0..2)
        .map(|_| {
            let (client, spinner, probe) = (client.clone(), spinner.clone(), probe.clone());
            tokio::spawn(async move {
                loop {
                    // It ends by its deadline or its gas, which is an answer like any other.
                    let _ = client.query(&spinner, probe.query("spin").expect("probe has spin")).await;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let query = query_p99(client, owner, flipper).await?;
    let command = load::tail(async || command_quantile(client, owner, flipper, 0.99).await).await?;
    spinning.iter().for_each(tokio::task::JoinHandle::abort);
    report.with_target("query_p99_beside_spinning_ms", query, "< 20".to_owned());
    report.with_target("command_p99_beside_spinning_ms", command.median_ms, "< 20".to_owned());
    report.add("command_p99_beside_spinning_worst_ms", command.worst_ms);
    waiting(report, client, owner, &probe, flipper).await
}

async fn query_p99(client: &Client, owner: &Arc<Keypair>, flipper: &Arc<Fixture>) -> anyhow::Result<f64> {
    let (client, owner, flipper) = (client.clone(), owner.clone(), flipper.clone());
    let measured = load::run(1, LOAD, Some(100.0), move |_| {
        let (client, owner, flipper) = (client.clone(), owner.clone(), flipper.clone());
        async move { fixture::query(&client, &owner, flipper.query("get")?).await }
    })
    .await?;
    Ok(measured.quantile_ms(0.99))
}

async fn command_quantile(
    client: &Client,
    owner: &Arc<Keypair>,
    flipper: &Arc<Fixture>,
    share: f64,
) -> anyhow::Result<f64> {
    let (client, owner, flipper) = (client.clone(), owner.clone(), flipper.clone());
    let measured = load::run(1, LOAD, Some(100.0), move |_| {
        let (client, owner, flipper) = (client.clone(), owner.clone(), flipper.clone());
        async move { fixture::command(&client, &owner, flipper.command("flip")?).await.map(drop) }
    })
    .await?;
    Ok(measured.quantile_ms(share))
}

/// A thousand commands of one contract wait for a slow server; another contract's commands go on.
async fn waiting(
    report: &mut Report,
    client: &Client,
    owner: &Arc<Keypair>,
    probe: &Arc<Fixture>,
    flipper: &Arc<Fixture>,
) -> anyhow::Result<()> {
    let before = command_quantile(client, owner, flipper, 0.5).await?;
    let url = serve_slowly().await?;
    let draft = probe.command_with("fetch", &[format!("{url:?}")])?;
    let waiting: Vec<_> = (0..WAITING)
        .map(|_| {
            let (client, owner, draft) =
                (client.clone(), Arc::new(Keypair::from_uri("//Bob").expect("a URI")), draft.clone());
            tokio::spawn(async move { client.command(&owner, draft).await })
        })
        .collect();
    while client.status().await?.waiting < WAITING as u64 {
        anyhow::ensure!(!waiting.iter().all(tokio::task::JoinHandle::is_finished), "the commands did not wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let beside = command_quantile(client, owner, flipper, 0.5).await?;
    for command in waiting {
        command.await??;
    }
    report.add("command_p50_before_waiting_ms", before);
    report.with_target("command_p50_beside_1000_waiting_ms", beside, format!("as before = {before:.3}"));
    Ok(())
}

async fn serve_slowly() -> anyhow::Result<String> {
    let slow = || async {
        tokio::time::sleep(SLOWNESS).await;
        "late"
    };
    let router = axum::Router::new().route("/", axum::routing::get(slow));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}
