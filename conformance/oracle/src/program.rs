//! What is run on both sides.

use tallow_crypto::contract::contract_address;
use tallow_types::{AccountId, ClusterId, CodeHash};

/// Accounts of people, with ample balances unless a program says otherwise.
pub struct Accounts;

impl Accounts {
    /// Who calls when nothing else is said.
    pub const ALICE: [u8; 32] = [0xa1; 32];
    /// Another.
    pub const BOB: [u8; 32] = [0xb0; 32];
    /// One that has nothing and is unknown to both sides.
    pub const NOBODY: [u8; 32] = [0x4e; 32];
    /// What people have.
    pub const BALANCE: u128 = 1_000_000_000_000;
}

/// How a step enters a contract.
#[derive(Clone, Debug)]
pub enum Entrance {
    /// By its constructor: number of the module, salt.
    Instantiate(usize, Vec<u8>),
    /// By a message to the contract at this address.
    Call([u8; 32]),
}

/// One call from outside.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is for, in reports: a host function's name, if it is there to test one.
    pub label: String,
    /// Who calls.
    pub caller: [u8; 32],
    /// Where it goes.
    pub entrance: Entrance,
    /// Balance that goes with it.
    pub value: u128,
    /// Gas on both sides, each by its own prices.
    pub gas: u64,
    /// Selector and arguments.
    pub input: Vec<u8>,
}

/// Gas that no step uses up which is not meant to: an endless loop takes each side well under a second.
pub(crate) const GAS: u64 = 300_000_000_000;

impl Step {
    /// A message to a contract, by Alice, without value.
    pub fn call(label: impl Into<String>, contract: [u8; 32], input: Vec<u8>) -> Self {
        let entrance = Entrance::Call(contract);
        Self { label: label.into(), caller: Accounts::ALICE, entrance, value: 0, gas: GAS, input }
    }

    /// A constructor, by Alice, without value.
    pub fn instantiate(module: usize, salt: &[u8], input: Vec<u8>) -> Self {
        let entrance = Entrance::Instantiate(module, salt.to_vec());
        Self { label: "instantiate".into(), caller: Accounts::ALICE, entrance, value: 0, gas: GAS, input }
    }

    /// With a value.
    pub fn value(self, value: u128) -> Self {
        Self { value, ..self }
    }

    /// With other gas.
    pub fn gas(self, gas: u64) -> Self {
        Self { gas, ..self }
    }
}

/// Modules and steps.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Its name, as `differences.toml` may name it.
    pub name: String,
    /// Code, by number. Refusal is an outcome like any other.
    pub modules: Vec<Vec<u8>>,
    /// Balances of people, beside Alice's and Bob's.
    pub balances: Vec<([u8; 32], u128)>,
    /// Steps.
    pub steps: Vec<Step>,
}

impl Program {
    /// The hash of a module's code.
    pub fn code(&self, module: usize) -> [u8; 32] {
        tallow_crypto::code_hash(&self.modules[module]).0
    }

    /// The address that a constructor called by `deployer` makes.
    pub fn address_by(&self, deployer: [u8; 32], module: usize, salt: &[u8]) -> [u8; 32] {
        let (deployer, code) = (AccountId(deployer), CodeHash(self.code(module)));
        contract_address(&deployer, &code, &ClusterId(conformance_pallet::CLUSTER), salt).0
    }

    /// Adds a step that makes a contract, and returns its address.
    pub fn make(&mut self, module: usize, salt: &[u8], input: Vec<u8>) -> [u8; 32] {
        self.steps.push(Step::instantiate(module, salt, input));
        self.address_by(Accounts::ALICE, module, salt)
    }
}
