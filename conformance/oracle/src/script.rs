//! A contract that does as its input says: a list of calls of host functions, with their arguments.
//!
//! Input is a list of operations in little-endian words. The contract copies it to [`SCRIPT`] and works through it;
//! what is below that address is free for arguments and results.
//!
//! | operation | operands |
//! |---|---|
//! | 0 end | flags, pointer, length: returns this |
//! | 1 put | pointer, length, bytes (filled up to whole words) |
//! | 2 trap | |
//! | 3 loop | for ever |
//! | 4 grow | pages, pointer of the result |
//! | 5 skip if | pointer, word, bytes: skips these when the word is there |
//! | 6 recurse | depth: as many nested functions |
//! | 7 load | a word beyond the memory, which traps |
//! | 8 add | pointer, word: adds to the word there |
//! | 9 copy | from, to, length |
//! | 16 + n | pointer of the result, arguments as 64-bit words: calls host function n |
//!
//! Without an end it returns nothing. The constructor does the same as the message.

use crate::functions::{FUNCTIONS, Function, number};
use std::{fmt::Write, sync::OnceLock};

/// Where the script is; everything below is free.
pub const SCRIPT: u32 = 0x1_0000;
/// Bytes a script may have.
pub const SCRIPT_BYTES: u32 = 0x1_0000 - 16;
/// Bytes of memory at the start.
pub const MEMORY: u32 = 2 * 65_536;
/// Number of the first host function's operation.
const FIRST: u32 = 16;

/// Which names the module imports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naming {
    /// As ink! 4 and 5 do.
    Plain,
    /// With the prefix `seal_`, as ink! 3 does, where there is such a name.
    Prefixed,
}

/// The module that runs scripts.
pub fn module(naming: Naming) -> &'static [u8] {
    static MODULES: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    let modules = MODULES.get_or_init(|| [Naming::Plain, Naming::Prefixed].map(|naming| build(naming, FUNCTIONS)));
    &modules[usize::from(naming == Naming::Prefixed)]
}

/// A module for scripts that imports these functions alone.
pub fn build(naming: Naming, functions: &[Function]) -> Vec<u8> {
    let mut text = String::from("(module\n");
    for (index, function) in functions.iter().enumerate() {
        let (module, name, parameters, result, aliased) = function;
        let prefix = if naming == Naming::Prefixed && *aliased { "seal_" } else { "" };
        let (parameters, result) = (types("param", parameters), types("result", result));
        let _ = writeln!(text, "(import \"{module}\" \"{prefix}{name}\" (func $f{index} {parameters} {result}))");
    }
    let own = ["input", "seal_return"].map(|name| functions.iter().position(|it| (it.0, it.1) == ("seal0", name)));
    for (name, at) in ["input", "seal_return"].iter().zip(own) {
        if at.is_none() {
            let parameters = if *name == "input" { "(param i32 i32)" } else { "(param i32 i32 i32)" };
            let _ = writeln!(text, "(import \"seal0\" \"{name}\" (func ${name} {parameters}))");
        }
    }
    text += "(import \"env\" \"memory\" (memory 2 32))\n";
    for (name, at) in ["input", "seal_return"].iter().zip(own) {
        if let Some(at) = at {
            let (parameters, arguments) = match *name {
                "input" => ("(param i32 i32)", "(local.get 0) (local.get 1)"),
                _ => ("(param i32 i32 i32)", "(local.get 0) (local.get 1) (local.get 2)"),
            };
            let _ = writeln!(text, "(func ${name} {parameters} (call $f{at} {arguments}))");
        }
    }
    text += &dispatch(functions);
    text += INTERPRETER;
    wat::parse_str(text.replace("SCRIPT_BYTES", &SCRIPT_BYTES.to_string()).replace("SCRIPT", &SCRIPT.to_string()))
        .expect("the interpreter is valid")
}

fn types(kind: &str, letters: &str) -> String {
    letters.chars().map(|letter| format!("({kind} {}) ", if letter == 'g' { "i64" } else { "i32" })).collect()
}

/// The function that calls host functions by number: arguments behind `$at`, the result at `$result`.
fn dispatch(functions: &[Function]) -> String {
    let mut text = String::from("(func $dispatch (param $n i32) (param $at i32) (param $result i32) (result i32)\n");
    for (index, (_, _, parameters, result, _)) in functions.iter().enumerate() {
        let arguments: String = parameters
            .chars()
            .enumerate()
            .map(|(place, letter)| {
                let load = if letter == 'g' { "i64.load" } else { "i32.load" };
                format!("({load} offset={} (local.get $at)) ", place * 8)
            })
            .collect();
        let call = format!("(call $f{index} {arguments})");
        let action = match *result {
            "i" => format!("(i32.store (local.get $result) {call})"),
            "g" => format!("(i64.store (local.get $result) {call})"),
            _ => call,
        };
        let size = parameters.len() * 8;
        let _ = writeln!(
            text,
            "(if (i32.eq (local.get $n) (i32.const {index})) (then {action} (return (i32.const {size}))))"
        );
    }
    text + "(unreachable))\n"
}

const INTERPRETER: &str = r#"
(func $deep (param i32) (result i32)
    (if (result i32) (local.get 0)
        (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
(func $run (local $at i32) (local $end i32) (local $op i32) (local $n i32)
    (i32.store (i32.const SCRIPT) (i32.const SCRIPT_BYTES))
    (call $input (i32.add (i32.const SCRIPT) (i32.const 8)) (i32.const SCRIPT))
    (local.set $at (i32.add (i32.const SCRIPT) (i32.const 8)))
    (local.set $end (i32.add (local.get $at) (i32.load (i32.const SCRIPT))))
    (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $op (i32.load (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (if (i32.eq (local.get $op) (i32.const 0)) (then
            (call $seal_return (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)) (i32.load offset=8 (local.get $at)))))
        (if (i32.eq (local.get $op) (i32.const 1)) (then
            (call $copy (i32.add (local.get $at) (i32.const 8)) (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
            (local.set $n (i32.and (i32.add (i32.load offset=4 (local.get $at)) (i32.const 3)) (i32.const -4)))
            (local.set $at (i32.add (i32.add (local.get $at) (i32.const 8)) (local.get $n))) (br $next)))
        (if (i32.eq (local.get $op) (i32.const 2)) (then (unreachable)))
        (if (i32.eq (local.get $op) (i32.const 3)) (then (loop $ever (br $ever))))
        (if (i32.eq (local.get $op) (i32.const 4)) (then
            (i32.store (i32.load offset=4 (local.get $at)) (memory.grow (i32.load (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 8))) (br $next)))
        (if (i32.eq (local.get $op) (i32.const 5)) (then
            (if (i32.eq (i32.load (i32.load (local.get $at))) (i32.load offset=4 (local.get $at))) (then
                (local.set $at (i32.add (local.get $at) (i32.load offset=8 (local.get $at))))))
            (local.set $at (i32.add (local.get $at) (i32.const 12))) (br $next)))
        (if (i32.eq (local.get $op) (i32.const 6)) (then
            (drop (call $deep (i32.load (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 4))) (br $next)))
        (if (i32.eq (local.get $op) (i32.const 7)) (then (drop (i32.load (i32.const -8)))))
        (if (i32.eq (local.get $op) (i32.const 8)) (then
            (i32.store (i32.load (local.get $at))
                (i32.add (i32.load (i32.load (local.get $at))) (i32.load offset=4 (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 8))) (br $next)))
        (if (i32.eq (local.get $op) (i32.const 9)) (then
            (call $copy (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)) (i32.load offset=8 (local.get $at)))
            (local.set $at (i32.add (local.get $at) (i32.const 12))) (br $next)))
        (if (i32.ge_u (local.get $op) (i32.const 16)) (then
            (local.set $n (i32.load (local.get $at)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $at (i32.add (local.get $at)
                (call $dispatch (i32.sub (local.get $op) (i32.const 16)) (local.get $at) (local.get $n))))
            (br $next)))
        (unreachable))))
(func $copy (param $from i32) (param $to i32) (param $n i32)
    (block $done (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next))))
(func (export "call") (call $run))
(func (export "deploy") (call $run))
)"#;

/// A script under construction.
///
/// It is one pointer wide, so that it is passed in a register: a closure that takes a wider constant by value and changes
/// it changes the constant, by a fault of rustc before 1.97 (rust-lang/rust#155241).
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Script(Box<Inner>);

#[derive(Clone, Default, Debug, PartialEq, Eq)]
struct Inner {
    bytes: Vec<u8>,
    calls: Vec<usize>,
}

impl Script {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Numbers of the host functions it calls.
    pub fn calls(&self) -> &[usize] {
        &self.0.calls
    }

    fn push(&mut self, words: &[u32]) {
        self.0.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }

    fn words(mut self, words: &[u32]) -> Self {
        self.push(words);
        self
    }

    /// Puts bytes into the memory.
    pub fn put(mut self, at: u32, bytes: &[u8]) -> Self {
        self.push(&[1, at, bytes.len() as u32]);
        self.0.bytes.extend(bytes);
        self.0.bytes.resize(self.0.bytes.len().next_multiple_of(4), 0);
        self
    }

    /// Puts a word into the memory.
    pub fn word(self, at: u32, word: u32) -> Self {
        self.put(at, &word.to_le_bytes())
    }

    /// Calls a host function, by module and name; its result goes to `result`.
    pub fn host(self, name: &str, result: u32, arguments: &[u64]) -> Self {
        self.host_number(number(name), result, arguments)
    }

    /// As [`Script::host`], by number.
    pub fn host_number(mut self, function: usize, result: u32, arguments: &[u64]) -> Self {
        assert_eq!(FUNCTIONS[function].2.len(), arguments.len(), "{:?}", FUNCTIONS[function]);
        self.0.calls.push(function);
        self.push(&[FIRST + function as u32, result]);
        self.0.bytes.extend(arguments.iter().flat_map(|word| word.to_le_bytes()));
        self
    }

    /// Returns a part of the memory.
    pub fn end(self, flags: u32, at: u32, length: u32) -> Self {
        self.words(&[0, flags, at, length])
    }

    /// Traps.
    pub fn trap(self) -> Self {
        self.words(&[2])
    }

    /// Loops for ever.
    pub fn forever(self) -> Self {
        self.words(&[3])
    }

    /// Grows the memory.
    pub fn grow(self, pages: u32, result: u32) -> Self {
        self.words(&[4, pages, result])
    }

    /// Skips another script when a word is in the memory.
    pub fn unless(mut self, at: u32, word: u32, other: Self) -> Self {
        self.push(&[5, at, word, other.0.bytes.len() as u32]);
        self.0.bytes.extend(other.0.bytes);
        self.0.calls.extend(other.0.calls);
        self
    }

    /// Nests functions.
    pub fn recurse(self, depth: u32) -> Self {
        self.words(&[6, depth])
    }

    /// Reads beyond the memory.
    pub fn stray(self) -> Self {
        self.words(&[7])
    }

    /// Adds to a word of the memory.
    pub fn add(self, at: u32, word: u32) -> Self {
        self.words(&[8, at, word])
    }

    /// Copies memory.
    pub fn copy(self, from: u32, to: u32, length: u32) -> Self {
        self.words(&[9, from, to, length])
    }

    /// Goes on with another script.
    pub fn then(mut self, other: &Self) -> Self {
        self.0.bytes.extend(&other.0.bytes);
        self.0.calls.extend(&other.0.calls);
        self
    }

    /// The input.
    pub fn bytes(&self) -> Vec<u8> {
        assert!(self.0.bytes.len() <= SCRIPT_BYTES as usize, "the script is too long");
        self.0.bytes.clone()
    }
}
