//! JSON-RPC of an EVM node, each question one external call of a command.

use super::{hex, Address, Call, Error, Fees, Hash};
use crate::http;
use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use serde::{de::DeserializeOwned, Deserialize};

/// Bytes of an answer that holds one number or hash.
const SMALL_ANSWER: usize = 16 * 1024;
/// Bytes of an answer that holds a transaction or its receipt, with its events.
const LARGE_ANSWER: usize = 64 * 1024;
/// Bytes of a node's error message that are kept.
pub const MESSAGE_BYTES_MAX: usize = 256;
/// Milliseconds within which a node has to answer several questions at once.
const BATCH_TIME_MS: u64 = 10_000;
/// Of the last four blocks, the base fees and the median tips.
const FEE_HISTORY: &str = r#"["0x4","latest",[50]]"#;
/// The least tip, in wei: what nodes ask for by default to take a transaction at all.
const TIP_MIN: u128 = 1_000_000;

/// A node, by the URL of its JSON-RPC. What it says is believed: use your own node or one you trust.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rpc {
    url: String,
}

/// What became of a mined transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Receipt {
    /// The transaction.
    pub hash: Hash,
    /// The block it is in.
    pub block: u64,
    /// Gas it used.
    pub gas_used: u64,
    /// Whether it had its effect; otherwise it reverted, its fee is paid and its nonce used all the same.
    pub success: bool,
}

/// A block to ask about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Block {
    /// The newest, and the node's pool of transactions on top.
    Pending,
    /// The newest.
    Latest,
    /// The one at this height.
    Number(u64),
}

impl Block {
    fn text(self) -> String {
        match self {
            Self::Pending => "pending".to_owned(),
            Self::Latest => "latest".to_owned(),
            Self::Number(number) => hex::quantity(number.into()),
        }
    }
}

impl Rpc {
    /// The node at this URL.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned() }
    }

    /// The chain it is on.
    ///
    /// # Errors
    /// When the node cannot be asked, refuses, or answers something else. So have all functions below.
    pub fn chain_id(&self) -> Result<u64, Error> {
        number(&self.ask("eth_chainId", "[]")?)
    }

    /// The height of the newest block.
    pub fn block_number(&self) -> Result<u64, Error> {
        number(&self.ask("eth_blockNumber", "[]")?)
    }

    /// What an account has, in wei.
    pub fn balance(&self, account: Address) -> Result<u128, Error> {
        wei(&self.ask("eth_getBalance", &of_account(account, Block::Latest))?)
    }

    /// Calls a contract without a transaction and returns its output ([`abi::decode`](super::abi::decode)).
    pub fn call(&self, call: &Call) -> Result<Vec<u8>, Error> {
        let request = self.request("eth_call", &format!(r#"[{},"latest"]"#, message(None, call)));
        let answer: String = answer(&request.answer_bytes(http::ANSWER_BYTES).send()?)?;
        hex::decode(&answer).ok_or(Error::BadAnswer)
    }

    /// Transactions that an account has made, which is its next nonce.
    pub fn transaction_count(&self, account: Address, block: Block) -> Result<u64, Error> {
        number(&self.count(account, block).send()?)
    }

    /// The price of gas the node would pay in a transaction of the old kind, in wei.
    pub fn gas_price(&self) -> Result<u128, Error> {
        wei(&self.ask("eth_gasPrice", "[]")?)
    }

    /// Fees with which a transaction is mined soon: twice the base fee, and the median tip of the last blocks.
    pub fn fees(&self) -> Result<Fees, Error> {
        fees(&self.fee_history().send()?)
    }

    /// Gas a call would use. A call that would revert is refused with the node's reason.
    pub fn estimate_gas(&self, from: Address, call: &Call) -> Result<u64, Error> {
        number(&self.estimate(from, call).send()?)
    }

    /// Hands in a signed transaction. Being refused does not mean that the chain does not have it: the same bytes may
    /// have been handed in before.
    pub fn send_raw_transaction(&self, signed: &[u8]) -> Result<Hash, Error> {
        let answer: String = answer(&self.ask("eth_sendRawTransaction", &format!(r#"["{}"]"#, hex::encode(signed)))?)?;
        hex::decode_exact(&answer).ok_or(Error::BadAnswer)
    }

    /// What became of a transaction, if it is mined.
    pub fn receipt(&self, hash: &Hash) -> Result<Option<Receipt>, Error> {
        receipt(hash, &self.by_hash("eth_getTransactionReceipt", hash).send()?)
    }

    /// Nonce, fees and gas for a call, in one external call.
    pub(super) fn quote(&self, from: Address, call: &Call) -> Result<(u64, Fees, u64), Error> {
        let requests = [self.count(from, Block::Pending), self.fee_history(), self.estimate(from, call)];
        let [nonce, history, gas] = batch(requests)?;
        Ok((number(&nonce?)?, fees(&history?)?, number(&gas?)?))
    }

    /// Where a transaction is, in one external call.
    pub(super) fn look(&self, from: Address, hash: &Hash) -> Result<Look, Error> {
        let requests = [
            self.request("eth_blockNumber", "[]"),
            self.by_hash("eth_getTransactionReceipt", hash),
            self.by_hash("eth_getTransactionByHash", hash),
            self.count(from, Block::Latest),
            self.count(from, Block::Pending),
        ];
        let [height, mined, known, count, pooled] = batch(requests)?;
        Ok(Look {
            height: number(&height?)?,
            receipt: receipt(hash, &mined?)?,
            is_known: optional::<Known>(&known?)?.is_some(),
            count: number(&count?)?,
            pooled: number(&pooled?)?,
        })
    }

    /// A transaction's receipt, and the account's count in a block that is there already, in one external call.
    pub(super) fn look_back(&self, from: Address, hash: &Hash, at: u64) -> Result<(Option<Receipt>, u64), Error> {
        let requests = [self.by_hash("eth_getTransactionReceipt", hash), self.count(from, Block::Number(at))];
        let [mined, count] = batch(requests)?;
        Ok((receipt(hash, &mined?)?, number(&count?)?))
    }

    fn ask(&self, method: &str, params: &str) -> Result<http::Response, Error> {
        Ok(self.request(method, params).send()?)
    }

    fn count(&self, account: Address, block: Block) -> http::Request {
        self.request("eth_getTransactionCount", &of_account(account, block))
    }

    fn estimate(&self, from: Address, call: &Call) -> http::Request {
        self.request("eth_estimateGas", &format!("[{}]", message(Some(from), call)))
    }

    fn fee_history(&self) -> http::Request {
        self.request("eth_feeHistory", FEE_HISTORY)
    }

    fn by_hash(&self, method: &str, hash: &Hash) -> http::Request {
        self.request(method, &format!(r#"["{}"]"#, hex::encode(hash))).answer_bytes(LARGE_ANSWER)
    }

    /// Parameters are JSON already: they are numbers and bytes in hexadecimal, which need no escapes.
    fn request(&self, method: &str, params: &str) -> http::Request {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
        let request = http::Request::post(&self.url, body).header("Content-Type", "application/json");
        request.answer_bytes(SMALL_ANSWER)
    }
}

fn of_account(account: Address, block: Block) -> String {
    format!(r#"["{}","{}"]"#, hex::encode(&account.0), block.text())
}

/// A call, as nodes are told of it.
fn message(from: Option<Address>, call: &Call) -> String {
    let from = from.map(|from| format!(r#""from":"{}","#, hex::encode(&from.0))).unwrap_or_default();
    let (to, value, data) = (hex::encode(&call.to.0), hex::quantity(call.value), hex::encode(&call.data));
    format!(r#"{{{from}"to":"{to}","value":"{value}","data":"{data}"}}"#)
}

/// Where a transaction is.
pub(super) struct Look {
    /// Height of the newest block, read before or after the rest.
    pub(super) height: u64,
    pub(super) receipt: Option<Receipt>,
    /// Whether the node has it, mined or in its pool.
    pub(super) is_known: bool,
    /// Mined transactions of its sender.
    pub(super) count: u64,
    /// The same with those in the node's pool.
    pub(super) pooled: u64,
}

#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: i64,
    message: String,
}

/// A transaction, of which only that it is there matters.
#[derive(Deserialize)]
struct Known {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mined {
    transaction_hash: String,
    block_number: String,
    gas_used: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeeHistory {
    base_fee_per_gas: Vec<String>,
    reward: Option<Vec<Vec<String>>>,
}

/// Asks several questions at once; each has its own answer.
fn batch<const N: usize>(requests: [http::Request; N]) -> Result<[Result<http::Response, Error>; N], Error> {
    let answers = http::batch(&requests, BATCH_TIME_MS).map_err(http::Error::from)?;
    let answers = answers.into_iter().map(|answer| answer.map_err(|error| http::Error::from(error).into()));
    answers.collect::<Vec<_>>().try_into().map_err(|_| Error::BadAnswer)
}

/// The result of a question, which may be null. Nodes send some errors with an HTTP status of their own, so the body is
/// looked at first.
fn optional<T: DeserializeOwned>(response: &http::Response) -> Result<Option<T>, Error> {
    match response.json::<Answer<T>>() {
        Ok(Answer { error: Some(refusal), .. }) => Err(refused(refusal)),
        Ok(Answer { result, .. }) if response.status_code == 200 => Ok(result),
        _ => Err(match response.status_code {
            200 => Error::BadAnswer,
            http::UNREACHABLE => http::Error::Unreachable.into(),
            other => http::Error::Status(other).into(),
        }),
    }
}

fn answer<T: DeserializeOwned>(response: &http::Response) -> Result<T, Error> {
    optional(response)?.ok_or(Error::BadAnswer)
}

fn refused(Refusal { code, mut message }: Refusal) -> Error {
    while message.len() > MESSAGE_BYTES_MAX {
        message.pop();
    }
    Error::Refused { code, message }
}

fn number(response: &http::Response) -> Result<u64, Error> {
    parsed(&answer::<String>(response)?)
}

fn parsed(text: &str) -> Result<u64, Error> {
    hex::parse_u64(text).ok_or(Error::BadAnswer)
}

fn wei(response: &http::Response) -> Result<u128, Error> {
    hex::parse_quantity(&answer::<String>(response)?).ok_or(Error::BadAnswer)
}

fn receipt(hash: &Hash, response: &http::Response) -> Result<Option<Receipt>, Error> {
    let Some(mined) = optional::<Mined>(response)? else { return Ok(None) };
    if hex::decode_exact(&mined.transaction_hash) != Some(*hash) {
        return Err(Error::BadAnswer);
    }
    let success = parsed(&mined.status)? == 1;
    let (block, gas_used) = (parsed(&mined.block_number)?, parsed(&mined.gas_used)?);
    Ok(Some(Receipt { hash: *hash, block, gas_used, success }))
}

fn fees(response: &http::Response) -> Result<Fees, Error> {
    let history: FeeHistory = answer(response)?;
    let wei = |text: &String| hex::parse_quantity(text).ok_or(Error::BadAnswer);
    // The last of them is the next block's.
    let base = wei(history.base_fee_per_gas.last().ok_or(Error::BadAnswer)?)?;
    let mut tip = TIP_MIN;
    for reward in history.reward.iter().flatten().flatten() {
        tip = tip.max(wei(reward)?);
    }
    Ok(Fees { max_fee_per_gas: base.saturating_mul(2).saturating_add(tip), max_priority_fee_per_gas: tip })
}
