//! Scenario files, read and checked.

use crate::{
    Codes, case,
    http::Canned,
    json::{self, Fields, ScenarioError},
};
use serde_json::Value;
use std::collections::BTreeMap;
use tallow_types::{AccountId, ClusterId, CodeHash, Compat, Event, Hash, is_secret_name, limits::SCENARIO_BYTES_MAX};

/// Seed of the cluster key when a scenario names none.
pub(crate) const CLUSTER_KEY_SEED: [u8; 32] = [0x2a; 32];

/// One scenario.
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) balances: BTreeMap<AccountId, u128>,
    /// The code that is there; without the list, all that the steps name.
    pub(crate) codes: Option<Vec<CodeHash>>,
    /// What contracts read by the names of secrets.
    pub(crate) secrets: BTreeMap<String, String>,
    /// Where each code may be found; a hint for the reader of an error.
    pub(crate) hints: BTreeMap<CodeHash, String>,
    pub(crate) cluster: ClusterId,
    pub(crate) cluster_key_seed: [u8; 32],
    pub(crate) random_seed: [u8; 32],
    pub(crate) surroundings: Surroundings,
    pub(crate) compat: Compat,
    pub(crate) strict: bool,
    pub(crate) steps: Vec<Step>,
}

/// What a `set` step can change.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) block: u64,
    pub(crate) now_ms: u64,
    pub(crate) system_contract: Option<Address>,
    pub(crate) http: Vec<Canned>,
}

/// A contract or account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Address {
    Id(AccountId),
    /// The contract that a step made: `$n`.
    Made(usize),
}

pub(crate) struct Step {
    pub(crate) label: String,
    pub(crate) op: Op,
    pub(crate) expect: Option<Expect>,
    pub(crate) asserted: Option<bool>,
    pub(crate) check_log: bool,
}

pub(crate) enum Op {
    Instantiate { code: CodeHash, salt: Vec<u8>, call: Call },
    Call { contract: Address, call: Call },
    Query { contract: Address, call: Call },
    Set(Change),
}

/// What all calls have.
pub(crate) struct Call {
    pub(crate) caller: Address,
    pub(crate) value: u128,
    /// The limit; without it, the greatest there is.
    pub(crate) gas: Option<u64>,
    pub(crate) input: Input,
}

pub(crate) enum Input {
    /// Selector and SCALE arguments.
    Raw(Vec<u8>),
    /// The same in hexadecimal, with `$n` for the address of the contract that step n made, and spaces anywhere.
    Template(String),
    /// Message or constructor, and arguments in text form, in which `$n` stands for addresses too.
    Named(String, Vec<String>),
}

/// Fields of a `set` step; `None` leaves a thing as it is.
pub(crate) struct Change {
    pub(crate) block: Option<u64>,
    pub(crate) now_ms: Option<u64>,
    pub(crate) http: Option<Vec<Canned>>,
    /// `Some(None)` takes the system contract away.
    pub(crate) system_contract: Option<Option<Address>>,
}

#[derive(Clone, Default)]
pub(crate) struct Expect {
    pub(crate) flags: Option<u32>,
    pub(crate) data: Option<Vec<u8>>,
    pub(crate) data_prefix: Option<Vec<u8>>,
    pub(crate) value: Option<String>,
    /// The call must fail without a return value; the text is only a hint.
    pub(crate) trap: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) address: Option<AccountId>,
    pub(crate) events: Option<Vec<Event>>,
    pub(crate) pink_log: Option<Vec<(u8, String)>>,
}

/// Reads a file of one scenario, of a list of them, or of a case; a case names code by the files that were loaded.
pub(crate) fn parse(bytes: &[u8], codes: &Codes) -> Result<Vec<Scenario>, ScenarioError> {
    if bytes.len() > SCENARIO_BYTES_MAX {
        return Err(ScenarioError::TooLarge);
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|e| ScenarioError::NotJson(e.to_string()))?;
    let scenarios = match value {
        case if case::is_case(&case) => return Ok(vec![case::parse(case, codes)?]),
        Value::Array(scenarios) => scenarios,
        one => vec![one],
    };
    scenarios.into_iter().enumerate().map(|(i, value)| scenario(value, i, codes)).collect()
}

fn scenario(value: Value, index: usize, loaded: &Codes) -> Result<Scenario, ScenarioError> {
    let mut fields = Fields::new(value, format!("scenario {index}"))?;
    let name = fields.read("name", json::text)?.unwrap_or_else(|| format!("scenario {index}"));
    for free_text in ["note", "authority"] {
        fields.read(free_text, json::text)?;
    }
    let cluster_key_seed = fields.read("cluster_key_seed", json::bytes32)?.unwrap_or(CLUSTER_KEY_SEED);
    let scenario = Scenario {
        name,
        balances: fields.read("balances", balances)?.unwrap_or_default(),
        codes: fields.read("codes", |value| codes(value, loaded))?,
        secrets: fields.read("secrets", secrets)?.unwrap_or_default(),
        hints: fields.read("files", hints)?.unwrap_or_default(),
        cluster: ClusterId(fields.read("cluster_id", json::bytes32)?.unwrap_or_default()),
        cluster_key_seed,
        random_seed: fields.read("random_seed", json::bytes32)?.unwrap_or(cluster_key_seed),
        surroundings: Surroundings {
            block: fields.read("block", json::number)?.unwrap_or(1),
            now_ms: fields.read("now_ms", json::number)?.unwrap_or(1),
            system_contract: fields.read("system_contract", address)?,
            http: http(&mut fields)?.unwrap_or_default(),
        },
        compat: fields.read("compat", compat)?.unwrap_or_default(),
        strict: fields.read("strict", json::boolean)?.unwrap_or(true),
        steps: steps(&mut fields, loaded)?,
    };
    fields.finish()?;
    Ok(scenario)
}

fn steps(fields: &mut Fields, loaded: &Codes) -> Result<Vec<Step>, ScenarioError> {
    let steps = fields.require("steps", json::list)?;
    let place = fields.place();
    steps.into_iter().enumerate().map(|(i, value)| step(value, i, place, loaded)).collect()
}

fn step(value: Value, index: usize, place: &str, loaded: &Codes) -> Result<Step, ScenarioError> {
    let mut fields = Fields::new(value, format!("{place}, step {index}"))?;
    let label = fields.read("label", json::text)?.unwrap_or_default();
    fields.read("note", json::text)?;
    let op = op(&mut fields, loaded)?;
    let asserted = fields.read("asserted", json::boolean)?;
    let mut step = Step { label, op, expect: None, asserted, check_log: false };
    if !matches!(step.op, Op::Set(_)) {
        step.check_log = fields.read("check_log", json::boolean)?.unwrap_or(false);
        let place = format!("{}, expect", fields.place());
        step.expect = fields.take("expect").map(|value| expect(value, place)).transpose()?;
    }
    for made in step.addresses() {
        if matches!(made, Address::Made(n) if *n >= index) {
            return Err(fields.error("`$n` names a step that comes later"));
        }
    }
    fields.finish()?;
    Ok(step)
}

impl Step {
    /// The addresses that must be known when the step runs.
    fn addresses(&self) -> Vec<&Address> {
        match &self.op {
            Op::Instantiate { call, .. } => vec![&call.caller],
            Op::Call { contract, call } | Op::Query { contract, call } => vec![contract, &call.caller],
            Op::Set(_) => Vec::new(),
        }
    }
}

fn op(fields: &mut Fields, loaded: &Codes) -> Result<Op, ScenarioError> {
    let name = fields.require("op", json::text)?;
    Ok(match name.as_str() {
        "instantiate" => Op::Instantiate {
            code: fields.require("code", |value| code(value, loaded))?,
            salt: fields.read("salt", json::bytes)?.unwrap_or_default(),
            call: call(fields, "constructor")?,
        },
        "call" => Op::Call { contract: fields.require("contract", address)?, call: call(fields, "message")? },
        "query" => Op::Query { contract: fields.require("contract", address)?, call: call(fields, "message")? },
        "set" => Op::Set(change(fields)?),
        other => return Err(fields.error(format!("unknown op `{}`", other.escape_debug()))),
    })
}

fn call(fields: &mut Fields, kind: &str) -> Result<Call, ScenarioError> {
    let caller = fields.read("caller", address)?.unwrap_or(Address::Id(AccountId::default()));
    let value = fields.read("value", json::number)?.unwrap_or(0);
    let raw = fields.read("input", json::bytes)?;
    let name = fields.read(kind, json::text)?;
    let args = fields.read("args", json::arguments)?;
    let input = match (raw, name, args) {
        (Some(input), None, None) => Input::Raw(input),
        (None, Some(name), args) => Input::Named(name, args.unwrap_or_default()),
        _ => return Err(fields.error(format!("expected either `input`, or `{kind}` and `args`"))),
    };
    Ok(Call { caller, value, gas: None, input })
}

fn change(fields: &mut Fields) -> Result<Change, ScenarioError> {
    let names_system = fields.has("system_contract");
    let system_contract = fields.read("system_contract", address)?;
    Ok(Change {
        block: fields.read("block", json::number)?,
        now_ms: fields.read("now_ms", json::number)?,
        http: http(fields)?,
        system_contract: names_system.then_some(system_contract),
    })
}

fn http(fields: &mut Fields) -> Result<Option<Vec<Canned>>, ScenarioError> {
    let Some(items) = fields.read("http", json::list)? else { return Ok(None) };
    let place = |i| format!("{}, http {i}", fields.place());
    items.into_iter().enumerate().map(|(i, value)| Canned::parse(value, place(i))).collect::<Result<_, _>>().map(Some)
}

fn expect(value: Value, place: String) -> Result<Expect, ScenarioError> {
    let mut fields = Fields::new(value, place)?;
    let expect = Expect {
        flags: fields.read("flags", json::number)?,
        data: fields.read("data", json::bytes)?,
        data_prefix: fields.read("data_prefix", json::bytes)?,
        value: fields.read("value", json::argument)?,
        trap: fields.read("trap", json::text)?,
        error: fields.read("error", json::text)?,
        address: fields.read("address", |value| Ok(AccountId(json::bytes32(value)?)))?,
        events: fields.read("events", events)?,
        pink_log: fields.read("pink_log", log)?,
    };
    fields.finish()?;
    Ok(expect)
}

fn address(value: Value) -> Result<Address, String> {
    if let Some(step) = value.as_str().and_then(|text| text.strip_prefix('$')) {
        return step.parse().map(Address::Made).map_err(|_| "expected `$` and the number of a step".to_owned());
    }
    let id =
        json::bytes32(value).map_err(|_| "expected 0x and 64 hexadecimal digits, or `$` and the number of a step")?;
    Ok(Address::Id(AccountId(id)))
}

fn code_hash(value: Value) -> Result<CodeHash, String> {
    json::bytes32(value).map(CodeHash)
}

/// Code by its hash, or by the name of its file: a hash changes with every edit, a name does not.
fn code(value: Value, loaded: &Codes) -> Result<CodeHash, String> {
    match value.as_str().filter(|text| !text.is_empty() && !text.starts_with("0x")) {
        Some(name) => loaded.named(name).ok_or_else(|| format!("no file is called {}.contract", name.escape_debug())),
        None => code_hash(value),
    }
}

fn codes(value: Value, loaded: &Codes) -> Result<Vec<CodeHash>, String> {
    json::list(value)?.into_iter().map(|value| code(value, loaded)).collect()
}

fn compat(value: Value) -> Result<Compat, String> {
    if value == "phala" { Ok(Compat::Phala) } else { Err("expected \"phala\"".to_owned()) }
}

fn balances(value: Value) -> Result<BTreeMap<AccountId, u128>, String> {
    let entry =
        |(id, amount): (String, Value)| Ok((AccountId(json::bytes32(Value::String(id))?), json::number(amount)?));
    json::object(value)?.into_iter().map(entry).collect()
}

fn secrets(value: Value) -> Result<BTreeMap<String, String>, String> {
    let entry = |(name, value): (String, Value)| match is_secret_name(&name) {
        true => Ok((name, json::text(value)?)),
        false => Err(format!("`{name}` cannot name a secret")),
    };
    json::object(value)?.into_iter().map(entry).collect()
}

fn hints(value: Value) -> Result<BTreeMap<CodeHash, String>, String> {
    let entry = |(hash, path): (String, Value)| Ok((code_hash(Value::String(hash))?, json::text(path)?));
    json::object(value)?.into_iter().map(entry).collect()
}

fn events(value: Value) -> Result<Vec<Event>, String> {
    json::list(value)?.into_iter().map(event).collect()
}

fn event(value: Value) -> Result<Event, String> {
    let mut fields = Fields::new(value, "event".to_owned()).map_err(|e| e.to_string())?;
    let mut read = || {
        let contract = AccountId(fields.require("contract", json::bytes32)?);
        let topics = fields.read("topics", topics)?.unwrap_or_default();
        Ok::<_, ScenarioError>(Event { contract, topics, data: fields.require("data", json::bytes)? })
    };
    let event = read().map_err(|e| e.to_string())?;
    fields.finish().map_err(|e| e.to_string())?;
    Ok(event)
}

fn topics(value: Value) -> Result<Vec<Hash>, String> {
    json::list(value)?.into_iter().map(|topic| json::bytes32(topic).map(Hash)).collect()
}

fn log(value: Value) -> Result<Vec<(u8, String)>, String> {
    let line = |value| match json::list(value)?.as_mut_slice() {
        [level, line] => Ok((json::number(level.take())?, json::text(line.take())?)),
        _ => Err("expected pairs of level and text".to_owned()),
    };
    json::list(value)?.into_iter().map(line).collect()
}
