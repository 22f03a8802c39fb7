//! The contracts under load.

use anyhow::{Context, bail};
use std::path::Path;
use tallow_abi::{Bundle, Metadata};
use tallow_client::{Client, CommandDraft};
use tallow_crypto::Keypair;
use tallow_types::{AccountId, Action, Query, QueryResult};

/// A deployed contract.
pub(crate) struct Fixture {
    pub(crate) contract: AccountId,
    metadata: Metadata,
}

impl Fixture {
    /// Deploys `name`.contract of `bundles`.
    pub(crate) async fn deploy(
        client: &Client,
        owner: &Keypair,
        bundles: &Path,
        name: &str,
        arguments: &[&str],
    ) -> anyhow::Result<Self> {
        let path = bundles.join(format!("{name}.contract"));
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let bundle = Bundle::parse(&bytes)?;
        let metadata = bundle.metadata.context("the bundle has metadata")?;
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let input = metadata.encode_constructor("new", &arguments)?;
        let wasm = bundle.wasm;
        let deployed = client.deploy(owner, wasm, input, Vec::new(), 0).await?;
        let contract = deployed.contract.with_context(|| format!("{name}: {:?}", deployed.receipt.outcome.result))?;
        Ok(Self { contract, metadata })
    }

    /// A query of a message without arguments.
    pub(crate) fn query(&self, message: &str) -> anyhow::Result<Query> {
        self.query_with(message, &[])
    }

    /// A query of a message.
    pub(crate) fn query_with(&self, message: &str, arguments: &[String]) -> anyhow::Result<Query> {
        let input = self.metadata.encode_call(message, arguments)?;
        Ok(Query::Call { contract: self.contract, input, value: 0, gas_limit: 0, estimate: false })
    }

    /// A command that calls a message without arguments.
    pub(crate) fn command(&self, message: &str) -> anyhow::Result<CommandDraft> {
        self.command_with(message, &[])
    }

    /// A command that calls a message.
    pub(crate) fn command_with(&self, message: &str, arguments: &[String]) -> anyhow::Result<CommandDraft> {
        let input = self.metadata.encode_call(message, arguments)?;
        Ok(CommandDraft::new(Action::Call { contract: self.contract, input }))
    }
}

/// Runs a query and requires that the contract returned.
pub(crate) async fn query(client: &Client, caller: &Keypair, query: Query) -> anyhow::Result<()> {
    match client.query(caller, query).await?.result {
        QueryResult::Called { result: Ok(output), .. } if !output.reverted() => Ok(()),
        other => bail!("the query failed: {other:?}"),
    }
}

/// Runs a command and requires that the contract returned; gives its receipt.
pub(crate) async fn command(
    client: &Client,
    caller: &Keypair,
    draft: CommandDraft,
) -> anyhow::Result<tallow_client::VerifiedReceipt> {
    let receipt = client.command(caller, draft).await?;
    match &receipt.outcome.result {
        Ok(output) if !output.reverted() => Ok(receipt),
        other => bail!("the command failed: {other:?}"),
    }
}
