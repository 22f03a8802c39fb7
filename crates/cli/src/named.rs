//! Contracts, named by address or by what they are called in the project.

use crate::context::Context;
use crate::failure::Failure;
use anyhow::anyhow;
use std::str::FromStr;
use tallow_client::Client;
use tallow_types::AccountId;

/// A contract as the user names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ContractName {
    /// Its address.
    Address(AccountId),
    /// The name of a deployment of the project.
    Name(String),
}

impl FromStr for ContractName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("0x") {
            return text.parse().map(Self::Address).map_err(|error| format!("{error}"));
        }
        Ok(Self::Name(text.to_owned()))
    }
}

impl ContractName {
    /// The contract's address on the client's network.
    ///
    /// # Errors
    /// When the project has deployed none of this name there, or there is no project.
    pub(crate) fn resolve(&self, context: &Context, client: &Client) -> Result<AccountId, Failure> {
        let name = match self {
            Self::Address(address) => return Ok(*address),
            Self::Name(name) => name,
        };
        let Some(project) = &context.project else {
            let error = anyhow!("`{}` is no address, and this folder is in no project", crate::output::plain(name));
            return Err(Failure::usage(error).hint(
                "give the contract's address, 0x and 64 hexadecimal digits, or go to the project that deployed it",
            ));
        };
        project.deployment(client.network(), name).map(|deployment| deployment.contract).ok_or_else(|| {
            let error = anyhow!("`{}` is not deployed on this network from here", crate::output::plain(name));
            Failure::usage(error).hint("deploy it with `tallow deploy`, or give the contract's address")
        })
    }

    /// The contract that a command is about when it names none: the project's.
    pub(crate) fn or_project(named: Option<&Self>, context: &Context) -> Result<Self, Failure> {
        match (named, &context.project) {
            (Some(named), _) => Ok(named.clone()),
            (None, Some(project)) => Ok(Self::Name(project.name())),
            (None, None) => Err(Failure::usage(anyhow!("which contract? this folder is in no project"))
                .hint("give the contract's address, or go to the project that deployed it")),
        }
    }
}
