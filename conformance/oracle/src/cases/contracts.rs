//! Call sequences of compiled contracts, declared in `conformance/cases/*.json`; `conformance/README.md` has the format.

use crate::{Comparison, Entrance, Program, Step, compare::compare_seen, program::GAS};
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tallow_abi::{Bundle, Metadata};

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    bundles: BTreeMap<String, String>,
    #[serde(default)]
    balances: BTreeMap<String, String>,
    steps: Vec<Line>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Line {
    op: Op,
    #[serde(rename = "as")]
    name: Option<String>,
    bundle: Option<String>,
    on: Option<String>,
    caller: Option<String>,
    constructor: Option<String>,
    message: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    input: Option<String>,
    salt: Option<String>,
    value: Option<String>,
    gas: Option<u64>,
    expect: Option<Expect>,
}

#[derive(Deserialize, Debug, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Op {
    Instantiate,
    Call,
}

#[derive(Deserialize, Debug, Clone)]
#[serde(untagged)]
enum Expect {
    Word(Word),
    Return { r#return: String },
    Error { error: String },
}

#[derive(Deserialize, Debug, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Word {
    Ok,
    Reverted,
}

/// A case made ready: the program, and what both sides must do at each step.
pub struct Case {
    /// The program.
    pub program: Program,
    expects: Vec<Option<Expected>>,
}

enum Expected {
    Word(Word),
    Error(String),
    /// Bytes that a return value may be, with the text they were made of.
    Return(String, Vec<u8>),
}

/// The folder of this workspace.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every case there is.
///
/// # Errors
/// Names the file that is wrong.
pub fn cases() -> Result<Vec<Case>> {
    let mut files: Vec<_> =
        fs::read_dir(folder().join("cases"))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|it| it == "json"));
    files.sort();
    files.iter().map(|path| read(path).with_context(|| format!("{}", path.display()))).collect()
}

fn read(path: &Path) -> Result<Case> {
    let file: File = serde_json::from_str(&fs::read_to_string(path)?)?;
    let mut ready = Ready::new(&file)?;
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    ready.case.program.name = format!("contracts: {name}: {}", file.name);
    for (number, line) in file.steps.iter().enumerate() {
        ready.step(line).with_context(|| format!("step {number}"))?;
    }
    Ok(ready.case)
}

struct Ready {
    case: Case,
    /// Number of the module and metadata, by short name.
    bundles: BTreeMap<String, (usize, Option<Metadata>)>,
    /// Address and bundle of what was made.
    made: BTreeMap<String, ([u8; 32], String)>,
}

const PEOPLE: [(&str, u8); 6] =
    [("alice", 0xa1), ("bob", 0xb0), ("charlie", 0xc0), ("dave", 0xd0), ("eve", 0xe0), ("ferdie", 0xf0)];
const BALANCE: u128 = 1_000_000_000_000;

fn person(name: &str) -> Result<[u8; 32]> {
    let found = PEOPLE.iter().find(|person| person.0 == name);
    found.map(|person| [person.1; 32]).ok_or_else(|| anyhow!("no account {name}"))
}

impl Ready {
    fn new(file: &File) -> Result<Self> {
        let mut program = Program::default();
        let mut bundles = BTreeMap::new();
        for (short, path) in &file.bundles {
            let path = folder().join("bundles").join(format!("{path}.contract"));
            let bundle = Bundle::parse(&fs::read(&path).with_context(|| format!("{}", path.display()))?)?;
            bundles.insert(short.clone(), (program.modules.len(), bundle.metadata));
            program.modules.push(bundle.wasm);
        }
        for (name, _) in PEOPLE {
            let balance = file.balances.get(name).map_or(Ok(BALANCE), |text| text.parse())?;
            program.balances.push((person(name)?, balance));
        }
        let case = Case { program, expects: Vec::new() };
        Ok(Self { case, bundles, made: BTreeMap::new() })
    }

    fn step(&mut self, line: &Line) -> Result<()> {
        let caller = person(line.caller.as_deref().unwrap_or("alice"))?;
        let (entrance, bundle) = match line.op {
            Op::Instantiate => {
                let bundle = line.bundle.clone().context("`bundle` is missing")?;
                let salt = bytes(line.salt.as_deref().unwrap_or("0x"))?;
                let module = self.bundle(&bundle)?.0;
                let address = self.case.program.address_by(caller, module, &salt);
                let name = line.name.clone().context("`as` is missing")?;
                self.made.insert(name, (address, bundle.clone()));
                (Entrance::Instantiate(module, salt), bundle)
            }
            Op::Call => {
                let on = line.on.as_deref().context("`on` is missing")?;
                let (address, bundle) = self.made.get(on).with_context(|| format!("no contract {on}"))?;
                (Entrance::Call(*address), bundle.clone())
            }
        };
        let input = self.input(line, &bundle)?;
        let expected = line.expect.clone().map(|it| self.expected(it, line, &bundle)).transpose()?;
        let value = line.value.as_deref().unwrap_or("0").parse()?;
        let label = line.message.as_ref().or(line.constructor.as_ref()).cloned().unwrap_or_else(|| "raw input".into());
        let gas = line.gas.unwrap_or(GAS);
        self.case.program.steps.push(Step { label, caller, entrance, value, gas, input });
        self.case.expects.push(expected);
        Ok(())
    }

    fn bundle(&self, name: &str) -> Result<&(usize, Option<Metadata>)> {
        self.bundles.get(name).with_context(|| format!("no bundle {name}"))
    }

    fn metadata(&self, bundle: &str) -> Result<&Metadata> {
        self.bundle(bundle)?.1.as_ref().context("the bundle has no metadata")
    }

    fn input(&self, line: &Line, bundle: &str) -> Result<Vec<u8>> {
        if let Some(raw) = &line.input {
            return bytes(&self.replaced(raw, ""));
        }
        let metadata = self.metadata(bundle)?;
        let args: Vec<String> = line.args.iter().map(|arg| self.replaced(arg, "0x")).collect();
        match (&line.message, &line.constructor) {
            (Some(message), None) => Ok(metadata.encode_call(message, &args)?),
            (None, Some(constructor)) => Ok(metadata.encode_constructor(constructor, &args)?),
            _ => bail!("either `message` or `constructor`, or `input`"),
        }
    }

    /// Names of accounts, contracts and bundles replaced by what they stand for, the longest names first.
    fn replaced(&self, text: &str, prefix: &str) -> String {
        let people = PEOPLE.iter().map(|(name, byte)| (format!("@{name}"), [*byte; 32]));
        let made = self.made.iter().map(|(name, (address, _))| (format!("@{name}"), *address));
        let codes =
            self.bundles.iter().map(|(name, (module, _))| (format!("#{name}"), self.case.program.code(*module)));
        let mut names: Vec<_> = people.chain(made).chain(codes).collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names
            .into_iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&name, &format!("{prefix}{}", hex(&value))))
    }

    fn expected(&self, expect: Expect, line: &Line, bundle: &str) -> Result<Expected> {
        Ok(match expect {
            Expect::Word(word) => Expected::Word(word),
            Expect::Error { error } => Expected::Error(error),
            Expect::Return { r#return } => {
                let (metadata, text) = (self.metadata(bundle)?, self.replaced(&r#return, "0x"));
                let bytes = match (&line.message, &line.constructor) {
                    (Some(message), _) => metadata.encode_return(message, &text)?,
                    (None, Some(constructor)) => metadata.encode_constructed(constructor, &text)?,
                    _ => bail!("the return value of raw input cannot be encoded"),
                };
                Expected::Return(text, bytes)
            }
        })
    }
}

impl Case {
    /// Compares both sides, and each with what the case says.
    ///
    /// # Errors
    /// When a side does something else than the case says.
    pub fn compare(&self) -> Result<Comparison> {
        let (found, seen) = compare_seen(&self.program);
        for (number, (theirs, ours)) in seen.iter().enumerate() {
            for (side, seen) in [("the reference", theirs), ("Tallow", ours)] {
                let Some(expected) = &self.expects[number] else { continue };
                let fits = match (expected, &seen.result) {
                    (Expected::Word(Word::Ok), Ok((flags, _))) => flags & 1 == 0,
                    (Expected::Word(Word::Reverted), Ok((flags, _))) => flags & 1 == 1,
                    (Expected::Error(name), Err(error)) => name == error,
                    (Expected::Return(_, bytes), Ok((_, data))) => bytes == data,
                    _ => false,
                };
                let name = &self.program.name;
                let wanted = match expected {
                    Expected::Return(text, bytes) => format!("{text} ({})", hex(bytes)),
                    Expected::Word(word) => format!("{word:?}"),
                    Expected::Error(error) => error.clone(),
                };
                ensure!(fits, "{name}, step {number}: {side} gave {:?}, the case says {wanted}", seen.result);
            }
        }
        Ok(found)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    let digits = text.strip_prefix("0x").context("bytes begin with 0x")?;
    ensure!(digits.len().is_multiple_of(2), "an odd number of digits");
    (0..digits.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&digits[at..at + 2], 16)?)).collect()
}
