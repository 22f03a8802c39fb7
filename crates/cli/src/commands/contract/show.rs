//! `tallow contract show`

use super::upgrade::status;
use crate::context::Context;
use crate::failure::Failure;
use crate::named::ContractName;
use crate::resolve::{self, kept_metadata};
use serde_json::{Value, json};
use tallow_abi::{EventSpec, Message, Metadata};
use tallow_client::{Client, ClientError, Code, ContractDocument, Keypair};
use tallow_types::{AccountId, CodeRecord, ContractRecord, Query, QueryRefusal, QueryResult};

/// Which contract.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract's address, or its name in the project. In a project it may be left out: its own contract is meant.
    contract: Option<ContractName>,
    /// The contract's .contract or .json file; not needed for contracts deployed from here.
    #[arg(long, value_name = "FILE")]
    metadata: Option<std::path::PathBuf>,
}

/// What there is to say.
struct Shown {
    contract: AccountId,
    record: ContractRecord,
    code: Option<CodeRecord>,
    balance: u128,
    /// Who may replace its code.
    admin: Option<AccountId>,
    /// How many timers it has, when the deployer asks.
    timers: Option<usize>,
    /// What the worker says; nothing of a contract that was terminated.
    says: Option<ContractDocument>,
    metadata: Option<Metadata>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let named = ContractName::or_project(args.contract.as_ref(), context)?;
    let client = context.client().await?;
    let contract = named.resolve(context, &client)?;
    let record = resolve::listed(&client, contract).await?;
    let code = client.code(record.code).await?;
    let balance = balance(&client, contract).await?;
    let says = match client.contract_document(contract).await {
        Err(error) if error.code() == Some(Code::NotFound) => None,
        says => Some(says?),
    };
    let timers = timers(context, &client, contract).await?;
    let admin = match &says {
        Some(_) => status(&client, &Keypair::generate_ed25519(), contract).await?.admin,
        None => None,
    };
    let metadata = match &args.metadata {
        Some(path) => Some(resolve::metadata_file(path)?),
        None => kept_metadata(context, record.code)?,
    };
    context.remember(&client);
    let shown = Shown { contract, record, code, balance, admin, timers, says, metadata };
    context.output.document(&shown.document());
    for line in shown.lines() {
        context.output.text(line);
    }
    Ok(())
}

/// Balances are asked for in a session of their own key: whoever looks at a contract need not sign.
async fn balance(client: &Client, contract: AccountId) -> Result<u128, Failure> {
    match client.query(&Keypair::generate_ed25519(), Query::Balance(contract)).await?.result {
        QueryResult::Balance(balance) => Ok(balance),
        _ => Err(Failure::failed(anyhow::anyhow!("the client let an answer of another kind pass"))),
    }
}

/// Timers are their deployer's to see, so they are asked for when --from says who asks.
async fn timers(context: &Context, client: &Client, contract: AccountId) -> Result<Option<usize>, Failure> {
    if context.global.from.is_none() {
        return Ok(None);
    }
    let caller = context.signer()?;
    match client.query(&*caller, Query::Timers { contract }).await.map(|answer| answer.result) {
        Ok(QueryResult::Timers { timers, .. }) => Ok(Some(timers.len())),
        Ok(_) => Err(Failure::failed(anyhow::anyhow!("the client let an answer of another kind pass"))),
        Err(ClientError::Refused(QueryRefusal::NotPermitted)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Shown {
    fn document(&self) -> Value {
        let ContractRecord { cluster, code, deployer } = self.record;
        let interface = self.metadata.as_ref().map(|metadata| {
            json!({
                "constructors": metadata.constructors().iter().map(message_document).collect::<Vec<_>>(),
                "messages": metadata.messages().iter().map(message_document).collect::<Vec<_>>(),
                "events": metadata.events().iter().map(event_text).collect::<Vec<_>>(),
            })
        });
        let says = self
            .says
            .as_ref()
            .map(|says| json!({ "code": says.code, "compat": says.compat, "public_events": says.public_events }));
        json!({
            "contract": self.contract,
            "cluster": cluster,
            "code": code,
            "code_bytes": self.code.map(|code| code.bytes),
            "deployer": deployer,
            "balance": self.balance.to_string(),
            "admin": self.admin,
            "timers": self.timers,
            "says": says,
            "interface": interface,
        })
    }

    fn lines(&self) -> Vec<String> {
        let bytes = self.code.map_or_else(|| "size not listed".to_owned(), |code| format!("{} bytes", code.bytes));
        let mut lines = vec![
            "proven by the ledger".to_owned(),
            format!("  contract     {}", self.contract),
            format!("  cluster      {}", self.record.cluster),
            format!("  code         {}, {bytes}", self.record.code),
            format!("  deployer     {}", self.record.deployer),
            "signed by the worker".to_owned(),
            format!("  balance      {}", self.balance),
            match self.admin {
                Some(admin) => format!("  upgradable   by {admin}"),
                None => "  upgradable   by nobody but itself".to_owned(),
            },
        ];
        lines.extend(self.timers.map(|timers| format!("  timers       {timers}")));
        lines.push("said by the worker".to_owned());
        match &self.says {
            Some(says) => {
                let whose = if says.public_events { "everybody's" } else { "the deployer's" };
                lines.push(format!("  code         {}", says.code));
                lines.push(format!("  runtime      {:?}; its events are {whose} to see", says.compat));
            }
            None => lines.push("  it is there no longer".to_owned()),
        }
        let Some(metadata) = &self.metadata else {
            lines.push("messages are not known here: give the .contract file by --metadata".to_owned());
            return lines;
        };
        lines.push("by the metadata on this machine".to_owned());
        lines.extend(metadata.constructors().iter().map(|message| format!("  constructor  {}", signature(message))));
        lines.extend(
            metadata.messages().iter().map(|message| format!("  {:<11}  {}", kind(message), signature(message))),
        );
        lines.extend(metadata.events().iter().map(|event| format!("  event        {}", event_text(event))));
        lines
    }
}

fn kind(message: &Message) -> &'static str {
    if message.mutates { "command" } else { "query" }
}

/// A message as its author wrote it: `transfer(to: AccountId, value: Balance)`.
fn signature(message: &Message) -> String {
    let args: Vec<_> = message.args.iter().map(|arg| format!("{}: {}", arg.label, arg.type_name)).collect();
    let payable = if message.payable { ", payable" } else { "" };
    format!("{}({}){payable}", message.label, args.join(", "))
}

fn event_text(event: &EventSpec) -> String {
    let fields: Vec<_> = event.args.iter().map(|arg| format!("{}: {}", arg.label, arg.type_name)).collect();
    if fields.is_empty() { event.label.clone() } else { format!("{} {{ {} }}", event.label, fields.join(", ")) }
}

fn message_document(message: &Message) -> Value {
    json!({
        "name": message.label,
        "signature": signature(message),
        "selector": crate::bytes::to_hex(&message.selector),
        "mutates": message.mutates,
        "payable": message.payable,
        "docs": message.docs,
    })
}
