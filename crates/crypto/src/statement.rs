//! What callers sign, in the forms in which wallets show it (`docs/wallets.md`).
//!
//! Every form ends with the same labelled digest, which covers the whole content: what a wallet shows besides is for
//! its user to read. The forms exclude one another by how they begin: a label's text, `<Bytes>`, and the prefixes 0x19
//! of EIP-191 and EIP-712.

use crate::{Label, blake2b_256, command_id, eip712, hash::labelled_hash};
use parity_scale_codec::Encode;
use tallow_types::limits::STATEMENT_BYTES_SHOWN_MAX;
use tallow_types::{
    Action, ClusterPolicy, CodeHash, Command, Compat, Contracts, Delegation, Hash, LedgerAction, LedgerTx, PublicKey,
    Scope, SessionTerms, SigningScheme,
};

/// Something that callers sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statement<'a> {
    /// A command.
    Command(&'a Command),
    /// The terms of a query session.
    Session(&'a SessionTerms),
    /// A ledger transaction.
    LedgerTx(&'a LedgerTx),
    /// A certificate for a delegate.
    Delegation(&'a Delegation),
}

/// A statement as a wallet shows it: the struct of EIP-712, and the source of the text of the other forms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    /// Its kind: the primary type of EIP-712.
    pub kind: &'static str,
    /// Its fields, the digest last.
    pub fields: Vec<Field>,
}

/// One field of a [`Form`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: FieldValue,
}

/// A value with its type of EIP-712.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldValue {
    /// `bytes32`
    Bytes32([u8; 32]),
    /// `bytes`
    Bytes(Vec<u8>),
    /// `uint64`
    Uint64(u64),
    /// `uint128`
    Uint128(u128),
    /// `string`
    Text(String),
}

impl FieldValue {
    /// The name of its type in EIP-712.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Bytes32(_) => "bytes32",
            Self::Bytes(_) => "bytes",
            Self::Uint64(_) => "uint64",
            Self::Uint128(_) => "uint128",
            Self::Text(_) => "string",
        }
    }

    /// As a line of text shows it.
    fn text(&self) -> String {
        match self {
            Self::Bytes32(bytes) => hex_text(bytes),
            Self::Bytes(bytes) if bytes.len() <= STATEMENT_BYTES_SHOWN_MAX => hex_text(bytes),
            Self::Bytes(bytes) => format!("{} bytes, blake2b-256 {}", bytes.len(), hex_text(&blake2b_256(bytes))),
            Self::Uint64(number) => number.to_string(),
            Self::Uint128(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Statement<'_> {
    /// What keeps it apart from all other statements.
    pub fn label(&self) -> Label {
        match self {
            Self::Command(_) => Label::Command,
            Self::Session(_) => Label::SessionTerms,
            Self::LedgerTx(_) => Label::LedgerTx,
            Self::Delegation(_) => Label::Delegation,
        }
    }

    /// Digest of the whole content under the label; of a command it is the id.
    pub fn digest(&self) -> Hash {
        match self {
            Self::Command(command) => Hash(command_id(command).0),
            Self::Session(terms) => labelled_hash(Label::SessionTerms, &[&terms.encode()]),
            Self::LedgerTx(tx) => labelled_hash(Label::LedgerTx, &[&tx.encode()]),
            Self::Delegation(delegation) => labelled_hash(Label::Delegation, &[&delegation.encode()]),
        }
    }

    /// The bytes that go into the signature algorithm of the key under `scheme`.
    pub fn signing_bytes(&self, scheme: SigningScheme) -> Vec<u8> {
        match scheme {
            SigningScheme::Raw => [self.label().text().as_bytes(), &self.digest().0].concat(),
            SigningScheme::WrappedBytes => format!("<Bytes>{}</Bytes>", self.text()).into_bytes(),
            SigningScheme::Eip191 => {
                let text = self.text();
                format!("\x19Ethereum Signed Message:\n{}{text}", text.len()).into_bytes()
            }
            SigningScheme::Eip712 => eip712::signing_bytes(&self.form()),
        }
    }

    /// The text of [`SigningScheme::WrappedBytes`] and [`SigningScheme::Eip191`]: kind, label, one line for each field.
    pub fn text(&self) -> String {
        let Form { kind, fields } = self.form();
        let mut text = format!("Tallow {kind}\n{}", self.label().text());
        for Field { name, value } in fields {
            text.push_str(&format!("\n{name}: {}", value.text()));
        }
        text
    }

    /// What a wallet shows.
    pub fn form(&self) -> Form {
        let (kind, mut fields) = match self {
            Self::Command(command) => command_form(command),
            Self::Session(terms) => ("Session", session_fields(terms)),
            Self::LedgerTx(tx) => ("LedgerTransaction", ledger_fields(tx)),
            Self::Delegation(delegation) => ("Delegation", delegation_fields(delegation)),
        };
        fields.push(bytes32("digest", &self.digest().0));
        Form { kind, fields }
    }
}

fn command_form(command: &Command) -> (&'static str, Vec<Field>) {
    let mut fields = vec![bytes32("network", &command.network.0), bytes32("cluster", &command.cluster.0)];
    let kind = match &command.action {
        Action::Call { contract, input } => {
            fields.extend([bytes32("contract", &contract.0), bytes("input", input)]);
            "Call"
        }
        Action::Instantiate { code, input, salt, compat, public_events } => {
            fields.extend(instantiate_fields(code, input, salt, *compat, *public_events));
            "Instantiate"
        }
        Action::InstantiateUpgradable { code, input, salt, compat, public_events } => {
            fields.extend(instantiate_fields(code, input, salt, *compat, *public_events));
            "InstantiateUpgradable"
        }
        Action::Transfer { to } => {
            fields.push(bytes32("to", &to.0));
            "Transfer"
        }
        Action::Withdraw { to } => {
            fields.push(bytes32("to", &to.0));
            "Withdraw"
        }
        Action::SetSystemContract { contract } => {
            let named = contract.map_or_else(|| "none".to_owned(), |contract| contract.to_string());
            fields.push(text("contract", named));
            "SetSystemContract"
        }
        Action::SetPolicy { policy } => {
            let ClusterPolicy { gas_price, byte_price, funded_min } = *policy;
            let prices = [("gasPrice", gas_price), ("bytePrice", byte_price), ("fundedMin", funded_min)];
            fields.extend(prices.map(|(name, amount)| Field { name, value: FieldValue::Uint128(amount) }));
            "SetPolicy"
        }
        Action::Upgrade { contract, .. }
        | Action::Freeze { contract }
        | Action::SetSecret { contract, .. }
        | Action::RemoveSecret { contract, .. } => {
            fields.push(bytes32("contract", &contract.0));
            owners_form(&command.action, &mut fields)
        }
    };
    // The response key opens the receipt, and wallets show what they sign to services: the digest alone binds it.
    fields.extend([
        Field { name: "value", value: FieldValue::Uint128(command.value) },
        Field { name: "gasLimit", value: FieldValue::Uint64(command.gas_limit) },
        Field { name: "nonce", value: FieldValue::Uint64(command.nonce) },
        text("expires", utc(command.expiry_ms)),
    ]);
    (kind, fields)
}

fn instantiate_fields(code: &CodeHash, input: &[u8], salt: &[u8], compat: Compat, public_events: bool) -> [Field; 5] {
    let compat = match compat {
        Compat::Tallow => "tallow",
        Compat::Phala => "phala",
    };
    let events = if public_events { "public" } else { "confidential" };
    [
        bytes32("code", &code.0),
        bytes("input", input),
        bytes("salt", salt),
        text("compat", compat.to_owned()),
        text("events", events.to_owned()),
    ]
}

/// What else a wallet shows of an act of a contract's owner. A secret stays one: its size is shown, and the digest
/// binds it.
fn owners_form(action: &Action, fields: &mut Vec<Field>) -> &'static str {
    match action {
        Action::Upgrade { code, migrate, .. } => {
            fields.extend([bytes32("code", &code.0), bytes("migrate", migrate.as_deref().unwrap_or_default())]);
            "Upgrade"
        }
        Action::SetSecret { name, value, .. } => {
            let size = FieldValue::Uint64(value.0.len() as u64);
            fields.extend([text("name", name.clone()), Field { name: "bytes", value: size }]);
            "SetSecret"
        }
        Action::RemoveSecret { name, .. } => {
            fields.push(text("name", name.clone()));
            "RemoveSecret"
        }
        _ => "Freeze",
    }
}

fn session_fields(terms: &SessionTerms) -> Vec<Field> {
    vec![
        bytes32("network", &terms.network.0),
        bytes32("cluster", &terms.cluster.0),
        bytes32("worker", &terms.worker.0),
        text("expires", utc(terms.expiry_ms)),
    ]
}

fn ledger_fields(tx: &LedgerTx) -> Vec<Field> {
    let action = match &tx.action {
        LedgerAction::RegisterWorker(record) => format!("register worker {}", record.worker),
        LedgerAction::RegisterCluster(record) => format!("register cluster {}", record.cluster),
        LedgerAction::RegisterCode { code, bytes } => format!("register code {code} of {bytes} bytes"),
        LedgerAction::Anchor(anchor) => format!("anchor cluster {}", anchor.cluster),
        LedgerAction::Transfer { to, amount } => format!("transfer {amount} to {to}"),
        LedgerAction::Deposit { cluster, to, amount } => format!("deposit {amount} into cluster {cluster} for {to}"),
    };
    vec![
        bytes32("network", &tx.network.0),
        text("action", action),
        Field { name: "nonce", value: FieldValue::Uint64(tx.nonce) },
    ]
}

fn delegation_fields(delegation: &Delegation) -> Vec<Field> {
    let (scope, value_max) = match &delegation.scope {
        Scope::Queries => ("queries only".to_owned(), 0),
        Scope::Commands { contracts: Contracts::Any, value_max } => ("queries, any command".to_owned(), *value_max),
        Scope::Commands { contracts: Contracts::Only(contracts), value_max } => {
            let contracts: Vec<_> = contracts.iter().map(ToString::to_string).collect();
            (format!("queries, calls of {}", contracts.join(" ")), *value_max)
        }
    };
    vec![
        bytes32("network", &delegation.network.0),
        bytes32("cluster", &delegation.cluster.0),
        text("delegate", key_text(&delegation.delegate)),
        text("scope", scope),
        Field { name: "valueMax", value: FieldValue::Uint128(value_max) },
        text("notBefore", utc(delegation.not_before_ms)),
        text("notAfter", utc(delegation.not_after_ms)),
    ]
}

fn bytes32(name: &'static str, value: &[u8; 32]) -> Field {
    Field { name, value: FieldValue::Bytes32(*value) }
}

fn bytes(name: &'static str, value: &[u8]) -> Field {
    Field { name, value: FieldValue::Bytes(value.to_vec()) }
}

fn text(name: &'static str, value: String) -> Field {
    Field { name, value: FieldValue::Text(value) }
}

fn key_text(key: &PublicKey) -> String {
    match key {
        PublicKey::Ed25519(key) => format!("ed25519 {}", hex_text(key)),
        PublicKey::Sr25519(key) => format!("sr25519 {}", hex_text(key)),
        PublicKey::Secp256k1(key) => format!("secp256k1 {}", hex_text(key)),
    }
}

fn hex_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("0x");
    for byte in bytes {
        text.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
        text.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
    }
    text
}

/// First millisecond of the year 10000, from which on a time is shown as `never`.
const YEAR_10000_MS: u64 = 253_402_300_800_000;

/// A time as ISO 8601 in UTC with milliseconds, as JavaScript's `toISOString` has it.
fn utc(time_ms: u64) -> String {
    if time_ms >= YEAR_10000_MS {
        return "never".to_owned();
    }
    let (seconds, milliseconds) = (time_ms / 1000, time_ms % 1000);
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// Year, month and day of a day counted from 1 January 1970 in the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    // Days before a year, counted from the year 0.
    let before = |year: u64| 365 * year + year.div_ceil(4) - year.div_ceil(100) + year.div_ceil(400);
    let days = days + before(1970);
    let guess = days / 366;
    let year = (guess..).find(|year| before(year + 1) > days).unwrap_or(guess);
    let mut rest = days - before(year);
    for (index, length) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate() {
        let length = if index == 1 && leap(year) { 29 } else { length };
        if rest < length {
            return (year, index as u64 + 1, rest + 1);
        }
        rest -= length;
    }
    unreachable!("a year has no more days than its months")
}
