use super::*;
use crate::tests::world::engine;
use tallow_types::limits::*;

const MEMORY_TEXT: &str = r#"(import "env" "memory" (memory 2 16))"#;
const ENTRIES: &str = r#"(func (export "call")) (func (export "deploy"))"#;

fn prepare(items: &str) -> Result<crate::Code, CodeError> {
    engine().prepare(&wat::parse_str(format!("(module {items})")).unwrap())
}

fn refused(items: &str) -> CodeError {
    prepare(items).expect_err(items)
}

#[test]
fn a_plain_contract_is_accepted() {
    let code = prepare(&format!("{MEMORY_TEXT} {ENTRIES}")).unwrap();
    assert_eq!(code.pages(), 2);
}

#[test]
fn what_linkers_leave_behind_does_no_harm() {
    let items = r#"(import "seal0" "caller" (func (param i32 i32)))
        (global (export "__heap_base") i32 (i32.const 5)) (table (export "table") 3 funcref) (elem (i32.const 1) $f)
        (func $f (export "memcpy") (param i32) (result i32) (local.get 0)) (@custom "producers" "someone")"#;
    prepare(&format!("{items} {ENTRIES}").replace("(global", &format!("{MEMORY_TEXT} (global"))).unwrap();
}

#[test]
fn a_memory_of_its_own_is_accepted_too() {
    prepare(&format!("(memory 1) {ENTRIES}")).unwrap();
}

#[test]
fn imports_must_exist_and_fit() {
    let of = |import: &str| refused(&format!("{import} {MEMORY_TEXT} {ENTRIES}"));
    for import in [
        r#"(import "env" "host" (func))"#,
        r#"(import "seal0" "no_such" (func))"#,
        r#"(import "seal3" "caller" (func (param i32 i32)))"#,
        r#"(import "tallow" "grow" (func (param i32) (result i32)))"#,
        r#"(import "seal0" "caller" (func (param i32)))"#,
        r#"(import "seal0" "caller" (func (param i32 i64)))"#,
        r#"(import "env" "table" (table 1 funcref))"#,
        r#"(import "env" "global" (global i32))"#,
    ] {
        let error = of(import);
        let named = import.split('"').nth(1).unwrap();
        assert!(matches!(&error, CodeError::Import { module, .. } if module == named), "{import}: {error}");
    }
}

#[test]
fn a_memory_from_elsewhere_is_refused() {
    let error = refused(&format!(r#"(import "other" "memory" (memory 1)) {ENTRIES}"#));
    assert!(matches!(&error, CodeError::Import { module, .. } if module == "other"), "{error}");
}

#[test]
fn memories_and_tables_have_limits() {
    assert_eq!(refused(ENTRIES), CodeError::Memory("there is none"));
    let pages = CONTRACT_PAGES_MAX + 1;
    let too_big = refused(&format!(r#"(import "env" "memory" (memory {pages})) {ENTRIES}"#));
    assert!(matches!(too_big, CodeError::TooLarge { max: CONTRACT_PAGES_MAX, .. }), "{too_big}");
    let elements = CONTRACT_TABLE_ELEMENTS_MAX + 1;
    let table = refused(&format!("{MEMORY_TEXT} (table {elements} funcref) {ENTRIES}"));
    assert!(matches!(table, CodeError::TooLarge { max: CONTRACT_TABLE_ELEMENTS_MAX, .. }), "{table}");
    let both = refused(&format!("{MEMORY_TEXT} (memory 1) {ENTRIES}"));
    assert!(matches!(both, CodeError::Invalid(_)), "{both}");
}

#[test]
fn entry_points_must_be_there() {
    let of = |exports: &str| refused(&format!("{MEMORY_TEXT} {exports}"));
    assert!(matches!(of(r#"(func (export "deploy"))"#), CodeError::Export { name: "call", .. }));
    assert!(matches!(of(r#"(func (export "call"))"#), CodeError::Export { name: "deploy", .. }));
    let argument = of(r#"(func (export "call") (param i32)) (func (export "deploy"))"#);
    assert!(matches!(argument, CodeError::Export { name: "call", .. }), "{argument}");
    let global = of(r#"(global (export "call") i32 (i32.const 0)) (func (export "deploy"))"#);
    assert!(matches!(global, CodeError::Export { name: "call", .. }), "{global}");
}

#[test]
fn an_imported_function_is_no_entry_point() {
    let items =
        r#"(import "seal0" "caller" (func $f (param i32 i32))) (export "call" (func $f)) (func (export "deploy"))"#;
    let error = refused(&items.replace("(export \"call\"", &format!("{MEMORY_TEXT} (export \"call\"")));
    assert!(matches!(error, CodeError::Export { name: "call", .. }), "{error}");
}

#[test]
fn start_functions_are_refused() {
    assert_eq!(refused(&format!("{MEMORY_TEXT} {ENTRIES} (func $s) (start $s)")), CodeError::Start);
}

#[test]
fn only_the_listed_features_are_accepted() {
    let accepted = [
        "(func (result v128) (i32x4.splat (i32.const 1)))",
        "(func (result i64 i64) (i64.add128 (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)))",
        "(func (result f64) (f64.sqrt (f64.const 2)))",
        "(func (result i32) (i32.extend8_s (i32.const 200)))",
        "(func (result v128) (f32x4.relaxed_min (v128.const i64x2 0 0) (v128.const i64x2 0 0)))",
        "(global (mut i32) (i32.add (i32.const 1) (i32.const 2)))",
        "(func (result i32 i32 i64) (i32.const 1) (i32.const 1) (i64.const 1))",
    ];
    for items in accepted {
        prepare(&format!("{MEMORY_TEXT} {ENTRIES} {items}")).expect(items);
    }
    let refused_items = [
        "(func $f (return_call $f))",
        "(func (drop (i32.atomic.load (i32.const 0))))",
        "(tag $t) (func (throw $t))",
        "(type (struct))",
        "(func (param externref))",
        "(memory $second i64 1)",
    ];
    for items in refused_items {
        let error = refused(&format!("{MEMORY_TEXT} {ENTRIES} {items}"));
        assert!(matches!(error, CodeError::Invalid(_)), "{items}: {error}");
    }
}

#[test]
fn what_is_not_wasm_is_refused() {
    for bytes in [&b""[..], b"\0asm", b"\0asm\x01\0\0", b"not wasm at all", b"\0asm\x0d\0\x01\0"] {
        let error = engine().prepare(bytes).unwrap_err();
        assert!(!matches!(error, CodeError::Host(_)), "{error}");
    }
    let good = wat::parse_str(format!("(module {MEMORY_TEXT} {ENTRIES})")).unwrap();
    for end in 8..good.len() {
        assert!(engine().prepare(&good[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn sizes_are_limited() {
    let large = vec![0; CODE_BYTES_MAX + 1];
    assert!(matches!(engine().prepare(&large).unwrap_err(), CodeError::TooLarge { .. }));
    let globals = "(global i32 (i32.const 0))".repeat(CONTRACT_GLOBALS_MAX as usize + 1);
    assert!(matches!(
        refused(&format!("{MEMORY_TEXT} {ENTRIES} {globals}")),
        CodeError::TooLarge { what: "globals", .. }
    ));
    let functions = "(func)".repeat(CONTRACT_FUNCTIONS_MAX as usize);
    assert!(matches!(
        refused(&format!("{MEMORY_TEXT} {ENTRIES} {functions}")),
        CodeError::TooLarge { what: "functions", .. }
    ));
    let body = "(drop (i64.const 1234567890123))".repeat(FUNCTION_BYTES_MAX / 8);
    let long = refused(&format!("{MEMORY_TEXT} {ENTRIES} (func {body})"));
    assert!(matches!(long, CodeError::TooLarge { what: "bytes of one function", .. }), "{long}");
}

/// Memory as the versions of ink!, cargo-contract and pink asked for it.
#[test]
fn memory_is_imported_in_many_ways() {
    for (limits, pages) in
        [("2 16", 2), ("2 32", 2), ("17 64", 17), ("23 64", 23), ("1", 1), ("0", 0), ("16 65536", 16)]
    {
        let memory = format!(r#"(import "env" "memory" (memory {limits}))"#);
        let code = prepare(&format!("{memory} {ENTRIES}")).unwrap_or_else(|error| panic!("{limits}: {error}"));
        assert_eq!(code.pages(), pages, "{limits}");
    }
    let caller = r#"(import "seal0" "seal_caller" (func (param i32 i32)))"#;
    let input = r#"(import "seal0" "input" (func (param i32 i32)))"#;
    for order in [[MEMORY_TEXT, caller, input], [caller, MEMORY_TEXT, input], [caller, input, MEMORY_TEXT]] {
        prepare(&format!("{} {ENTRIES}", order.concat())).unwrap();
    }
}

/// What toolchains beyond the first version of Wasm, and unstripped builds, leave in a module.
#[test]
fn builds_of_other_toolchains_are_accepted() {
    let names = r#"(@custom "name" "\00\04\03abc") (@custom "target_features" "\00") (@custom ".debug_info" "????")"#;
    let extended = "(func (result i64) (i64.extend32_s (i64.extend_i32_s (i32.extend8_s (i32.const 200)))))";
    let floats = "(func (param f64) (result i32) (i32.trunc_f64_s (f64.sqrt (local.get 0))))";
    let saturating = "(func (param f32) (result i32) (i32.trunc_sat_f32_u (local.get 0)))";
    let exports = r#"(export "memory" (memory 0)) (global (export "__data_end") i32 (i32.const 1024))"#;
    for part in [names, extended, floats, saturating, exports] {
        prepare(&format!("{MEMORY_TEXT} {ENTRIES} {part}")).unwrap_or_else(|error| panic!("{part}: {error}"));
    }
    prepare(&format!("{MEMORY_TEXT} {ENTRIES} {names} {extended} {floats} {saturating} {exports}")).unwrap();
}

/// As large as an interpreter of JavaScript, and as full of floats.
#[test]
fn a_module_of_a_megabyte_with_floats_is_accepted() {
    let step = "(local.set 0 (f64.add (f64.mul (local.get 0) (f64.const 1.5)) (f64.load (i32.const 1024))))
        (if (f64.gt (local.get 0) (f64.const 1e300)) (then (f64.store (i32.const 1024) (f64.neg (local.get 0)))))";
    let function = format!("(func (param f64) (result f64) {} (local.get 0))", step.repeat(25));
    let wasm = wat::parse_str(format!("(module {MEMORY_TEXT} {ENTRIES} {})", function.repeat(950))).unwrap();
    assert!(wasm.len() > 1_000_000, "{} bytes", wasm.len());
    engine().prepare(&wasm).unwrap();
}
