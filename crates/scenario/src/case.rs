//! Cases: the call sequences by which engines are compared (`conformance/README.md`), read as scenarios.
//!
//! A case names bundles by file instead of code by hash, and accounts and contracts by name: `@token` in an argument is
//! an address, `#token` a code hash.

use crate::{
    Codes,
    file::{Address, CLUSTER_KEY_SEED, Call, Expect, Input, Op, Scenario, Step, Surroundings},
    json::{self, Fields, ScenarioError},
    references,
};
use serde_json::Value;
use std::collections::BTreeMap;
use tallow_types::Compat;
use tallow_types::{AccountId, ClusterId, CodeHash};

/// What makes a file a case.
const BUNDLES: &str = "bundles";
/// The accounts, each with the byte that its id is made of.
const ACCOUNTS: [(&str, u8); 6] =
    [("alice", 0xa1), ("bob", 0xb0), ("charlie", 0xc0), ("dave", 0xd0), ("eve", 0xe0), ("ferdie", 0xf0)];
/// What an account has unless the case says otherwise.
const BALANCE: u128 = 1_000_000_000_000;
/// Whether a file is a case.
pub(crate) fn is_case(file: &Value) -> bool {
    file.get(BUNDLES).is_some()
}

/// Reads a case; the code comes from the files that were loaded.
///
/// # Errors
/// [`ScenarioError`] when it is malformed, or a bundle is not among the files.
pub(crate) fn parse(file: Value, codes: &Codes) -> Result<Scenario, ScenarioError> {
    let mut fields = Fields::new(file, "case".to_owned())?;
    let bundles = fields.require(BUNDLES, json::object)?;
    let mut names = Names { codes: BTreeMap::new(), made: BTreeMap::new() };
    for (name, path) in bundles {
        let path = json::text(path).map_err(|problem| fields.error(problem))?;
        let hash = codes.named(&path).ok_or_else(|| fields.error(format!("no file ends in {path}.contract")))?;
        names.codes.insert(name, hash);
    }
    let scenario = Scenario {
        name: fields.require("name", json::text)?,
        balances: balances(&mut fields)?,
        codes: Some(names.codes.values().copied().collect()),
        secrets: BTreeMap::new(),
        hints: BTreeMap::new(),
        cluster: ClusterId([0; 32]),
        cluster_key_seed: CLUSTER_KEY_SEED,
        random_seed: CLUSTER_KEY_SEED,
        surroundings: Surroundings { block: 1, now_ms: 1, system_contract: None, http: Vec::new() },
        compat: Compat::default(),
        strict: true,
        steps: steps(&mut fields, &mut names)?,
    };
    fields.read("note", json::text)?;
    fields.finish()?;
    Ok(scenario)
}

/// What a case calls things.
struct Names {
    codes: BTreeMap<String, CodeHash>,
    /// Contracts, by the step that makes them.
    made: BTreeMap<String, usize>,
}

impl Names {
    fn address(&self, name: &str) -> Result<Address, String> {
        let account = ACCOUNTS.iter().find(|(account, _)| *account == name);
        match (account, self.made.get(name)) {
            (Some((_, byte)), _) => Ok(Address::Id(AccountId([*byte; 32]))),
            (None, Some(step)) => Ok(Address::Made(*step)),
            (None, None) => Err(format!("nothing is called `{}`", name.escape_debug())),
        }
    }

    /// Puts hashes and account ids for names, and `$n` for contracts, whose address is known when the step runs. Where
    /// several names fit, the longest is meant: in a raw input digits may follow.
    fn resolve(&self, text: &str, prefix: &str) -> Result<String, String> {
        let accounts = || ACCOUNTS.iter().map(|(name, _)| *name).chain(self.made.keys().map(String::as_str));
        let resolved = references::replace(
            text,
            '@',
            |rest| longest(rest, accounts()),
            |name| {
                Ok(match self.address(name)? {
                    Address::Id(id) => format!("{prefix}{}", hex::encode(id.0)),
                    // The space parts it from digits that may follow.
                    Address::Made(step) => format!("${step} "),
                })
            },
        )?;
        let codes = || self.codes.keys().map(String::as_str);
        references::replace(
            &resolved,
            '#',
            |rest| longest(rest, codes()),
            |name| match self.codes.get(name) {
                Some(hash) => Ok(format!("{prefix}{}", hex::encode(hash.0))),
                None => Err(format!("no bundle is called `{}`", name.escape_debug())),
            },
        )
    }
}

/// How many bytes the longest of the names has that a text starts with; else what looks like a name.
fn longest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> usize {
    let fitting = names.filter(|name| text.starts_with(name)).map(str::len).max();
    fitting.unwrap_or_else(|| references::while_of(text, |c| c.is_ascii_alphanumeric() || c == '_'))
}

fn balances(fields: &mut Fields) -> Result<BTreeMap<AccountId, u128>, ScenarioError> {
    let mut given = fields.read("balances", json::object)?.unwrap_or_default();
    let mut balances = BTreeMap::new();
    for (name, byte) in ACCOUNTS {
        let balance = given.remove(name).map(json::number).transpose().map_err(|problem| fields.error(problem))?;
        balances.insert(AccountId([byte; 32]), balance.unwrap_or(BALANCE));
    }
    match given.keys().next() {
        None => Ok(balances),
        Some(name) => Err(fields.error(format!("no account is called `{}`", name.escape_debug()))),
    }
}

fn steps(fields: &mut Fields, names: &mut Names) -> Result<Vec<Step>, ScenarioError> {
    let mut steps = Vec::new();
    for (index, value) in fields.require("steps", json::list)?.into_iter().enumerate() {
        let mut fields = Fields::new(value, format!("case, step {index}"))?;
        let step = step(&mut fields, index, names)?;
        fields.finish()?;
        steps.push(step);
    }
    Ok(steps)
}

fn step(fields: &mut Fields, index: usize, names: &mut Names) -> Result<Step, ScenarioError> {
    let label = fields.read("label", json::text)?.or(fields.read("note", json::text)?).unwrap_or_default();
    let op = match fields.require("op", json::text)?.as_str() {
        "instantiate" => {
            let bundle = fields.require("bundle", json::text)?;
            let code = names.codes.get(&bundle).copied();
            let code = code.ok_or_else(|| fields.error(format!("no bundle is called `{}`", bundle.escape_debug())))?;
            let salt = fields.read("salt", json::bytes)?.unwrap_or_default();
            let call = call(fields, "constructor", names)?;
            if let Some(name) = fields.read("as", json::text)? {
                names.made.insert(name, index);
            }
            Op::Instantiate { code, salt, call }
        }
        "call" => {
            let on = fields.require("on", json::text)?;
            let contract = names.address(&on).map_err(|problem| fields.error(problem))?;
            Op::Call { contract, call: call(fields, "message", names)? }
        }
        other => return Err(fields.error(format!("unknown op `{}`", other.escape_debug()))),
    };
    let expect = fields.take("expect").map(|value| expect(value, fields, names)).transpose()?;
    Ok(Step { label, op, expect, asserted: None, check_log: false })
}

fn call(fields: &mut Fields, kind: &str, names: &Names) -> Result<Call, ScenarioError> {
    let caller = fields.read("caller", json::text)?.unwrap_or_else(|| "alice".to_owned());
    let caller = names.address(&caller).map_err(|problem| fields.error(problem))?;
    let value = fields.read("value", json::number)?.unwrap_or(0);
    let gas = fields.read("gas", json::number)?;
    let raw = fields.read("input", json::text)?;
    let name = fields.read(kind, json::text)?;
    let args = fields.read("args", json::arguments)?.unwrap_or_default();
    let resolve = |text: String, prefix| names.resolve(&text, prefix).map_err(|problem| fields.error(problem));
    let input = match (raw, name) {
        (Some(input), None) => Input::Template(resolve(input, "")?),
        (None, Some(name)) => {
            Input::Named(name, args.into_iter().map(|text| resolve(text, "0x")).collect::<Result<_, _>>()?)
        }
        _ => return Err(fields.error(format!("expected either `input`, or `{kind}` and `args`"))),
    };
    Ok(Call { caller, value, gas, input })
}

/// What both engines must do.
fn expect(value: Value, fields: &Fields, names: &Names) -> Result<Expect, ScenarioError> {
    let flags = |flags| Ok(Expect { flags: Some(flags), ..Expect::default() });
    match value {
        Value::String(word) if word == "ok" => flags(0),
        Value::String(word) if word == "reverted" => flags(1),
        Value::Object(map) => {
            let mut inner = Fields::new(Value::Object(map), format!("{}, expect", fields.place()))?;
            let value = inner.read("return", json::argument)?;
            let value = value.map(|text| names.resolve(&text, "0x")).transpose();
            let value = value.map_err(|problem| inner.error(problem))?;
            let error = inner.read("error", json::text)?;
            inner.finish()?;
            Ok(Expect { value, error, ..Expect::default() })
        }
        _ => Err(fields.error("`expect`: expected \"ok\", \"reverted\", `return` or `error`")),
    }
}
