//! The price bot's steps, each checked.

use super::Places;
use super::show::{Show, Step};
use crate::commands::call::millis;
use crate::failure::Failure;
use crate::resolve::Returned;
use anyhow::anyhow;
use serde_json::{Value, json};
use std::time::Instant;
use tallow_abi::{Bundle, Metadata};
use tallow_client::{Client, CommandDraft, Keypair, VerifiedAnswer, VerifiedReceipt};
use tallow_types::{AccountId, Action, CallError, Output, Query, QueryResult};

/// The deployed bot, its owner, and somebody else.
pub(super) struct Bot {
    client: Client,
    owner: Keypair,
    stranger: Keypair,
    wasm: Vec<u8>,
    metadata: Metadata,
    contract: AccountId,
    /// Receipt of the report, which is shown to be anchored at the end.
    report: Option<VerifiedReceipt>,
}

impl Bot {
    pub(super) fn new(client: Client, owner: Keypair, stranger: Keypair, bundle: Bundle) -> Result<Self, Failure> {
        let metadata = bundle.metadata.ok_or_else(|| Failure::failed(anyhow!("the bot's bundle has no metadata")))?;
        Ok(Self { client, owner, stranger, wasm: bundle.wasm, metadata, contract: AccountId::default(), report: None })
    }

    /// Uploads the code and runs the constructor, whose arguments (a secret token among them) travel sealed.
    pub(super) async fn deploy(&mut self, show: &mut Show, places: &Places) -> Result<(), Failure> {
        let args = [&places.price_url, &places.telegram_url, &places.token, &places.chat];
        let args: Vec<String> = args.into_iter().map(|text| quoted(text)).collect();
        let input = self.metadata.encode_constructor("new", &args).map_err(|error| Failure::failed(error.into()))?;
        let began = Instant::now();
        let deployed = self.client.deploy(&self.owner, self.wasm.clone(), input, Vec::new(), 0).await?;
        let latency_ms = millis(began);
        let returned = Returned::read(&deployed.receipt.outcome.result, None, None, true);
        let contract = deployed.contract.ok_or_else(|| unexpected("deploy", &returned))?;
        self.contract = contract;
        show.step(Step {
            title: "deploy btc-bot as //Alice: code registered on the ledger, constructor sealed",
            latency_ms,
            lines: vec![("contract", contract.to_string()), ("receipt", self.describe(&deployed.receipt))],
            document: json!({ "contract": contract, "command": deployed.receipt.id, "height": deployed.receipt.height }),
        });
        Ok(())
    }

    /// A read that uses the Internet.
    pub(super) async fn price(&self, show: &mut Show) -> Result<(), Failure> {
        let (answer, returned, latency_ms) = self.query(&self.owner, "price").await?;
        let cents = cents(&returned).ok_or_else(|| unexpected("price", &returned))?;
        show.step(Step {
            title: "query price(): fetched over HTTP by the contract",
            latency_ms,
            lines: vec![("value", dollars(cents)), ("answer", self.signed(&answer))],
            document: json!({ "value": returned.value, "height": answer.height }),
        });
        Ok(())
    }

    /// A write that uses the Internet: returns the price it stored.
    pub(super) async fn report(&mut self, show: &mut Show, places: &Places) -> Result<u64, Failure> {
        let (receipt, returned, latency_ms) = self.command(&self.owner, "report").await?;
        let cents = cents(&returned).ok_or_else(|| unexpected("report", &returned))?;
        let text = format!("BTC-USD {}.{:02}", cents / 100, cents % 100);
        let chat = match &places.local {
            None => "sent to your Telegram chat".to_owned(),
            Some(services) => {
                let messages = services.messages();
                let arrived =
                    messages.iter().filter(|m| m.text == text && m.token == places.token && m.chat == places.chat);
                if arrived.count() != 1 || messages.len() != 1 {
                    return Err(Failure::failed(anyhow!("expected one Telegram message `{text}`, found {messages:?}")));
                }
                format!("\"{text}\", delivered once")
            }
        };
        show.step(Step {
            title: "command report(): price fetched, sent to Telegram, stored",
            latency_ms,
            lines: vec![
                ("value", dollars(cents)),
                ("Telegram", chat),
                ("receipt", self.describe(&receipt)),
                ("outcome", format!("{} external calls, gas {}", receipt.outcome.calls, receipt.outcome.gas_used)),
            ],
            document: json!({ "value": returned.value, "command": receipt.id, "height": receipt.height }),
        });
        self.report = Some(receipt);
        Ok(cents)
    }

    /// The stored price, read back by a query that sees the newest receipt's block at least.
    pub(super) async fn history(&self, show: &mut Show, expected: u64) -> Result<(), Failure> {
        let (answer, returned, latency_ms) = self.query(&self.owner, "history").await?;
        let last = returned.value.as_array().and_then(|records| records.last());
        if returned.error.is_some() || last.and_then(|record| record["cents"].as_u64()) != Some(expected) {
            return Err(unexpected("history", &returned));
        }
        show.step(Step {
            title: "query history(): what the command stored",
            latency_ms,
            lines: vec![("value", returned.text.clone()), ("answer", self.signed(&answer))],
            document: json!({ "value": returned.value, "height": answer.height }),
        });
        Ok(())
    }

    /// A call that the contract refuses: its error comes back decoded, and nothing changes.
    pub(super) async fn wrong_call(&self, show: &mut Show) -> Result<(), Failure> {
        let (receipt, returned, latency_ms) = self.command(&self.stranger, "report").await?;
        let Some((error, _)) = returned.error.as_ref().filter(|_| returned.value == json!({ "Err": "NotOwner" }))
        else {
            return Err(unexpected("report", &returned));
        };
        show.step(Step {
            title: "command report() as //Bob, who is not the owner",
            latency_ms,
            lines: vec![("error", error.clone()), ("receipt", self.describe(&receipt))],
            document: json!({ "value": returned.value, "error": error, "command": receipt.id }),
        });
        Ok(())
    }

    /// Waits for the anchor of the report, and says what all of this proves.
    pub(super) async fn proofs(&self, show: &mut Show) -> Result<(), Failure> {
        let receipt = self.report.as_ref().ok_or_else(|| Failure::failed(anyhow!("nothing was reported")))?;
        let began = Instant::now();
        let anchored = self.client.wait_anchored(&receipt.receipt).await?;
        let replicas = self.client.replicas();
        show.step(Step {
            title: "what was proven, all of it checked by this client",
            latency_ms: millis(began),
            lines: vec![
                ("network", format!("{}, pinned", self.client.network())),
                ("ledger", format!("certified up to height {} under the network's group key", self.client.seen().height)),
                ("cluster", format!("{} {replicas} replica(s), from the registry with proof", self.client.cluster_id())),
                ("report", format!("command {} certified at height {}", receipt.id, receipt.height)),
                ("anchored", format!("by cluster block {} at ledger height {}", anchored.height, anchored.ledger_height)),
            ],
            document: json!({ "anchored": anchored.ledger_height, "anchored_height": anchored.height, "command": receipt.id }),
        });
        Ok(())
    }

    async fn query(&self, caller: &Keypair, message: &str) -> Result<(VerifiedAnswer, Returned, f64), Failure> {
        let input = self.input(message)?;
        let query = Query::Call { contract: self.contract, input, value: 0, gas_limit: 0, estimate: false };
        let began = Instant::now();
        let answer = self.client.query(caller, query).await?;
        let latency_ms = millis(began);
        let QueryResult::Called { result, .. } = &answer.result else {
            return Err(Failure::failed(anyhow!("`{message}` was answered with something else than a call's result")));
        };
        let returned = self.read(result, message);
        Ok((answer, returned, latency_ms))
    }

    async fn command(&self, caller: &Keypair, message: &str) -> Result<(VerifiedReceipt, Returned, f64), Failure> {
        let draft = CommandDraft::new(Action::Call { contract: self.contract, input: self.input(message)? });
        let began = Instant::now();
        let receipt = self.client.command(caller, draft).await?;
        let latency_ms = millis(began);
        let returned = self.read(&receipt.outcome.result, message);
        Ok((receipt, returned, latency_ms))
    }

    fn input(&self, message: &str) -> Result<Vec<u8>, Failure> {
        self.metadata.encode_call(message, &[]).map_err(|error| Failure::failed(error.into()))
    }

    fn read(&self, result: &Result<Output, CallError>, message: &str) -> Returned {
        Returned::read(result, Some(&self.metadata), self.metadata.message(message).ok(), false)
    }

    fn describe(&self, receipt: &VerifiedReceipt) -> String {
        let replicas = self.client.replicas();
        format!("{} at height {}, certificate of {replicas} replica(s) verified", receipt.id, receipt.height)
    }

    fn signed(&self, answer: &VerifiedAnswer) -> String {
        format!("state of height {}, sealed, signature of the worker verified", answer.height)
    }
}

/// A text as the contract's argument.
fn quoted(text: &str) -> String {
    tallow_abi::Value::Text(text.to_owned()).to_string()
}

/// The price in a returned `Ok(cents)`.
fn cents(returned: &Returned) -> Option<u64> {
    let Value::Object(fields) = &returned.value else { return None };
    fields.get("Ok").and_then(Value::as_u64).filter(|_| returned.error.is_none())
}

fn dollars(cents: u64) -> String {
    format!("{}.{:02} USD", cents / 100, cents % 100)
}

fn unexpected(step: &str, returned: &Returned) -> Failure {
    let Returned { text, error, .. } = returned;
    let error = error.as_ref().map_or_else(|| format!("it returned {text}"), |(error, _)| error.clone());
    Failure::failed(anyhow!("`{step}` did not do what it should: {error}"))
        .hint("run the demo again; with --live, check the token, the chat and the network connection")
}
