//! Arguments of host functions.

use crate::world::{agree, prepare};
use arbitrary::{Arbitrary, Unstructured};
use std::{fmt::Write as _, sync::OnceLock};
use tallow_engine::Code;
use tallow_types::AccountId;

/// Every host function: module, name, and parameters (`i` 32 bits, `l` 64 bits) with the result behind a colon.
/// A function the engine does not have, or has with another type, fails at the first input.
const FUNCTIONS: &str = include_str!("host_functions.txt");

/// Where the program lies in the contract's memory.
const PROGRAM: u32 = 0x1_0000;
/// Bytes of a program: as many as the input of a nested call may carry.
const PROGRAM_BYTES_MAX: usize = 0x8000;
/// What precedes the calls in a program: the contract's address and code, an amount, and a buffer's length.
const PRELUDE_BYTES: u32 = 32 + 32 + 16 + 4;
/// The address of the contract that runs the program.
const CONTRACT: AccountId = AccountId([0x11; 32]);
/// Where arguments most often point: parts of the prelude, the calls behind it, and free memory.
const PLACES: [u32; 8] =
    [PROGRAM, PROGRAM + 32, PROGRAM + 64, PROGRAM + 80, PROGRAM + PRELUDE_BYTES, 0, 0x100, 0x1_fff0];
/// Lengths and flags that mean something, and `u32::MAX`, which stands for "none".
const NUMBERS: [u32; 14] = [0, 1, 2, 3, 4, 8, 16, 20, 32, 33, 65, 128, 0x4000, u32::MAX];

/// Runs any sequence of host calls with any arguments, in a contract that may also call, delegate to and instantiate
/// itself. It ends with a value, in a command equally under both profiles.
pub fn host_calls(data: &[u8]) {
    let program = program(&mut Unstructured::new(data)).unwrap_or_default();
    agree(codes(), CONTRACT, &input(&program));
}

struct Function {
    module: String,
    name: String,
    parameters: Vec<bool>,
    result: bool,
}

impl Function {
    /// Parses one line of the table.
    fn of(line: &str) -> Self {
        let mut words = line.split_whitespace();
        let mut word = || words.next().expect("a line is module, name, type").to_owned();
        let (module, name, ty) = (word(), word(), word());
        let (parameters, result) = ty.split_once(':').expect("a type is parameters, colon, result");
        Self { module, name, parameters: parameters.chars().map(|c| c == 'l').collect(), result: !result.is_empty() }
    }

    fn argument_bytes(&self) -> u32 {
        self.parameters.iter().map(|long| if *long { 8 } else { 4 }).sum()
    }
}

fn functions() -> &'static [Function] {
    static TABLE: OnceLock<Vec<Function>> = OnceLock::new();
    TABLE.get_or_init(|| FUNCTIONS.lines().map(Function::of).collect())
}

/// Result type of a function, from the table's last column.
fn result_type(line: &str) -> &str {
    match line.rsplit(':').next() {
        Some("i") => "(result i32)",
        Some("l") => "(result i64)",
        _ => "",
    }
}

/// Draws a program: a function's number and its arguments, again and again.
fn program(source: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let mut program = Vec::new();
    while !source.is_empty() && program.len() + 128 < PROGRAM_BYTES_MAX {
        let index = source.choose_index(functions().len())?;
        program.push(u8::try_from(index).expect("fewer than 256 host functions"));
        for long in &functions()[index].parameters {
            let value = argument(source)?;
            program.extend(value.to_le_bytes());
            if *long {
                program.extend([0; 4]);
            }
        }
    }
    Ok(program)
}

fn argument(source: &mut Unstructured<'_>) -> arbitrary::Result<u32> {
    match u8::arbitrary(source)? % 8 {
        0..=3 => source.choose(&PLACES).copied(),
        4..=5 => source.choose(&NUMBERS).copied(),
        6 => u16::arbitrary(source).map(u32::from),
        _ => u32::arbitrary(source),
    }
}

fn input(program: &[u8]) -> Vec<u8> {
    let code = codes()[0].hash();
    let mut input = [&CONTRACT.0[..], &code.0, &3_u128.to_le_bytes(), &32_u32.to_le_bytes()].concat();
    input.extend_from_slice(program);
    input
}

fn codes() -> &'static [Code; 2] {
    static CODES: OnceLock<[Code; 2]> = OnceLock::new();
    CODES.get_or_init(|| prepare(&wat::parse_str(interpreter()).expect("the interpreter is valid")))
}

/// A contract that runs the program in its input.
fn interpreter() -> String {
    let table = functions();
    let mut wat = String::from("(module\n");
    for ((number, function), line) in table.iter().enumerate().zip(FUNCTIONS.lines()) {
        let parameters: String = function.parameters.iter().map(|long| if *long { " i64" } else { " i32" }).collect();
        let (module, name, result) = (&function.module, &function.name, result_type(line));
        let _ = writeln!(wat, "(import {module:?} {name:?} (func $f{number} (param{parameters}) {result}))");
    }
    let input = table.iter().position(|f| f.name == "input").expect("the table has `input`");
    let blocks = "(block ".repeat(table.len());
    let labels: String = (0..table.len()).map(|number| format!("{number} ")).collect();
    let _ = write!(
        wat,
        r#"(import "env" "memory" (memory 4 16))
        (data (i32.const {length_at}) "\00\00\01\00")
        (func (export "deploy") (call $run))
        (func (export "call") (call $run))
        (func $run (local $at i32) (local $end i32)
          (call $f{input} (i32.const {PROGRAM}) (i32.const {length_at}))
          (local.set $end (i32.add (i32.const {PROGRAM}) (i32.load (i32.const {length_at}))))
          (local.set $at (i32.const {start}))
          (loop $next
            (br_if 1 (i32.ge_u (local.get $at) (local.get $end)))
            (block $unknown
            {blocks}
              (br_table {labels} $unknown (i32.load8_u (local.get $at)))
        "#,
        length_at = 0x3_0000,
        start = PROGRAM + PRELUDE_BYTES,
    );
    for (number, function) in table.iter().enumerate() {
        let _ = writeln!(wat, ") {} (br $next)", call(number, function));
    }
    wat.push_str("))))");
    wat
}

/// Calls a function with the arguments that follow its number, and goes on behind them.
fn call(number: usize, function: &Function) -> String {
    let mut wat = String::new();
    let mut offset = 1;
    for long in &function.parameters {
        let (load, bytes) = if *long { ("i64.load", 8) } else { ("i32.load", 4) };
        let _ = write!(wat, "({load} offset={offset} align=1 (local.get $at))");
        offset += bytes;
    }
    let drop = if function.result { "drop" } else { "" };
    let step = 1 + function.argument_bytes();
    format!("{wat} (call $f{number}) {drop} (local.set $at (i32.add (local.get $at) (i32.const {step})))")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Ended, engines};

    fn number(name: &str) -> u8 {
        functions().iter().position(|f| f.name == name).unwrap() as u8
    }

    fn call_of(name: &str, arguments: &[u32]) -> Vec<u8> {
        let mut bytes = vec![number(name)];
        bytes.extend(arguments.iter().flat_map(|argument| argument.to_le_bytes()));
        bytes
    }

    #[test]
    fn the_table_has_every_host_function() {
        let table: Vec<(&str, &str)> = functions().iter().map(|f| (f.module.as_str(), f.name.as_str())).collect();
        let linked: Vec<(&str, &str)> = engines()[0]
            .host_functions()
            .filter(|(_, name)| !name.starts_with("seal_") || *name == "seal_return")
            .collect();
        for function in &linked {
            assert!(table.contains(function), "the table lacks {function:?}");
        }
        assert_eq!(table.len(), linked.len());
    }

    #[test]
    fn a_program_calls_and_returns() {
        let mut program = call_of("hash_blake2_128", &[0, 4, 0x200]);
        program.extend(call_of("seal_return", &[0, 0x200, 16]));
        let [command, query] = agree(codes(), CONTRACT, &input(&program));
        for ended in [command, query] {
            let Ended::Done(execution) = ended else { panic!("suspended") };
            assert_eq!(execution.result.unwrap().data, tallow_crypto::blake2b_128(&[0; 4]));
        }
    }

    #[test]
    fn a_bad_pointer_is_an_error_and_its_effects_are_gone() {
        let mut program = call_of("deposit_event", &[0, 0, PROGRAM, 32]);
        program.extend(call_of("hash_blake2_128", &[u32::MAX - 2, 4, 0x200]));
        let [Ended::Done(execution), _] = agree(codes(), CONTRACT, &input(&program)) else { panic!("suspended") };
        assert!(execution.result.is_err() && execution.events.is_empty());
    }

    #[test]
    fn arbitrary_bytes_make_programs() {
        for seed in 0..200_u32 {
            let data: Vec<u8> = (0..16_u32)
                .flat_map(|part| tallow_crypto::blake2b_256(&[seed.to_le_bytes(), part.to_le_bytes()].concat()))
                .collect();
            host_calls(&data);
        }
    }
}
