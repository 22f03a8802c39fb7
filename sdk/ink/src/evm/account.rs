//! An account whose key only the contract has, and sending with it (see the [module](super) for what is promised).

use super::{rpc::Look, transaction, Address, Call, Error, Hash, Receipt, Rpc, Transaction};
use crate::{context, keys, random};
use alloc::vec::Vec;

/// Distinguishes these keys from others that a contract derives by the same salt.
const KEY_PREFIX: &[u8] = b"evm:";

/// Times a command signs anew because another transaction took the nonce.
const NONCES_MAX: u32 = 3;
/// Times it looks whether a transaction that the node took is mined.
const LOOKS_MAX: u32 = 3;
/// External calls that [`Account::send`] makes at most: quote, hand in, look and look back for each nonce lost, and the
/// last one's looks. A command may make 16.
pub const CALLS_MAX: u32 = 4 * (NONCES_MAX - 1) + 2 + LOOKS_MAX + 1;
const _: () = assert!(CALLS_MAX <= 14, "a command needs some calls for itself");

/// Gas is estimated on the newest block, and this part of the estimate is added for what changes until the transaction
/// is mined.
const GAS_MARGIN: u64 = 4;

/// An account of this contract on one chain. It needs funds there before it can send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    rpc: Rpc,
    chain_id: u64,
    salt: Vec<u8>,
    confirmations: u64,
}

/// A signed transaction that is not known to be mined. It may be handed in any number of times.
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Pending {
    /// The transaction.
    pub transaction: Transaction,
    /// Its hash.
    pub hash: Hash,
}

/// How far a transaction came.
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum Outcome {
    /// It is in the chain: see [`Receipt::success`].
    Mined(Receipt),
    /// It may still be mined. Keep it, and [`Account::resume`] it later.
    Pending(Pending),
}

/// What the chain says of a transaction.
enum Verdict {
    Mined(Receipt),
    /// Mined, but not deeply enough; or in the node's pool, or another with its nonce is.
    Under,
    /// Neither mined nor in the pool, and its nonce is free.
    Absent,
    /// Another transaction has its nonce.
    Lost,
}

impl Account {
    /// The account that belongs to this contract and salt, on the chain of this id by the node at this URL.
    pub fn new(url: &str, chain_id: u64, salt: &[u8]) -> Self {
        Self { rpc: Rpc::new(url), chain_id, salt: [KEY_PREFIX, salt].concat(), confirmations: 0 }
    }

    /// Believes the chain only when so many blocks are on top.
    pub fn confirmations(self, blocks: u64) -> Self {
        Self { confirmations: blocks, ..self }
    }

    /// Its node.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Its address.
    pub fn address(&self) -> Address {
        let public = keys::public_key(keys::Scheme::Ecdsa, &self.secret());
        let public = public.try_into().unwrap_or_else(|_| panic!("the host's public keys have 33 bytes"));
        let mut address = Address([0; 20]);
        ink::env::ecdsa_to_eth_address(&public, &mut address.0).expect("the host's public keys are points");
        address
    }

    /// Makes a transaction of a call and hands nothing in. One external call.
    ///
    /// # Errors
    /// When the node does not say nonce, fees and gas; a call that would revert is [`Error::Refused`].
    pub fn sign(&self, call: &Call) -> Result<Pending, Error> {
        let (nonce, fees, gas) = self.rpc.quote(self.address(), call)?;
        let gas_limit = gas.saturating_add(gas / GAS_MARGIN);
        let transaction = Transaction { chain_id: self.chain_id, nonce, fees, gas_limit, call: call.clone() };
        Ok(self.pending(marked(transaction)))
    }

    /// Makes a transaction of a call, hands it in and looks what becomes of it, by at most [`CALLS_MAX`] external calls.
    /// When another transaction takes its nonce, it makes another.
    ///
    /// # Errors
    /// As [`Self::sign`]; [`Error::NotInCommand`]; or why the node refused a transaction that it does not have. After an
    /// error no transaction of this call is under way.
    pub fn send(&self, call: &Call) -> Result<Outcome, Error> {
        if !context::is_in_transaction() {
            return Err(Error::NotInCommand);
        }
        let mut pending = self.sign(call)?;
        for _ in 1..NONCES_MAX {
            match self.hand_in(&pending)? {
                Verdict::Lost => pending = self.sign(call)?,
                verdict => return Ok(verdict.outcome(pending)),
            }
        }
        let verdict = self.hand_in(&pending)?;
        Ok(verdict.outcome(pending))
    }

    /// Hands a transaction in, again, and looks what became of it. When its nonce was taken by another, it signs it anew,
    /// and does *not* hand in the new one: keep that in storage first. Otherwise two commands that resume the same
    /// transaction could each send one of their own.
    ///
    /// # Errors
    /// [`Error::NotInCommand`]; as [`Self::sign`] when it signs anew.
    pub fn resume(&self, pending: &Pending) -> Result<Outcome, Error> {
        if !context::is_in_transaction() {
            return Err(Error::NotInCommand);
        }
        match self.hand_in(pending) {
            Ok(Verdict::Lost) => self.sign(&pending.transaction.call).map(Outcome::Pending),
            Ok(verdict) => Ok(verdict.outcome(pending.clone())),
            // It may have been taken before, whatever the node thinks of it now.
            Err(_) => Ok(Outcome::Pending(pending.clone())),
        }
    }

    /// Hands in, and looks.
    ///
    /// # Errors
    /// When the node refused the transaction and does not have it.
    fn hand_in(&self, pending: &Pending) -> Result<Verdict, Error> {
        let signed = pending.transaction.sign(&self.secret());
        let handed_in = self.rpc.send_raw_transaction(&signed);
        let looks = if handed_in.is_ok() { LOOKS_MAX } else { 1 };
        let mut verdict = self.verdict(pending);
        for _ in 1..looks {
            match verdict {
                Verdict::Under | Verdict::Absent => verdict = self.verdict(pending),
                _ => break,
            }
        }
        match (verdict, handed_in) {
            (Verdict::Absent, Err(refusal @ Error::Refused { .. })) => Err(refusal),
            (verdict, _) => Ok(verdict),
        }
    }

    /// What the chain says. Not knowing is [`Verdict::Under`]: then nothing happens but that somebody asks again.
    fn verdict(&self, pending: &Pending) -> Verdict {
        let from = self.address();
        let nonce = pending.transaction.nonce;
        let Ok(Look { height, receipt, is_known, count, pooled }) = self.rpc.look(from, &pending.hash) else {
            return Verdict::Under;
        };
        match receipt {
            Some(receipt) if receipt.block.saturating_add(self.confirmations) <= height => Verdict::Mined(receipt),
            Some(_) => Verdict::Under,
            None if is_known => Verdict::Under,
            None if count <= nonce && pooled <= nonce => Verdict::Absent,
            None if count <= nonce => Verdict::Under,
            None => self.whether_lost(from, pending, height),
        }
    }

    /// The nonce is used and there was no receipt. But it may have been mined between the two questions, so the count is
    /// taken at a block that was there before, and the receipt asked for after it.
    fn whether_lost(&self, from: Address, pending: &Pending, height: u64) -> Verdict {
        let Some(settled) = height.checked_sub(self.confirmations) else { return Verdict::Under };
        match self.rpc.look_back(from, &pending.hash, settled) {
            Ok((None, count)) if count > pending.transaction.nonce => Verdict::Lost,
            _ => Verdict::Under,
        }
    }

    fn pending(&self, transaction: Transaction) -> Pending {
        let hash = transaction::hash(&transaction.sign(&self.secret()));
        Pending { transaction, hash }
    }

    /// The contract's own secret for this account.
    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret.copy_from_slice(&keys::derive_sr25519_key(&self.salt)[..32]);
        secret
    }
}

impl Verdict {
    fn outcome(self, pending: Pending) -> Outcome {
        match self {
            Self::Mined(receipt) => Outcome::Mined(receipt),
            Self::Under | Self::Absent | Self::Lost => Outcome::Pending(pending),
        }
    }
}

/// Makes a transaction different from that of every other command, which might be for the same call and nonce: nodes
/// would take the two for one. A command draws the same numbers in each of its runs. They are worth nothing: below
/// 65,536 wei of tip and 0.3 gwei of the upper limit for each unit of gas, and 1,024 units of gas that remain unused.
fn marked(mut transaction: Transaction) -> Transaction {
    let mark = u64::from_le_bytes(random());
    let tip = u128::from(mark & 0xffff);
    let fees = &mut transaction.fees;
    fees.max_priority_fee_per_gas = fees.max_priority_fee_per_gas.saturating_add(tip);
    fees.max_fee_per_gas = fees.max_fee_per_gas.saturating_add(tip + u128::from(mark >> 16 & 0xfff_ffff));
    transaction.gas_limit = transaction.gas_limit.saturating_add(mark >> 44 & 0x3ff);
    transaction
}
