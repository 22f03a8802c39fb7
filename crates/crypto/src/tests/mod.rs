//! Tests, by subject.

mod certificates;
mod cluster;
mod commands;
mod contract;
mod grant;
mod keystore;
mod replay;
mod sealing;
mod session;
mod signatures;
mod stream;
mod uri;
mod vectors;
mod wallets;

use crate::{Keypair, Secret};
use tallow_types::{AccountId, Action, ClusterId, Command, NetworkId, SignedCommand};

pub(crate) const NETWORK: NetworkId = NetworkId([1; 32]);
pub(crate) const CLUSTER: ClusterId = ClusterId([2; 32]);

/// Bytes of a hexadecimal literal.
pub(crate) fn hex<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

pub(crate) fn seed(byte: u8) -> Secret<[u8; 32]> {
    Secret::new([byte; 32])
}

pub(crate) fn signed_command(keypair: &Keypair, input: Vec<u8>) -> SignedCommand {
    let command = Command {
        network: NETWORK,
        cluster: CLUSTER,
        caller: keypair.public(),
        action: Action::Call { contract: AccountId([3; 32]), input },
        value: 4,
        gas_limit: 5,
        nonce: 6,
        expiry_ms: 7,
        response_key: [8; 32],
    };
    keypair.sign_command(command)
}
