//! Validation and rewriting of modules.

use crate::world::{agree, engines};
use std::sync::OnceLock;
use tallow_types::AccountId;
use wasm_smith::{Config, Module};

/// One in so many acceptable modules is also compiled and run, which takes a thousand times longer.
const COMPILED_ONE_IN: usize = 64;
const CONTRACT: AccountId = AccountId([0x22; 32]);

/// Validates and rewrites any bytes, and modules that are made to be nearly acceptable. What is accepted must be
/// rewritten to a valid module; some are run, with equal results under both profiles.
pub fn module(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    match kind % 4 {
        0 => check(rest, false),
        _ => {
            let mut source = arbitrary::Unstructured::new(rest);
            let Ok(module) = Module::new(config(kind % 4 == 1), &mut source) else { return };
            let compiled = usize::from(tallow_crypto::blake2b_256(rest)[0]).is_multiple_of(COMPILED_ONE_IN);
            check(&module.to_bytes(), compiled);
        }
    }
}

fn check(wasm: &[u8], compile: bool) {
    let Ok(rewritten) = engines()[0].rewritten(wasm) else { return };
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
        .validate_all(&rewritten)
        .expect("a rewritten module is valid");
    if !compile {
        return;
    }
    // An import of a wrong type shows only when it is linked.
    let [Ok(default), Ok(small)] = engines().each_ref().map(|engine| engine.prepare(wasm)) else { return };
    agree(&[default, small], CONTRACT, &[1, 2, 3, 4]);
}

/// Imports that a contract may choose from, and the exports it must have, as modules: the generator reads them so.
fn shapes() -> &'static [Vec<u8>; 2] {
    static SHAPES: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    SHAPES.get_or_init(|| {
        [
            r#"(module (import "env" "memory" (memory 2 16))
                (import "seal0" "input" (func (param i32 i32)))
                (import "seal0" "seal_return" (func (param i32 i32 i32)))
                (import "seal1" "get_storage" (func (param i32 i32 i32 i32) (result i32)))
                (import "seal2" "set_storage" (func (param i32 i32 i32 i32) (result i32)))
                (import "seal0" "debug_message" (func (param i32 i32) (result i32))))"#,
            r#"(module (func (export "call") unreachable) (func (export "deploy") unreachable))"#,
        ]
        .map(|text| wat::parse_str(text).expect("the shapes are valid"))
    })
}

fn config(terminates: bool) -> Config {
    let [imports, exports] = shapes().clone();
    Config {
        available_imports: Some(imports),
        exports: Some(exports),
        allow_start_export: false,
        max_memories: 1,
        max_memory32_bytes: 64 * 65_536,
        memory_max_size_required: terminates,
        memory64_enabled: false,
        threads_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        tail_call_enabled: false,
        reference_types_enabled: false,
        max_instructions: 200,
        max_funcs: 20,
        ..Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_generated_modules_are_accepted() {
        let accepted = (0..400_u32)
            .filter(|seed| {
                let bytes: Vec<u8> = (0..64_u32)
                    .flat_map(|part| tallow_crypto::blake2b_256(&[seed.to_le_bytes(), part.to_le_bytes()].concat()))
                    .collect();
                let module = Module::new(config(true), &mut arbitrary::Unstructured::new(&bytes)).unwrap();
                check(&module.to_bytes(), false);
                engines()[0].rewritten(&module.to_bytes()).is_ok()
            })
            .count();
        assert!(accepted >= 100, "{accepted} of 400 modules were accepted");
    }

    #[test]
    fn any_bytes_are_taken() {
        for bytes in [&b""[..], b"\0", b"\0\0asm\x01\0\0\0", b"\x01abcdefgh", &[2; 500]] {
            module(bytes);
        }
    }
}
