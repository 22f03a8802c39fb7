//! `tallow contract list`

use crate::context::Context;
use crate::failure::Failure;
use serde_json::{Value, json};
use tallow_client::{Client, ContractDocument};
use tallow_types::AccountId;

/// Which contracts.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Most contracts wanted.
    #[arg(long, default_value_t = 20, value_name = "CONTRACTS", value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// Address after which to go on: the `next` of the page before.
    #[arg(long, value_name = "CONTRACT")]
    after: Option<AccountId>,
}

/// What the ledger says of a contract that the worker lists.
enum Standing {
    Proven,
    /// Address and deployer are proven; the code was changed since the ledger was told of it.
    OtherCode,
    /// It is listed with the next anchor.
    NotYet,
    /// The worker says something else than the ledger.
    Contradicted,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let client = context.client().await?;
    let page = client.contracts(args.after, args.limit).await?;
    let mut documents = Vec::with_capacity(page.items.len());
    let mut contradicted = 0;
    for contract in &page.items {
        let standing = standing(&client, contract).await?;
        contradicted += usize::from(matches!(standing, Standing::Contradicted));
        let (document, line) = shown(contract, &standing);
        documents.push(document);
        context.output.text(line);
    }
    context.remember(&client);
    if documents.is_empty() {
        context.output.note("no contracts here; `tallow deploy FILE` makes one");
    }
    if let Some(next) = &page.next {
        context.output.note(format!("there are more: `tallow contract list --after {}`", crate::output::plain(next)));
    }
    let document = json!({ "contracts": documents, "next": page.next });
    if contradicted > 0 {
        let error = anyhow::anyhow!("the worker lists {contradicted} contract(s) otherwise than the ledger");
        let hint = "do not trust this worker: use another one by --url, and tell its operator";
        return Err(Failure::failed(error).hint(hint).document(document));
    }
    context.output.document(&document);
    Ok(())
}

async fn standing(client: &Client, contract: &ContractDocument) -> Result<Standing, Failure> {
    Ok(match client.contract(contract.contract).await? {
        None => Standing::NotYet,
        Some(record) if record.deployer != contract.deployer => Standing::Contradicted,
        Some(record) if record.code != contract.code => Standing::OtherCode,
        Some(_) => Standing::Proven,
    })
}

fn shown(contract: &ContractDocument, standing: &Standing) -> (Value, String) {
    let word = match standing {
        Standing::Proven => "proven",
        Standing::OtherCode => "proven, with other code",
        Standing::NotYet => "not listed yet",
        Standing::Contradicted => "CONTRADICTED by the ledger",
    };
    let document = json!({
        "contract": contract.contract,
        "code": contract.code,
        "deployer": contract.deployer,
        "compat": contract.compat,
        "public_events": contract.public_events,
        "proven": matches!(standing, Standing::Proven),
    });
    let line = format!("{}  code {}  deployer {}  {word}", contract.contract, contract.code, contract.deployer);
    (document, line)
}
