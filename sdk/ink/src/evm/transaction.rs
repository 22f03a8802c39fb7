//! Transactions of type 2 (EIP-1559), and how they are signed.

use super::{keccak_256, Address, Hash};
use crate::keys;
use alloc::vec::Vec;
use alloy_rlp::{Encodable, Header};

/// The type byte of a transaction with a dynamic fee.
const DYNAMIC_FEE: u8 = 2;

/// What a transaction does.
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Call {
    /// The contract called, or the account paid.
    pub to: Address,
    /// Wei sent along.
    pub value: u128,
    /// Selector and arguments ([`abi::call`](super::abi::call)).
    pub data: Vec<u8>,
}

/// What a transaction may cost, in wei for each unit of gas.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Fees {
    /// The most in all.
    pub max_fee_per_gas: u128,
    /// The most for who makes the block.
    pub max_priority_fee_per_gas: u128,
}

/// A transaction, unsigned.
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Transaction {
    /// The chain it is for (EIP-155): it is worth nothing on another.
    pub chain_id: u64,
    /// Its place among the sender's transactions, from 0.
    pub nonce: u64,
    /// What it may cost.
    pub fees: Fees,
    /// Gas it may use.
    pub gas_limit: u64,
    /// What it does.
    pub call: Call,
}

impl Transaction {
    /// The transaction as nodes take it, signed by this secret key. Signatures are deterministic (RFC 6979): the same
    /// transaction gives the same bytes.
    pub fn sign(&self, secret: &[u8; 32]) -> Vec<u8> {
        let signature = keys::ecdsa_sign_prehashed(secret, &keccak_256(&self.encode(None)));
        self.encode(Some(&signature))
    }

    /// The content to sign, or with a signature (r, s, parity of y) the signed transaction.
    pub(super) fn encode(&self, signature: Option<&[u8; 65]>) -> Vec<u8> {
        let mut fields = Vec::new();
        self.chain_id.encode(&mut fields);
        self.nonce.encode(&mut fields);
        self.fees.max_priority_fee_per_gas.encode(&mut fields);
        self.fees.max_fee_per_gas.encode(&mut fields);
        self.gas_limit.encode(&mut fields);
        self.call.to.0.encode(&mut fields);
        self.call.value.encode(&mut fields);
        self.call.data.as_slice().encode(&mut fields);
        // The access list: empty.
        Header { list: true, payload_length: 0 }.encode(&mut fields);
        if let Some(signature) = signature {
            let (r, s) = signature[..64].split_at(32);
            signature[64].encode(&mut fields);
            number(r).encode(&mut fields);
            number(s).encode(&mut fields);
        }
        let mut bytes = Vec::from([DYNAMIC_FEE]);
        bytes.extend(list(&fields));
        bytes
    }
}

/// Fields as a list.
pub(super) fn list(fields: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Header { list: true, payload_length: fields.len() }.encode(&mut bytes);
    bytes.extend(fields);
    bytes
}

/// RLP writes numbers without leading zeros.
pub(super) fn number(word: &[u8]) -> &[u8] {
    let zeros = word.iter().take_while(|byte| **byte == 0).count();
    &word[zeros..]
}

/// A signed transaction's hash, by which nodes know it.
pub(super) fn hash(signed: &[u8]) -> Hash {
    keccak_256(signed)
}
