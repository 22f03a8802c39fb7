//! The programs that are compared.

pub mod arguments;
pub mod contracts;
pub mod frames;
pub mod generated;
pub mod lives;
pub mod modules;
pub mod sequences;
pub mod values;

use crate::{
    Program,
    script::{Naming, Script, module},
};

/// Where helpers put addresses and code hashes.
pub const ACCOUNT: u32 = 0x100;
/// Where they put a code hash.
pub const HASH: u32 = 0x140;
/// Where they put a balance.
pub const VALUE: u32 = 0x180;
/// Where they put salt.
pub const SALT: u32 = 0x1c0;
/// Where the capacity of an output is, and after it that of a second one.
pub const CAPACITY: u32 = 0x3e0;
/// Where output goes, and behind it a second one.
pub const OUTPUT: u32 = 0x400;
/// Room for one output.
pub const ROOM: u32 = 0x200;
/// Where a nested script is put.
pub const NESTED: u32 = 0x2000;
/// Where a callee's output goes; it may be a whole window.
pub const RETURNED: u32 = 0xd000;
/// Bytes of memory that [`Script::show`] returns.
pub const WINDOW: u32 = 0x1000;
/// Where the first part of a callee's output is shown.
const SHOWN: u32 = 0xa00;
/// Where results of host functions go.
pub const RESULT: u32 = 0x10;

impl Script {
    /// Puts the capacities of both outputs.
    pub fn capacities(self, bytes: u32) -> Self {
        self.word(CAPACITY, bytes).word(CAPACITY + 4, bytes)
    }

    /// Calls a contract by `seal1.call`; the code goes to `result`.
    pub fn call(self, flags: u32, to: [u8; 32], value: u128, input: &Script, result: u32) -> Self {
        self.call_with_gas(flags, to, value, 0, &input.bytes(), result)
    }

    /// As [`Script::call`], with a limit of gas and any input.
    pub fn call_with_gas(self, flags: u32, to: [u8; 32], value: u128, gas: u64, input: &[u8], result: u32) -> Self {
        let [flags, length] = [flags, input.len() as u32].map(u64::from);
        let [account, at, nested, out, capacity] = [ACCOUNT, VALUE, NESTED, RETURNED, CAPACITY].map(u64::from);
        self.put(ACCOUNT, &to).put(VALUE, &value.to_le_bytes()).put(NESTED, input).capacities(WINDOW).host(
            "seal1.call",
            result,
            &[flags, account, gas, at, nested, length, out, capacity],
        )
    }

    /// Copies a callee's output to where it is shown.
    fn shown(self) -> Self {
        self.copy(RETURNED, OUTPUT, 0x80).copy(RETURNED, SHOWN, WINDOW - SHOWN)
    }

    /// Delegates to code.
    pub fn delegate(self, flags: u32, code: [u8; 32], input: &Script, result: u32) -> Self {
        let input = input.bytes();
        let arguments = [flags, HASH, NESTED, input.len() as u32, RETURNED, CAPACITY].map(u64::from);
        self.put(HASH, &code)
            .put(NESTED, &input)
            .capacities(WINDOW)
            .host("seal0.delegate_call", result, &arguments)
            .shown()
    }

    /// Makes a contract by `seal1.instantiate`: its address goes to [`OUTPUT`], output behind it.
    pub fn instantiate(self, code: [u8; 32], value: u128, input: &Script, salt: &[u8], result: u32) -> Self {
        let input = input.bytes();
        let [code_at, at, nested, length, out, capacity, second, room, salt_at, salt_len] = [
            HASH,
            VALUE,
            NESTED,
            input.len() as u32,
            OUTPUT,
            CAPACITY,
            CAPACITY + 4,
            RETURNED,
            SALT,
            salt.len() as u32,
        ]
        .map(u64::from);
        self.put(HASH, &code)
            .put(VALUE, &value.to_le_bytes())
            .put(SALT, salt)
            .put(NESTED, &input)
            .capacities(WINDOW)
            .host(
                "seal1.instantiate",
                result,
                &[code_at, 0, at, nested, length, out, capacity, room, second, salt_at, salt_len],
            )
            .copy(RETURNED, SHOWN, WINDOW - SHOWN)
    }

    /// Writes to storage under a key of any length.
    pub fn store(self, key: &[u8], value: &[u8]) -> Self {
        let arguments = [0x200, key.len() as u32, 0x300, value.len() as u32].map(u64::from);
        self.put(0x200, key).put(0x300, value).host("seal2.set_storage", RESULT, &arguments)
    }

    /// Reads storage to [`OUTPUT`]; the code goes to `result`.
    pub fn load(self, key: &[u8], result: u32) -> Self {
        let arguments = [0x200, key.len() as u32, OUTPUT, CAPACITY].map(u64::from);
        self.put(0x200, key).capacities(ROOM).host("seal1.get_storage", result, &arguments)
    }

    /// Emits an event.
    pub fn event(self, topics: &[[u8; 32]], data: &[u8]) -> Self {
        let mut encoded = vec![(topics.len() as u8) << 2];
        encoded.extend(topics.iter().flatten());
        let length = if topics.is_empty() { 0 } else { encoded.len() as u32 };
        let arguments = [0x800, length, 0x300, data.len() as u32].map(u64::from);
        self.put(0x800, &encoded).put(0x300, data).host("seal0.deposit_event", RESULT, &arguments)
    }

    /// Sends balance.
    pub fn send(self, to: [u8; 32], value: u128, result: u32) -> Self {
        let arguments = [ACCOUNT, 32, VALUE, 16].map(u64::from);
        self.put(ACCOUNT, &to).put(VALUE, &value.to_le_bytes()).host("seal0.transfer", result, &arguments)
    }

    /// Ends the contract's life.
    pub fn terminate(self, heir: [u8; 32]) -> Self {
        self.put(ACCOUNT, &heir).host("seal1.terminate", RESULT, &[ACCOUNT.into()])
    }

    /// A fact: one of the functions that take nothing and write to a buffer. It comes to `at`, its length before it.
    pub fn fact(self, name: &str, at: u32) -> Self {
        self.word(at - 4, 64).host(name, RESULT, &[at.into(), (at - 4).into()])
    }

    /// Returns the window of all results and outputs.
    pub fn show(self) -> Self {
        self.end(0, 0, WINDOW)
    }
}

/// A program of scripts: module 0 imports names as ink! 5 does, module 1 as ink! 3.
pub fn scripts(name: impl Into<String>) -> Program {
    let modules = [Naming::Plain, Naming::Prefixed].map(|naming| module(naming).to_vec()).to_vec();
    Program { name: name.into(), modules, ..Program::default() }
}

/// All programs of this module's parts but the generated ones.
pub fn all() -> Vec<Program> {
    let mut programs = arguments::programs();
    programs.extend(values::programs());
    programs.extend(frames::programs());
    programs.extend(lives::programs());
    programs.extend(modules::programs());
    programs
}
