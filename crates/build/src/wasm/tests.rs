use super::{pieces, strip};
use wasmparser::{Parser, Payload};

fn module(exports: &str, data: &str) -> Vec<u8> {
    let text = format!(
        r#"(module (import "env" "memory" (memory 1)) (func $run) (global $base i32 (i32.const 7)) {exports} {data})"#
    );
    wat::parse_str(text).expect("the text is a module")
}

#[test]
fn keeps_only_entry_points() {
    let wasm =
        module(r#"(export "call" (func $run)) (export "__heap_base" (global 0)) (export "deploy" (func $run))"#, "");
    let stripped = strip(&wasm).expect("a valid module");
    wasmparser::validate(&stripped).expect("still valid");
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(&stripped) {
        match payload.expect("valid") {
            Payload::ExportSection(exports) => {
                names.extend(exports.into_iter().map(|export| export.expect("valid").name.to_owned()));
            }
            Payload::CustomSection(section) => panic!("section {} is left", section.name()),
            _ => {}
        }
    }
    assert_eq!(names, ["call", "deploy"]);
}

#[test]
fn refuses_a_module_without_entry_points() {
    let wasm = module(r#"(export "call" (func $run))"#, "");
    assert!(strip(&wasm).is_err());
    assert!(strip(b"\0asm").is_err());
}

#[test]
fn cuts_zeros_out_of_data() {
    let zeros = "\\00".repeat(4000);
    let exports = r#"(export "call" (func $run)) (export "deploy" (func $run))"#;
    let wasm = module(exports, &format!(r#"(data (i32.const 1024) "one{zeros}two")"#));
    let stripped = strip(&wasm).expect("a valid module");
    wasmparser::validate(&stripped).expect("still valid");
    assert!(stripped.len() < 200, "{} bytes are left", stripped.len());
}

#[test]
fn pieces_and_the_zeros_between_them_are_the_data() {
    for data in [vec![], vec![0; 100], [vec![1; 3], vec![0; 16], vec![2], vec![0; 15], vec![3], vec![0; 40]].concat()] {
        let mut rebuilt = vec![0; data.len()];
        for (at, bytes) in pieces(&data) {
            rebuilt[at..at + bytes.len()].copy_from_slice(bytes);
        }
        assert_eq!(rebuilt, data);
    }
}
