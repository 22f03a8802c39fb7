//! `tallow account show`

use crate::bytes::to_hex;
use crate::context::Context;
use crate::failure::Failure;
use crate::keystore::{Kept, KeptAccount, KeptDelegate};
use crate::signer::now_ms;
use crate::time::utc;
use serde_json::{Value, json};
use tallow_crypto::contract::ecdsa_to_eth_address;
use tallow_types::{Contracts, PublicKey, Scope};

pub(crate) fn run(kept: &Kept, context: &Context) -> Result<(), Failure> {
    let document = match kept {
        Kept::Account(name) => document(kept, &context.keystore.account(name)?),
        Kept::Delegate(name) => delegate_document(kept, &context.keystore.delegate(name)?),
    };
    for (field, value) in document.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        context.output.text(format!("{:<16} {value}", field.replace('_', " ")));
    }
    context.output.document(&document);
    Ok(())
}

/// What is known of an account without its password.
pub(crate) fn document(kept: &Kept, account: &KeptAccount) -> Value {
    let mut document = json!({
        "name": kept.to_string(),
        "scheme": account.scheme().name(),
        "account": account.account(),
        "ss58": tallow_abi::ss58_address(&account.account().0),
        "public_key": public_key(&account.public()),
    });
    if let PublicKey::Secp256k1(key) = account.public() {
        document["ethereum_address"] = json!(ecdsa_to_eth_address(&key).map(|address| to_hex(&address)));
    }
    document
}

/// A delegate and what it may do.
pub(crate) fn delegate_document(kept: &Kept, delegate: &KeptDelegate) -> Value {
    let delegation = &delegate.certificate.delegation;
    json!({
        "name": kept.to_string(),
        "account": delegate.account(),
        "network": delegation.network,
        "cluster": delegation.cluster,
        "delegate": public_key(&delegation.delegate),
        "scope": scope(&delegation.scope),
        "until": utc(delegation.not_after_ms),
        "expired": delegation.not_after_ms < now_ms(),
    })
}

/// What a delegate may do, in words.
pub(crate) fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Queries => "queries".to_owned(),
        Scope::Commands { contracts: Contracts::Any, value_max } => {
            format!("queries, any command with a value of at most {value_max}")
        }
        Scope::Commands { contracts: Contracts::Only(contracts), value_max } => {
            let contracts: Vec<_> = contracts.iter().map(ToString::to_string).collect();
            format!("queries, calls of {} with a value of at most {value_max}", contracts.join(", "))
        }
    }
}

fn public_key(key: &PublicKey) -> String {
    match key {
        PublicKey::Ed25519(key) | PublicKey::Sr25519(key) => to_hex(key),
        PublicKey::Secp256k1(key) => to_hex(key),
    }
}
