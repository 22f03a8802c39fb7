//! Running scenarios.

mod timers;

use crate::{
    Codes, Mismatch, Report, ScenarioError,
    check::{Called, compare},
    file::{self, Address, Call, Change, Expect, Input, Op, Scenario, Step as FileStep, Surroundings},
    http, references,
    world::{MemoryCache, MemoryWorld},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tallow_abi::{ArgumentError, Metadata};
use tallow_crypto::{ClusterSecrets, Secret, contract::sr25519_expand};
use tallow_engine::{AnsweredCall, Code, Engine, Environment, Execution, Invocation, Mode, Step, Target};
use tallow_types::{
    AccountId, CodeHash, CommandId,
    limits::{CALLS_PER_COMMAND_MAX, COMMAND_GAS_MAX, QUERY_GAS_MAX},
};

/// Runs scenarios on one engine, preparing each code once.
pub struct Runner {
    engine: Engine,
    codes: Codes,
    prepared: BTreeMap<CodeHash, Result<Code, String>>,
}

impl Runner {
    /// A runner that finds code among `codes`.
    pub fn new(engine: Engine, codes: Codes) -> Self {
        Self { engine, codes, prepared: BTreeMap::new() }
    }

    /// Runs every scenario of a file, in order.
    ///
    /// # Errors
    /// [`ScenarioError`] when the file is not one of scenarios; then none of it ran.
    pub fn run_file(&mut self, bytes: &[u8]) -> Result<Vec<Report>, ScenarioError> {
        Ok(file::parse(bytes, &self.codes)?.iter().map(|scenario| self.run(scenario)).collect())
    }

    fn run(&mut self, scenario: &Scenario) -> Report {
        let mut report = Report { name: scenario.name.clone(), passed: true, mismatches: vec![], notes: vec![] };
        let mut codes = BTreeMap::new();
        for hash in wanted(scenario) {
            match self.prepare(&hash) {
                Some(Ok(code)) => drop(codes.insert(hash, code)),
                // Code that may not be uploaded is absent, which the steps may expect.
                Some(Err(reason)) => report.notes.push(setup(format!("code {hash} to be acceptable"), reason)),
                None => {
                    report.mismatches.push(setup(format!("code {hash} among the files"), self.hint(scenario, &hash)))
                }
            }
        }
        if report.mismatches.is_empty() {
            Play::new(&self.engine, &self.codes, scenario, codes).run(&mut report);
        }
        report.passed = report.mismatches.is_empty();
        report
    }

    /// The prepared code, or why it is not acceptable; `None` when no file holds it.
    fn prepare(&mut self, hash: &CodeHash) -> Option<Result<Code, String>> {
        if !self.prepared.contains_key(hash) {
            let code = self.engine.prepare(self.codes.wasm(hash)?).map_err(|error| error.to_string());
            self.prepared.insert(*hash, code);
        }
        self.prepared.get(hash).cloned()
    }

    fn hint(&self, scenario: &Scenario, hash: &CodeHash) -> String {
        let mut text = format!("not among the {} codes found by --codes", self.codes.hashes().count());
        if let Some(path) = scenario.hints.get(hash) {
            text.push_str(&format!("; the scenario says it is in {path}"));
        }
        for (name, reason) in self.codes.unreadable() {
            text.push_str(&format!("; {name} cannot be used: {reason}"));
        }
        text
    }
}

/// The codes a scenario needs: those it lists, or else those its steps name.
fn wanted(scenario: &Scenario) -> BTreeSet<CodeHash> {
    let of_step = |step: &FileStep| match &step.op {
        Op::Instantiate { code, .. } => Some(*code),
        _ => None,
    };
    match &scenario.codes {
        Some(codes) => codes.iter().copied().collect(),
        None => scenario.steps.iter().filter_map(of_step).collect(),
    }
}

fn setup(expected: String, got: String) -> Mismatch {
    Mismatch { step: None, label: String::new(), what: "setup".to_owned(), expected, got }
}

/// A scenario under way.
struct Play<'a> {
    engine: &'a Engine,
    codes: &'a Codes,
    scenario: &'a Scenario,
    surroundings: Surroundings,
    world: Arc<MemoryWorld>,
    cache: Arc<MemoryCache>,
    cluster_key: Arc<Secret<[u8; 64]>>,
    random_key: Arc<Secret<[u8; 32]>>,
    /// Contracts by the step that made them.
    made: BTreeMap<usize, AccountId>,
    /// The code that each contract has or had: one that is gone can still be called by name, to see that it is.
    seen: BTreeMap<AccountId, CodeHash>,
}

impl<'a> Play<'a> {
    fn new(engine: &'a Engine, codes: &'a Codes, scenario: &'a Scenario, prepared: BTreeMap<CodeHash, Code>) -> Self {
        let identity = Secret::new(scenario.random_seed);
        // Nothing that contracts see derives from the epoch secret.
        let secrets = ClusterSecrets { identity, epoch: Secret::new([0; 32]) };
        let world = MemoryWorld {
            balances: scenario.balances.clone(),
            codes: prepared,
            secrets: scenario.secrets.clone(),
            ..MemoryWorld::default()
        };
        Self {
            engine,
            codes,
            scenario,
            surroundings: scenario.surroundings.clone(),
            world: Arc::new(world),
            cache: Arc::default(),
            cluster_key: Arc::new(sr25519_expand(&Secret::new(scenario.cluster_key_seed))),
            random_key: Arc::new(secrets.random_key()),
            made: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    fn run(mut self, report: &mut Report) {
        for (index, step) in self.scenario.steps.iter().enumerate() {
            let differences = self.step(index, step);
            let counts = step.asserted.unwrap_or(self.scenario.strict);
            let list = if counts { &mut report.mismatches } else { &mut report.notes };
            list.extend(differences.into_iter().map(|(what, expected, got)| Mismatch {
                step: Some(index),
                label: step.label.clone(),
                what,
                expected,
                got,
            }));
        }
    }

    /// Runs a step and says what differs from what it should: name, expected, got.
    fn step(&mut self, index: usize, step: &FileStep) -> Vec<(String, String, String)> {
        let result = match &step.op {
            Op::Set(change) => {
                self.set(change);
                return self.fire_due(index);
            }
            Op::Instantiate { code, salt, call } => self.instantiate(index, *code, salt, call),
            Op::Call { contract, call } => self.call(index, contract, call),
            Op::Query { contract, call } => self.query(contract, call),
        };
        let failed = |problem| vec![("step".to_owned(), "to run".to_owned(), problem)];
        match (result, &step.expect) {
            (Err(problem), _) => failed(problem),
            (Ok(_), None) => Vec::new(),
            (Ok((execution, called)), Some(expect)) => match self.filled(expect) {
                Ok(expect) => compare(&expect, step.check_log, &execution, &called),
                Err(problem) => failed(problem),
            },
        }
    }

    fn set(&mut self, change: &Change) {
        let Change { block, now_ms, http, system_contract } = change;
        let now = &mut self.surroundings;
        now.block = block.unwrap_or(now.block);
        now.now_ms = now_ms.unwrap_or(now.now_ms);
        if let Some(http) = http {
            now.http = http.clone();
        }
        if let Some(system_contract) = system_contract {
            now.system_contract = system_contract.clone();
        }
    }

    fn instantiate(&mut self, index: usize, code: CodeHash, salt: &[u8], call: &Call) -> Ran<'a> {
        let metadata = self.codes.metadata(&code);
        let input = self.encode(&call.input, &metadata, Metadata::encode_constructor)?;
        let target =
            Target::Instantiate { code, salt: salt.to_vec(), compat: self.scenario.compat, public_events: false };
        let invocation = self.invocation(call, target, input.clone(), COMMAND_GAS_MAX)?;
        let execution = self.command(&format!("step {index}"), invocation)?;
        if let Some(address) = execution.result.as_ref().ok().and_then(|output| output.created) {
            self.made.insert(index, address);
        }
        Ok((execution, Called { metadata, input, constructor: true }))
    }

    fn call(&mut self, index: usize, contract: &Address, call: &Call) -> Ran<'a> {
        let (target, called) = self.message(contract, call)?;
        let invocation = self.invocation(call, target, called.input.clone(), COMMAND_GAS_MAX)?;
        Ok((self.command(&format!("step {index}"), invocation)?, called))
    }

    fn query(&mut self, contract: &Address, call: &Call) -> Ran<'a> {
        let (target, called) = self.message(contract, call)?;
        let invocation = self.invocation(call, target, called.input.clone(), QUERY_GAS_MAX)?;
        let clock_ms = self.surroundings.now_ms;
        let mode = Mode::Query { cache: self.cache.clone(), worker: [0; 32], clock_ms };
        let run = self.engine.run(self.world.clone(), self.environment(), mode, invocation);
        let mut run = run.map_err(|error| error.to_string())?;
        let mut answer = None;
        loop {
            match run.step(answer.take()).map_err(|error| error.to_string())? {
                Step::Yield => (),
                Step::External { call, .. } => answer = Some(http::answer(&self.surroundings.http, &call)),
                Step::Done(execution) => return Ok((execution, called)),
            }
        }
    }

    fn message(&self, contract: &Address, call: &Call) -> Result<(Target, Called<'a>), String> {
        let contract = self.resolve(contract)?;
        let code = self.seen.get(&contract).ok_or_else(|| format!("there is no contract {contract}"));
        let metadata = code.and_then(|code| self.codes.metadata(code));
        let input = self.encode(&call.input, &metadata, Metadata::encode_call)?;
        Ok((Target::Call { contract }, Called { metadata, input, constructor: false }))
    }

    fn encode(&self, input: &Input, metadata: &Result<&Metadata, String>, by_name: ByName) -> Result<Vec<u8>, String> {
        match input {
            Input::Raw(input) => Ok(input.clone()),
            Input::Template(text) => {
                // Spaces keep digits that follow from the number of a step.
                let text = self.fill(text, "")?.replace(' ', "");
                hex::decode(text.strip_prefix("0x").unwrap_or(&text)).map_err(|error| error.to_string())
            }
            Input::Named(name, args) => {
                let metadata =
                    metadata.as_ref().map_err(|reason| format!("`{name}` cannot be called by name: {reason}"))?;
                let args: Vec<String> = args.iter().map(|text| self.fill(text, "0x")).collect::<Result<_, _>>()?;
                by_name(metadata, name, &args).map_err(|error| error.to_string())
            }
        }
    }

    /// What is expected, with addresses for `$n`.
    fn filled(&self, expect: &Expect) -> Result<Expect, String> {
        let value = expect.value.as_ref().map(|text| self.fill(text, "0x")).transpose()?;
        Ok(Expect { value, ..expect.clone() })
    }

    /// Puts addresses for `$n`.
    fn fill(&self, text: &str, prefix: &str) -> Result<String, String> {
        let digits = |text: &str| references::while_of(text, |c| c.is_ascii_digit());
        references::replace(text, '$', digits, |step| {
            let step = step.parse().map_err(|_| format!("there is no step {step}"))?;
            Ok(format!("{prefix}{}", hex::encode(self.resolve(&Address::Made(step))?.0)))
        })
    }

    fn resolve(&self, address: &Address) -> Result<AccountId, String> {
        match address {
            Address::Id(id) => Ok(*id),
            Address::Made(step) => self.made.get(step).copied().ok_or_else(|| format!("step {step} made no contract")),
        }
    }

    fn invocation(&self, call: &Call, target: Target, input: Vec<u8>, gas_limit: u64) -> Result<Invocation, String> {
        let gas_limit = call.gas.map_or(gas_limit, |gas| gas.min(gas_limit));
        Ok(Invocation { caller: self.resolve(&call.caller)?, target, input, value: call.value, gas_limit })
    }

    fn environment(&self) -> Environment {
        let system_contract = self.surroundings.system_contract.as_ref();
        Environment {
            cluster: self.scenario.cluster,
            height: self.surroundings.block,
            now_ms: self.surroundings.now_ms,
            // Until the step that makes it there is none.
            system_contract: system_contract.and_then(|address| self.resolve(address).ok()),
            cluster_key: self.cluster_key.clone(),
            random_key: self.random_key.clone(),
            compat: self.scenario.compat,
        }
    }

    /// Runs a command as its cluster would: again from its start with each answer, and its effects once at the end.
    fn command(&mut self, name: &str, invocation: Invocation) -> Result<Box<Execution>, String> {
        let id = CommandId(tallow_crypto::blake2b_256(format!("scenario {name}").as_bytes()));
        let mut answers: Vec<AnsweredCall> = Vec::new();
        loop {
            let mode = Mode::Command { id, answers: answers.clone().into() };
            let step = self.engine.run_to_end(self.world.clone(), self.environment(), mode, invocation.clone());
            match step.map_err(|error| error.to_string())? {
                Step::External { call, .. } if answers.len() < CALLS_PER_COMMAND_MAX as usize => {
                    let answer = http::answer(&self.surroundings.http, &call);
                    answers.push(AnsweredCall { call, answer });
                }
                Step::Done(mut execution) => {
                    let changes = std::mem::take(&mut execution.changes);
                    let contracts = changes.contracts.iter();
                    self.seen.extend(contracts.filter_map(|(address, info)| Some((*address, info.as_ref()?.code))));
                    Arc::make_mut(&mut self.world).apply(changes);
                    self.cache.apply(std::mem::take(&mut execution.cache), self.surroundings.now_ms);
                    return Ok(execution);
                }
                step => return Err(format!("the engine stopped a command at {step:?}")),
            }
        }
    }
}

/// What a call came to, and what was called; or why it could not run.
type Ran<'a> = Result<(Box<Execution>, Called<'a>), String>;

/// [`Metadata::encode_call`] or [`Metadata::encode_constructor`].
type ByName = fn(&Metadata, &str, &[String]) -> Result<Vec<u8>, ArgumentError>;
