//! A node with one account, by the rules that matter here: geth's and anvil's for nonces and replacement.

use super::host::{Answered, External, Request};
use crate::evm::{hex, keccak_256, Address, Hash};
use alloy_rlp::{Decodable, Header};
use serde_json::{json, Value};
use std::collections::BTreeMap;

/// A transaction as the node has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Taken {
    pub(super) hash: Hash,
    pub(super) nonce: u64,
    pub(super) tip: u128,
    pub(super) max_fee: u128,
    pub(super) to: Address,
    pub(super) data: Vec<u8>,
}

/// The chain and the pool.
#[derive(Default)]
pub(super) struct Node {
    /// Blocks of one transaction each, or empty.
    pub(super) blocks: Vec<Option<Taken>>,
    pub(super) pool: BTreeMap<u64, Taken>,
    /// Mines each transaction at once.
    pub(super) automine: bool,
    /// Of the next block, in wei.
    pub(super) base_fee: u128,
    /// What the node says instead of taking a transaction.
    pub(super) refusal: Option<(i64, &'static str)>,
    /// Every transaction it was ever handed, refused or not.
    pub(super) handed_in: Vec<Hash>,
}

fn read(signed: &[u8]) -> Taken {
    let fields = &mut &signed[1..];
    let header = Header::decode(fields).expect("a list");
    assert!(signed[0] == 2 && header.list && header.payload_length == fields.len());
    let _chain_id = u64::decode(fields).expect("a chain id");
    let nonce = u64::decode(fields).expect("a nonce");
    let tip = u128::decode(fields).expect("a tip");
    let max_fee = u128::decode(fields).expect("a fee");
    let _gas = u64::decode(fields).expect("a gas limit");
    let to = Address(<[u8; 20]>::decode(fields).expect("an address"));
    let _value = u128::decode(fields).expect("a value");
    let data = Header::decode_bytes(fields, false).expect("data").to_vec();
    Taken { hash: keccak_256(signed), nonce, tip, max_fee, to, data }
}

impl Node {
    /// Answers the requests of a call, in order.
    pub(super) fn perform(&mut self, call: &External) -> Vec<Answered> {
        call.requests.iter().map(|request| Ok((200, "OK".into(), Vec::new(), self.http(request)))).collect()
    }

    fn http(&mut self, (_, method, _, body): &Request) -> Vec<u8> {
        assert_eq!(method, "POST");
        let question: Value = serde_json::from_slice(body).expect("JSON");
        let params = question["params"].as_array().expect("parameters").clone();
        let answer = match self.answer(question["method"].as_str().expect("a method"), &params) {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": question["id"], "result": result }),
            Err((code, message)) => {
                json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": code, "message": message, "data": {} } })
            }
        };
        answer.to_string().into_bytes()
    }

    fn answer(&mut self, method: &str, params: &[Value]) -> Result<Value, (i64, &'static str)> {
        let bytes = |index: usize| hex::decode(params[index].as_str().expect("text")).expect("bytes");
        Ok(match method {
            "eth_blockNumber" => json!(format!("{:#x}", self.blocks.len())),
            "eth_estimateGas" => json!("0x5208"),
            "eth_feeHistory" => {
                let base = format!("{:#x}", self.base_fee);
                json!({ "baseFeePerGas": [base, base], "gasUsedRatio": [0.5], "reward": [["0x0"]] })
            }
            "eth_getTransactionCount" => json!(format!("{:#x}", self.count(params[1].as_str().expect("a block")))),
            "eth_sendRawTransaction" => json!(hex::encode(&self.take(&bytes(0))?)),
            "eth_getTransactionReceipt" => self.receipt(&bytes(0)),
            "eth_getTransactionByHash" => match self.find(&bytes(0)) {
                Some(taken) => json!({ "hash": hex::encode(&taken.hash), "nonce": "0x0", "accessList": [] }),
                None => Value::Null,
            },
            other => panic!("{other} is not asked"),
        })
    }

    fn mined(&self) -> impl Iterator<Item = &Taken> {
        self.blocks.iter().flatten()
    }

    fn find(&self, hash: &[u8]) -> Option<&Taken> {
        self.mined().chain(self.pool.values()).find(|taken| taken.hash == hash)
    }

    fn receipt(&self, hash: &[u8]) -> Value {
        let is_it = |block: &Option<Taken>| block.as_ref().is_some_and(|taken| taken.hash == hash);
        let Some(block) = self.blocks.iter().position(is_it) else { return Value::Null };
        let block = format!("{:#x}", block + 1);
        let hash = hex::encode(hash);
        json!({ "transactionHash": hash, "blockNumber": block, "gasUsed": "0x5208", "status": "0x1", "logs": [] })
    }

    fn count(&self, block: &str) -> u64 {
        let blocks = match hex::parse_quantity(block) {
            Some(height) => &self.blocks[..usize::try_from(height).expect("a height")],
            None => &self.blocks[..],
        };
        let mined = blocks.iter().flatten().count() as u64;
        let pooled = (mined..).take_while(|nonce| block == "pending" && self.pool.contains_key(nonce));
        mined + pooled.count() as u64
    }

    fn take(&mut self, signed: &[u8]) -> Result<Hash, (i64, &'static str)> {
        let taken = read(signed);
        let hash = taken.hash;
        self.handed_in.push(hash);
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        if taken.nonce < self.count("latest") {
            return Err((-32000, "nonce too low"));
        }
        if let Some(other) = self.pool.get(&taken.nonce) {
            let outbids = |new: u128, old: u128| new >= old + old / 10;
            match other {
                other if other.hash == hash => return Err((-32000, "already known")),
                other if outbids(taken.tip, other.tip) && outbids(taken.max_fee, other.max_fee) => {}
                _ => return Err((-32000, "replacement transaction underpriced")),
            }
        }
        self.pool.insert(taken.nonce, taken);
        if self.automine {
            self.mine();
        }
        Ok(hash)
    }

    /// Makes one block, of the next transaction if it is there.
    pub(super) fn mine(&mut self) {
        let next = self.pool.remove(&self.count("latest"));
        self.blocks.push(next);
    }

    /// Makes a block of this transaction, from the same account by some other program.
    pub(super) fn mine_foreign(&mut self) {
        let nonce = self.count("latest");
        self.pool.remove(&nonce);
        let (hash, to) = (keccak_256(&nonce.to_be_bytes()), Address([0; 20]));
        self.blocks.push(Some(Taken { hash, nonce, tip: 0, max_fee: 0, to, data: b"foreign".to_vec() }));
    }
}
