//! Small contracts for what is measured beside computing.

/// Takes its input and returns it: the shortest message there is.
pub(crate) const EMPTY: &str = r#"(module (import "env" "memory" (memory 2 16))
    (import "seal0" "input" (func $input (param i32 i32)))
    (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
    (func (export "deploy"))
    (func (export "call")
        (i32.store (i32.const 0) (i32.const 64)) (call $input (i32.const 64) (i32.const 0))
        (call $return (i32.const 0) (i32.const 64) (i32.load (i32.const 0)))))"#;

/// Input: 1 to write or 0 to read (a byte), then the length of the value (four bytes). The key is of 32 zeros.
pub(crate) const STORAGE: &str = r#"(module (import "env" "memory" (memory 2 16))
    (import "seal0" "input" (func $input (param i32 i32)))
    (import "seal2" "set_storage" (func $set (param i32 i32 i32 i32) (result i32)))
    (import "seal1" "get_storage" (func $get (param i32 i32 i32 i32) (result i32)))
    (func (export "deploy"))
    (func (export "call")
        (i32.store (i32.const 0) (i32.const 16)) (call $input (i32.const 8) (i32.const 0))
        (i32.store (i32.const 4) (i32.load (i32.const 9)))
        (if (i32.load8_u (i32.const 8))
            (then (drop (call $set (i32.const 64) (i32.const 32) (i32.const 1024) (i32.load (i32.const 4)))))
            (else (if (call $get (i32.const 64) (i32.const 32) (i32.const 1024) (i32.const 4))
                (then (unreachable)))))))"#;

/// Input: addresses of the contracts to call, one inside the other.
pub(crate) const CHAIN: &str = r#"(module (import "env" "memory" (memory 2 16))
    (import "seal0" "input" (func $input (param i32 i32)))
    (import "seal1" "seal_call"
        (func $call (param i32 i32 i64 i32 i32 i32 i32 i32) (result i32)))
    (func (export "deploy"))
    (func (export "call")
        (i32.store (i32.const 0) (i32.const 256)) (call $input (i32.const 64) (i32.const 0))
        (if (i32.load (i32.const 0)) (then
            (if (call $call (i32.const 0) (i32.const 64) (i64.const 0) (i32.const 512)
                    (i32.const 96) (i32.sub (i32.load (i32.const 0)) (i32.const 32)) (i32.const -1) (i32.const 0))
                (then (unreachable)))))))"#;

/// Calls a host function as often as the input says (four bytes).
///
/// `signature` has its parameters and result, `arguments` the constants of each call. Memory: the input at 0, zeros at
/// 1024, `data` at 2048, room for output at 65536 with its capacity at 1020.
pub(crate) fn repeated(module: &str, name: &str, signature: &str, arguments: &str, data: &[u8]) -> String {
    let drop = if signature.contains("result") { "drop" } else { "block" };
    let data: String = data.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!(
        r#"(module (import "env" "memory" (memory 18 64))
        (import "seal0" "input" (func $input (param i32 i32)))
        (import "{module}" "{name}" (func $host {signature}))
        (data (i32.const 2048) "{data}")
        (func (export "deploy"))
        (func (export "call") (local $left i32)
            (i32.store (i32.const 8) (i32.const 4)) (call $input (i32.const 0) (i32.const 8))
            (local.set $left (i32.load (i32.const 0)))
            (block $end (loop $again
                (br_if $end (i32.eqz (local.get $left)))
                (i32.store (i32.const 1020) (i32.const 1048576))
                ({drop} (call $host {arguments}))
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                (br $again)))))"#
    )
}
