//! Modules made of random bytes (wasm-smith), run as contracts: the memory they leave and their globals are compared.
//!
//! Floating point is left out, since the reference refuses it, and what else it does not know. A module ends after a
//! bounded number of branches and calls.

use crate::{Program, Step};
use arbitrary::Unstructured;
use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction, MemArg, Module,
    RawSection, TypeSection, ValType,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{Parser, Payload, TypeRef};

/// Branches and calls after which a module traps.
const FUEL: u32 = 2_000;
/// Random bytes a module is made of.
const BYTES: usize = 6_000;
/// Bytes of memory that are compared.
const HASHED: i32 = 2 * 65_536;

/// A stream of random numbers (splitmix64), the same for the same seed everywhere.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A stream.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound as u64) as usize
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// The program of a seed, if its module can be a contract: one call, which returns a digest of memory and globals.
pub fn program(seed: u64) -> Option<Program> {
    let wasm = wrapped(&smith(seed)?)?;
    let mut program = Program { name: format!("generated module {seed}"), modules: vec![wasm], ..Program::default() };
    let contract = program.make(0, b"", Vec::new());
    program.steps.push(Step::call("call", contract, Vec::new()));
    Some(program)
}

fn smith(seed: u64) -> Option<Vec<u8>> {
    let mut random = Random::new(seed);
    let bytes: Vec<u8> = (0..BYTES / 8).flat_map(|_| random.number().to_le_bytes()).collect();
    let mut module = wasm_smith::Module::new(config(), &mut Unstructured::new(&bytes)).ok()?;
    module.ensure_termination(FUEL).ok()?;
    Some(module.to_bytes())
}

fn config() -> wasm_smith::Config {
    const IMPORTS: &str = r#"(module (import "env" "memory" (memory 2 16))
        (import "seal0" "seal_return" (func (param i32 i32 i32))))"#;
    const EXPORTS: &str = r#"(module (func (export "call")) (func (export "deploy")))"#;
    let parse = |text| Some(wat::parse_str(text).expect("the shape is valid"));
    wasm_smith::Config {
        available_imports: parse(IMPORTS),
        exports: parse(EXPORTS),
        allow_floats: false,
        allow_start_export: false,
        bulk_memory_enabled: false,
        custom_page_sizes_enabled: false,
        exceptions_enabled: false,
        extended_const_enabled: false,
        gc_enabled: false,
        max_memories: 1,
        max_tables: 1,
        max_table_elements: tallow_types::limits::CONTRACT_TABLE_ELEMENTS_MAX,
        memory64_enabled: false,
        multi_value_enabled: false,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        saturating_float_to_int_enabled: false,
        shared_everything_threads_enabled: false,
        sign_extension_ops_enabled: true,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        min_funcs: 3,
        max_funcs: 12,
        max_instructions: 300,
        memory_offset_choices: wasm_smith::MemoryOffsetChoices(90, 9, 1),
        ..wasm_smith::Config::default()
    }
}

/// What the wrapping must know of a module.
#[derive(Default)]
struct Shape {
    types: u32,
    imports: u32,
    functions: u32,
    memory: bool,
    returns: Option<u32>,
    call: Option<u32>,
    deploy: Option<u32>,
    /// Mutable and other globals that hold whole numbers.
    globals: Vec<(u32, ValType)>,
}

/// The module with an entry point that calls the old one and returns a digest. None when it lacks an import.
fn wrapped(wasm: &[u8]) -> Option<Vec<u8>> {
    let shape = shape(wasm)?;
    let (call, deploy, returns) = (shape.call?, shape.deploy?, shape.returns?);
    if !shape.memory {
        return None;
    }
    let mut module = Module::new();
    let mut again = RoundtripReencoder;
    let mut code = CodeSection::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.ok()? {
            Payload::TypeSection(section) => {
                let mut types = TypeSection::new();
                again.parse_type_section(&mut types, section).ok()?;
                types.ty().function([], []);
                module.section(&types);
            }
            Payload::FunctionSection(section) => {
                let mut functions = FunctionSection::new();
                again.parse_function_section(&mut functions, section).ok()?;
                functions.function(shape.types);
                module.section(&functions);
            }
            Payload::ExportSection(_) => {
                let mut exports = ExportSection::new();
                exports.export("call", ExportKind::Func, shape.imports + shape.functions);
                exports.export("deploy", ExportKind::Func, deploy);
                module.section(&exports);
            }
            Payload::CodeSectionEntry(body) => {
                again.parse_function_body(&mut code, body).ok()?;
                if code.len() == shape.functions {
                    code.function(&digest(call, returns, &shape.globals));
                    module.section(&code);
                }
            }
            Payload::CodeSectionStart { .. } | Payload::CustomSection(_) => (),
            other => {
                if let Some((id, range)) = other.as_section() {
                    module.section(&RawSection { id, data: &wasm[range] });
                }
            }
        }
    }
    Some(module.finish())
}

fn shape(wasm: &[u8]) -> Option<Shape> {
    let mut shape = Shape::default();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.ok()? {
            Payload::TypeSection(section) => shape.types = section.count(),
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    match import.ok()?.ty {
                        TypeRef::Func(_) => {
                            shape.returns = Some(shape.imports);
                            shape.imports += 1;
                        }
                        TypeRef::Memory(_) => shape.memory = true,
                        _ => return None,
                    }
                }
            }
            Payload::FunctionSection(section) => shape.functions = section.count(),
            Payload::GlobalSection(section) => {
                for (index, global) in (0..).zip(section) {
                    match global.ok()?.ty.content_type {
                        wasmparser::ValType::I32 => shape.globals.push((index, ValType::I32)),
                        wasmparser::ValType::I64 => shape.globals.push((index, ValType::I64)),
                        _ => (),
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.ok()?;
                    match export.name {
                        "call" => shape.call = Some(export.index),
                        "deploy" => shape.deploy = Some(export.index),
                        _ => return None,
                    }
                }
            }
            _ => (),
        }
    }
    Some(shape)
}

/// Calls the old entry point, mixes all words of memory and all globals into one, returns it.
fn digest(call: u32, returns: u32, globals: &[(u32, ValType)]) -> Function {
    const PRIME: i64 = 0x0000_0100_0000_01b3;
    let at = MemArg { offset: 0, align: 3, memory_index: 0 };
    let mut function = Function::new([(1, ValType::I64), (1, ValType::I32)]);
    let mix = [Instruction::I64Xor, Instruction::I64Const(PRIME), Instruction::I64Mul, Instruction::LocalSet(0)];
    function.instruction(&Instruction::Call(call));
    for (index, ty) in globals {
        function.instruction(&Instruction::LocalGet(0));
        function.instruction(&Instruction::GlobalGet(*index));
        if *ty == ValType::I32 {
            function.instruction(&Instruction::I64ExtendI32U);
        }
        mix.iter().for_each(|instruction| {
            function.instruction(instruction);
        });
    }
    function.instruction(&Instruction::Loop(BlockType::Empty));
    function.instruction(&Instruction::LocalGet(0));
    function.instruction(&Instruction::LocalGet(1));
    function.instruction(&Instruction::I64Load(at));
    mix.iter().for_each(|instruction| {
        function.instruction(instruction);
    });
    for instruction in [
        Instruction::LocalGet(1),
        Instruction::I32Const(8),
        Instruction::I32Add,
        Instruction::LocalTee(1),
        Instruction::I32Const(HASHED),
        Instruction::I32LtU,
        Instruction::BrIf(0),
        Instruction::End,
        Instruction::I32Const(0),
        Instruction::LocalGet(0),
        Instruction::I64Store(at),
        Instruction::I32Const(0),
        Instruction::I32Const(0),
        Instruction::I32Const(8),
        Instruction::Call(returns),
        Instruction::End,
    ] {
        function.instruction(&instruction);
    }
    function
}
