//! The part of Solidity's ABI that most calls need: numbers, addresses, truth values, bytes, texts, and arrays of these.
//!
//! ```ignore
//! let input = abi::call("transfer(address,uint256)", &[to.into(), 5_u64.into()]);
//! let values = abi::decode(&[Kind::Uint, Kind::Array(Box::new(Kind::Address))], &output)?;
//! ```

use super::{keccak_256, Address};
use alloc::{borrow::ToOwned, boxed::Box, string::String, vec, vec::Vec};

/// Bytes of one word, of which everything consists.
const WORD: usize = 32;
/// Values that [`decode`] reads at most: arrays of arrays may name the same bytes again and again.
pub const VALUES_MAX: usize = 4_096;

/// A number of 256 bits, the most significant byte first. For arithmetic, turn it into another type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct U256(pub [u8; WORD]);

impl U256 {
    /// The number, if 128 bits hold it.
    pub fn to_u128(self) -> Option<u128> {
        let (high, low) = self.0.split_at(WORD / 2);
        high.iter().all(|byte| *byte == 0).then(|| u128::from_be_bytes(low.try_into().expect("half a word")))
    }

    /// A length or a place in the data.
    fn to_usize(self) -> Option<usize> {
        self.to_u128()?.try_into().ok()
    }
}

impl From<u128> for U256 {
    fn from(number: u128) -> Self {
        let mut word = [0; WORD];
        word[WORD / 2..].copy_from_slice(&number.to_be_bytes());
        Self(word)
    }
}

/// A value of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// `uint256`, and every smaller `uint`; signed numbers in two's complement.
    Uint(U256),
    /// `address`.
    Address(Address),
    /// `bool`.
    Bool(bool),
    /// `bytes32`.
    Bytes32([u8; WORD]),
    /// `bytes`.
    Bytes(Vec<u8>),
    /// `string`.
    String(String),
    /// `T[]`: values of one kind.
    Array(Vec<Value>),
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        u128::from(number).into()
    }
}

impl From<u128> for Value {
    fn from(number: u128) -> Self {
        Self::Uint(number.into())
    }
}

impl From<Address> for Value {
    fn from(address: Address) -> Self {
        Self::Address(address)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

/// What a value is decoded as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `uint256` and smaller.
    Uint,
    /// `address`.
    Address,
    /// `bool`.
    Bool,
    /// `bytes32`.
    Bytes32,
    /// `bytes`.
    Bytes,
    /// `string`.
    String,
    /// `T[]`.
    Array(Box<Kind>),
}

/// The data is not what was to be decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Invalid;

/// The four bytes by which a contract knows a function, from its signature, such as `transfer(address,uint256)`: no
/// spaces, no names, `uint256` rather than `uint`.
pub fn selector(signature: &str) -> [u8; 4] {
    let hash = keccak_256(signature.as_bytes());
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The input of a call.
pub fn call(signature: &str, arguments: &[Value]) -> Vec<u8> {
    [&selector(signature)[..], &encode(arguments)].concat()
}

/// Values in a row: words, and behind them what did not fit one.
pub fn encode(values: &[Value]) -> Vec<u8> {
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    for value in values {
        let word = fixed(value).unwrap_or_else(|| {
            let place = values.len() * WORD + tail.len();
            tail.extend(dynamic(value));
            length(place)
        });
        head.extend(word);
    }
    head.extend(tail);
    head
}

fn length(number: usize) -> [u8; WORD] {
    U256::from(number as u128).0
}

/// The word of a value of fixed size.
fn fixed(value: &Value) -> Option<[u8; WORD]> {
    match value {
        Value::Uint(number) => Some(number.0),
        Value::Bytes32(bytes) => Some(*bytes),
        Value::Bool(truth) => Some(U256::from(u128::from(*truth)).0),
        Value::Address(address) => {
            let mut word = [0; WORD];
            word[WORD - address.0.len()..].copy_from_slice(&address.0);
            Some(word)
        }
        Value::Bytes(_) | Value::String(_) | Value::Array(_) => None,
    }
}

/// Length and content of a value of any size.
fn dynamic(value: &Value) -> Vec<u8> {
    match value {
        Value::Array(values) => [&length(values.len())[..], &encode(values)].concat(),
        Value::String(text) => padded(text.as_bytes()),
        Value::Bytes(bytes) => padded(bytes),
        other => unreachable!("{other:?} fits a word"),
    }
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let zeros = vec![0; bytes.len().next_multiple_of(WORD) - bytes.len()];
    [&length(bytes.len())[..], bytes, &zeros].concat()
}

/// Reads values in a row, as [`encode`] writes them and functions return them.
///
/// # Errors
/// When the data is too short, a value has no such kind, or there are more than [`VALUES_MAX`].
pub fn decode(kinds: &[Kind], data: &[u8]) -> Result<Vec<Value>, Invalid> {
    Decoder { left: VALUES_MAX }.row(kinds.iter(), data).ok_or(Invalid)
}

struct Decoder {
    left: usize,
}

impl Decoder {
    fn row<'a>(&mut self, kinds: impl Iterator<Item = &'a Kind>, data: &[u8]) -> Option<Vec<Value>> {
        kinds.enumerate().map(|(index, kind)| self.value(kind, word(data, index.checked_mul(WORD)?)?, data)).collect()
    }

    fn value(&mut self, kind: &Kind, word: U256, data: &[u8]) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        Some(match kind {
            Kind::Uint => Value::Uint(word),
            Kind::Bytes32 => Value::Bytes32(word.0),
            Kind::Bool => Value::Bool(match word.to_u128()? {
                0 => false,
                1 => true,
                _ => return None,
            }),
            Kind::Address => match word.0.split_at(WORD - 20) {
                (high, low) if high.iter().all(|byte| *byte == 0) => Value::Address(Address(low.try_into().ok()?)),
                _ => return None,
            },
            Kind::Bytes => Value::Bytes(content(word, data)?.to_vec()),
            Kind::String => Value::String(String::from_utf8(content(word, data)?.to_vec()).ok()?),
            Kind::Array(kind) => {
                let (count, rest) = place(word, data)?;
                // No more than the data has words, so that a length alone costs nothing.
                let count = Some(count).filter(|count| *count <= rest.len() / WORD)?;
                Value::Array(self.row(core::iter::repeat_n(&**kind, count), rest)?)
            }
        })
    }
}

fn word(data: &[u8], at: usize) -> Option<U256> {
    Some(U256(data.get(at..at.checked_add(WORD)?)?.try_into().ok()?))
}

/// The length at a place, and what follows.
fn place(offset: U256, data: &[u8]) -> Option<(usize, &[u8])> {
    let tail = data.get(offset.to_usize()?..)?;
    Some((word(tail, 0)?.to_usize()?, &tail[WORD..]))
}

fn content(offset: U256, data: &[u8]) -> Option<&[u8]> {
    let (length, rest) = place(offset, data)?;
    rest.get(..length)
}
