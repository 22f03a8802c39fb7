//! Which modules are taken, and what their instructions do.

use crate::{
    Program, Step,
    functions::{FUNCTIONS, OURS},
    script::{Naming, build},
};

/// The programs.
pub fn programs() -> Vec<Program> {
    let mut programs = vec![shapes()];
    programs.extend(features());
    programs.extend(single_imports());
    programs.extend(our_names());
    programs.push(entry_points());
    programs.push(segments());
    programs
}

const MEMORY: &str = r#"(import "env" "memory" (memory 1 16))"#;
const ENTRIES: &str = r#"(func (export "call")) (func (export "deploy"))"#;

fn uploads(name: impl Into<String>, texts: &[String]) -> Program {
    let modules =
        texts.iter().map(|text| wat::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))).collect();
    Program { name: name.into(), modules, ..Program::default() }
}

fn shapes() -> Program {
    let imports = [
        "",
        r#"(import "env" "memory" (memory 1))"#,
        r#"(import "env" "memory" (memory 0 0))"#,
        r#"(import "env" "memory" (memory 2 1024))"#,
        r#"(import "env" "memory" (memory 1025 1025))"#,
        r#"(import "env" "other" (memory 1 16))"#,
        r#"(import "seal0" "memory" (memory 1 16))"#,
        r#"(import "env" "memory" (memory 1 16)) (import "env" "table" (table 1 funcref))"#,
        r#"(import "env" "memory" (memory 1 16)) (import "env" "global" (global i32))"#,
        r#"(import "env" "memory" (memory 1 16)) (import "env" "caller" (func (param i32 i32)))"#,
        r#"(import "env" "memory" (memory 1 16)) (import "seal0" "unknown" (func))"#,
        r#"(import "env" "memory" (memory 1 16)) (import "seal9" "caller" (func (param i32 i32)))"#,
        r#"(import "env" "memory" (memory 1 16)) (import "seal0" "caller" (func (param i32)))"#,
        r#"(import "env" "memory" (memory 1 16)) (import "seal0" "caller" (func (param i32 i32) (result i32)))"#,
        r#"(import "env" "memory" (memory 1 16)) (import "seal0" "random" (func (param i32 i32 i32 i32)))"#,
        r#"(import "env" "memory" (memory 1 16)) (import "seal0" "rent_allowance" (func (param i32 i32)))"#,
    ];
    let mut texts: Vec<_> = imports.map(|imports| format!("(module {imports} {ENTRIES})")).to_vec();
    for entries in [
        "",
        r#"(func (export "call"))"#,
        r#"(func (export "deploy"))"#,
        r#"(func (export "call") (param i32)) (func (export "deploy"))"#,
        r#"(func (export "call") (result i64) (i64.const 0)) (func (export "deploy"))"#,
        r#"(global (export "call") i32 (i32.const 1)) (func (export "deploy"))"#,
    ] {
        texts.push(format!("(module {MEMORY} {entries})"));
    }
    let mut program = uploads("shapes of modules", &texts);
    program.modules.push(Vec::new());
    program.modules.push(b"\0asm".to_vec());
    program.modules.push(b"\0asm\x02\0\0\0".to_vec());
    program.modules.push(vec![0xff; 100]);
    let mut good = wat::parse_str(format!("(module {MEMORY} {ENTRIES})")).expect("the module is valid");
    good.truncate(good.len() - 1);
    program.modules.push(good);
    program
}

/// What Tallow allows and the reference refuses, one program for each, so that each is listed by itself.
fn features() -> Vec<Program> {
    let items = [
        ("floats", r#"(func (drop (f64.add (f64.const 1) (f64.const 2))))"#),
        ("multiple values", r#"(func (result i32 i32) (i32.const 1) (i32.const 2))"#),
        ("bulk memory", r#"(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)))"#),
        ("vectors", r#"(func (drop (i8x16.splat (i32.const 1))))"#),
        ("other exports", r#"(func (export "helper"))"#),
        ("sign extension", r#"(func (drop (i32.extend8_s (i32.const 1))))"#),
        ("a table of the greatest size", r#"(table 65536 funcref)"#),
        ("a larger table", r#"(table 65537 funcref)"#),
        ("a start function", r#"(func $start) (start $start)"#),
    ];
    let texts = items.map(|(name, items)| (name, format!("(module {MEMORY} {ENTRIES} {items})")));
    let mut programs: Vec<_> = texts.map(|(name, text)| uploads(format!("modules with {name}"), &[text])).to_vec();
    let own = r#"(module (memory 1) (func (export "call")) (func (export "deploy")))"#;
    programs.push(uploads("modules with a memory of their own", &[own.to_owned()]));
    programs
}

/// Each function alone, by each of its names: a module that calls nothing can still be made and called.
fn single_imports() -> Vec<Program> {
    let namings =
        [("imports of single functions", Naming::Plain), ("imports of single functions of ink! 3", Naming::Prefixed)];
    let one = |(name, naming): (&str, Naming)| {
        let functions = FUNCTIONS.iter().filter(|function| naming == Naming::Plain || function.4);
        let modules = functions.map(|function| build(naming, &[*function])).collect();
        let mut program = Program { name: name.to_owned(), modules, ..Program::default() };
        for module in 0..program.modules.len() {
            let contract = program.make(module, b"", Vec::new());
            program.steps.push(Step::call("call", contract, Vec::new()));
        }
        program
    };
    namings.map(one).to_vec()
}

/// Functions by names that the reference does not have.
fn our_names() -> Vec<Program> {
    let one = |function: &crate::functions::Function| Program {
        name: format!("import of {}.{}", function.0, function.1),
        modules: vec![build(Naming::Plain, &[*function])],
        ..Program::default()
    };
    let mut programs: Vec<_> = OURS.iter().map(one).collect();
    // And those with the prefix that neither has.
    let unprefixed = FUNCTIONS.iter().filter(|function| !function.4 && function.1 != "seal_return");
    let modules = unprefixed.map(|(module, name, parameters, result, _)| {
        let types = |kind: &str, letters: &str| -> String {
            letters.chars().map(|it| format!("({kind} {})", if it == 'g' { "i64" } else { "i32" })).collect()
        };
        let (parameters, result) = (types("param", parameters), types("result", result));
        format!(r#"(module (import "{module}" "seal_{name}" (func {parameters} {result})) {MEMORY} {ENTRIES})"#)
    });
    programs.push(uploads("prefixed names that are none", &modules.collect::<Vec<_>>()));
    programs
}

/// Entry points of old compilers, which return a status.
fn entry_points() -> Program {
    let text = format!(
        r#"(module {MEMORY} (func (export "call") (result i32) (i32.const 0)) (func (export "deploy") (result i32) (i32.const 0)))"#
    );
    let mut program = uploads("entry points that return a status", &[text]);
    let contract = program.make(0, b"", Vec::new());
    program.steps.push(Step::call("call", contract, Vec::new()));
    program
}

/// Segments at and beyond the end of memory and table.
fn segments() -> Program {
    let data = |at: u32| format!(r#"(module {MEMORY} {ENTRIES} (data (i32.const {at}) "1234"))"#);
    let element = |at: u32| format!(r#"(module {MEMORY} (table 2 funcref) (elem (i32.const {at}) 0) {ENTRIES})"#);
    let texts: Vec<_> =
        [0, 65_532, 65_533, 65_536, u32::MAX].map(data).into_iter().chain([0, 1, 2].map(element)).collect();
    let mut program = uploads("segments", &texts);
    for module in 0..texts.len() {
        let contract = program.make(module, b"", Vec::new());
        program.steps.push(Step::call("call", contract, Vec::new()));
    }
    program
}
