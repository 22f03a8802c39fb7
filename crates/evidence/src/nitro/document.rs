//! The map inside: which keys it must have, and of which types.

use coset::cbor::value::Value;
use std::collections::BTreeMap;

/// Certificates between the root and the one that signs; AWS has four.
const BUNDLE_MAX: usize = 16;
/// Registers that a document may have.
const PCRS_MAX: usize = 32;

/// The content of a document.
pub(super) struct Document {
    pub(super) module_id: String,
    pub(super) digest: String,
    pub(super) timestamp_ms: u64,
    pub(super) pcrs: BTreeMap<u64, Vec<u8>>,
    pub(super) certificate: Vec<u8>,
    /// The root first, the issuer of `certificate` last.
    pub(super) bundle: Vec<Vec<u8>>,
    pub(super) key: Option<Vec<u8>>,
    pub(super) user_data: Option<Vec<u8>>,
    pub(super) nonce: Option<Vec<u8>>,
}

impl Document {
    pub(super) fn read(payload: &[u8]) -> Result<Self, String> {
        let mut rest = payload;
        let value: Value = coset::cbor::from_reader(&mut rest).map_err(|error| format!("no CBOR: {error}"))?;
        if !rest.is_empty() {
            return Err(format!("{} bytes after the document", rest.len()));
        }
        let mut map = Map::new(value)?;
        let document = Self {
            module_id: map.take("module_id", text)?,
            digest: map.take("digest", text)?,
            timestamp_ms: map.take("timestamp", number)?,
            pcrs: map.take("pcrs", registers)?,
            certificate: map.take("certificate", bytes)?,
            bundle: map.take("cabundle", list)?,
            key: map.optional("public_key", bytes)?,
            user_data: map.optional("user_data", bytes)?,
            nonce: map.optional("nonce", bytes)?,
        };
        match map.0.pop_first() {
            None => Ok(document),
            Some((name, _)) => Err(format!("unknown entry {name}")),
        }
    }

    /// The certificates with names for them, the root first.
    pub(super) fn chain(&self) -> impl Iterator<Item = (String, &[u8])> {
        let name = |index: usize| if index == 0 { "root".to_owned() } else { format!("ca{index}") };
        let bundle = self.bundle.iter().enumerate().map(move |(index, der)| (name(index), der.as_slice()));
        bundle.chain([("leaf".to_owned(), self.certificate.as_slice())])
    }
}

/// Entries that were not taken yet.
struct Map(BTreeMap<String, Value>);

impl Map {
    fn new(value: Value) -> Result<Self, String> {
        let entries = value.into_map().map_err(|_| "the content is no map".to_owned())?;
        let mut map = BTreeMap::new();
        for (name, value) in entries {
            let name = name.into_text().map_err(|_| "a name in the content is no text".to_owned())?;
            if map.insert(name.clone(), value).is_some() {
                return Err(format!("{name} comes twice"));
            }
        }
        Ok(Self(map))
    }

    fn take<T>(&mut self, name: &str, read: impl Fn(Value) -> Option<T>) -> Result<T, String> {
        self.optional(name, read)?.ok_or_else(|| format!("{name} is missing"))
    }

    fn optional<T>(&mut self, name: &str, read: impl Fn(Value) -> Option<T>) -> Result<Option<T>, String> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| format!("{name} has another type, or is too large")),
        }
    }
}

fn text(value: Value) -> Option<String> {
    value.into_text().ok()
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    value.into_bytes().ok()
}

fn number(value: Value) -> Option<u64> {
    value.into_integer().ok()?.try_into().ok()
}

fn list(value: Value) -> Option<Vec<Vec<u8>>> {
    let items = value.into_array().ok().filter(|items| items.len() <= BUNDLE_MAX)?;
    items.into_iter().map(bytes).collect()
}

fn registers(value: Value) -> Option<BTreeMap<u64, Vec<u8>>> {
    let entries = value.into_map().ok().filter(|entries| entries.len() <= PCRS_MAX)?;
    let count = entries.len();
    let registers: Option<BTreeMap<u64, Vec<u8>>> =
        entries.into_iter().map(|(index, value)| Some((number(index)?, bytes(value)?))).collect();
    registers.filter(|registers| registers.len() == count)
}
