//! Every host function with arguments that are right, and then with each of them replaced by boundary and hostile ones.

use super::{CAPACITY, scripts};
use crate::{
    Accounts, Entrance, Program, Step,
    functions::{FUNCTIONS, Function},
    script::{MEMORY, Naming, Script},
};

/// Gas that also pays for lengths that are far beyond any memory, which no side may then touch.
const AMPLE: u64 = 100_000_000_000_000_000;
/// Instead of a pointer: none wanted.
const SENTINEL: u64 = 0xffff_ffff;

/// What of the memory is returned: all areas below.
const WINDOW: u32 = 0xa00;

/// A place in the memory for each kind of argument.
fn place(letter: char, count: u32) -> u64 {
    let at = match letter {
        'f' => 0x100,
        'h' => 0x140,
        'v' => 0x180,
        'd' => return SENTINEL,
        'p' => 0x300,
        't' => 0x340,
        'n' => CAPACITY + 4 * count,
        'o' => 0x400 + 0x100 * count,
        'w' => 0x600,
        's' => 0x700,
        'k' => 0x780,
        'l' => 16,
        'm' => 33,
        'x' => 21,
        _ => 0,
    };
    at.into()
}

/// The arguments with which a function does what it is for.
fn usual((_, _, parameters, _, _): &Function) -> Vec<u64> {
    let mut seen = Vec::new();
    let place = |letter| {
        let count = seen.iter().filter(|it| **it == letter).count() as u32;
        seen.push(letter);
        place(letter, count)
    };
    parameters.chars().map(place).collect()
}

/// What each argument is replaced by.
fn hostile(letter: char) -> Vec<u64> {
    let memory = u64::from(MEMORY);
    let near = [0, 1, 2, 3, 4, 8, 15, 16, 17, 31, 32, 33, 64, 65, 66].map(|before| memory - before);
    let far = [memory + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, SENTINEL];
    match letter {
        'l' | 'm' => [0, 1, 2, 4, 15, 17, 31, 32, 33, 127, 128, 129, 1_000]
            .into_iter()
            .chain([memory - 0x301, memory - 0x300, memory - 0x2ff, memory, 1 << 20, (1 << 20) + 1])
            .chain(far)
            .collect(),
        'g' => vec![1, 499, 500, 1_000_000, 1_000_000_000, u64::MAX / 2, u64::MAX],
        'i' => vec![1, 2, 3, 4, 5, 8, 9, 12, 16, 17, 24, 31, 32, 64, 0x100, 0x8000_0000, SENTINEL],
        'x' => vec![0x0001_0015, 0xff00_0015, 0xfffe_0015, 99, 0xffff, SENTINEL],
        _ => [0, 1].into_iter().chain(near).chain(far).collect(),
    }
}

/// What the word behind a pointer to a capacity is replaced by.
const CAPACITIES: [u32; 17] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 0x7fff_ffff, u32::MAX];

/// Puts everything in place that a function may want, calls it, and returns all of it.
fn attempt(program: &Program, number: usize, arguments: &[u64], capacity: u32) -> Script {
    let code = program.code(1);
    let callee = program.address_by(Accounts::ALICE, 0, b"callee");
    let mut topics = vec![4];
    topics.extend([7; 32]);
    let name = FUNCTIONS[number].1;
    let mut script = Script::new()
        .put(0x100, &callee)
        .put(0x140, &code)
        .put(0x340, &topics)
        .word(CAPACITY, capacity)
        .word(CAPACITY + 4, capacity)
        .host("seal0.set_storage", 0x10, &[0x100, 0x300, 24])
        .host("seal2.set_storage", 0x14, &[0x300, 16, 0x300, 20])
        .host("seal0.set_transient_storage", 0x18, &[0x300, 16, 0x340, 12]);
    if name.starts_with("unlock") {
        script = script.host("seal0.lock_delegate_dependency", 0x10, &[0x140]);
    }
    // Where one side fails and the other does not, what is left must be the same for the steps after it.
    let dropped = ["call_runtime", "xcm_execute", "xcm_send"].contains(&name);
    script.host_number(number, 0x20, arguments).end(dropped.into(), 0, WINDOW)
}

fn steps(program: &Program, number: usize, subject: &mut impl FnMut() -> [u8; 32]) -> Vec<Step> {
    let function = &FUNCTIONS[number];
    let usual = usual(function);
    let name = format!("{}.{}", function.0, function.1);
    let mut step = |arguments: &[u64], capacity| {
        let input = attempt(program, number, arguments, capacity).bytes();
        Step::call(&name, subject(), input).gas(AMPLE)
    };
    let mut steps = vec![step(&usual, 0x100)];
    for (index, letter) in function.2.chars().enumerate() {
        for value in hostile(letter) {
            let mut arguments = usual.clone();
            arguments[index] = value;
            steps.push(step(&arguments, 0x100));
        }
    }
    if function.2.contains('n') {
        steps.extend(CAPACITIES.map(|capacity| step(&usual, capacity)));
    }
    steps
}

/// Functions after whose success the contract is another one, or none.
fn is_final(number: usize) -> bool {
    ["terminate", "set_code_hash", "lock_delegate_dependency"].contains(&FUNCTIONS[number].1)
}

/// One program for each function and each of its names.
pub fn programs() -> Vec<Program> {
    let mut programs = Vec::new();
    for (number, function) in FUNCTIONS.iter().enumerate() {
        for naming in [Naming::Plain, Naming::Prefixed] {
            if naming == Naming::Plain || function.4 {
                programs.push(program(number, naming));
            }
        }
    }
    programs
}

fn program(number: usize, naming: Naming) -> Program {
    let (module, name, ..) = FUNCTIONS[number];
    let which = usize::from(naming == Naming::Prefixed);
    let prefix = if which == 1 { "seal_" } else { "" };
    let mut program = scripts(format!("arguments of {module}.{prefix}{name}"));
    program.make(0, b"callee", Vec::new());
    let subject = program.make(which, b"subject", Vec::new());
    if !is_final(number) {
        let steps = steps(&program, number, &mut || subject);
        program.steps.extend(steps);
        return program;
    }
    let mut salts = Vec::new();
    let steps = steps(&program, number, &mut || {
        salts.push(salts.len().to_le_bytes().to_vec());
        program.address_by(Accounts::ALICE, which, &salts[salts.len() - 1])
    });
    for (salt, step) in salts.into_iter().zip(steps) {
        let entrance = Entrance::Instantiate(which, salt.clone());
        program.steps.push(Step { entrance, ..Step::instantiate(which, &salt, Vec::new()) });
        program.steps.push(step);
    }
    program
}
