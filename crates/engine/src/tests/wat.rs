//! Builds contracts out of the bodies of their entry points.

use std::{collections::BTreeSet, fmt::Write};

/// Every function a contract may import: module, name, parameters, whether it returns a word.
///
/// Parameters: `p` a pointer that must be readable or writable (`h` to a code hash, `v` to zeros, as a balance, `s` to an ECDSA
/// signature, `k` to a public key), `n` a pointer to the capacity of the output before it, `l` the length of what a
/// pointer points to (`a` of an account, `b` of a balance), `x` a function of the chain extension, `i` flags, `g` a
/// 64-bit word.
pub(crate) const IMPORTS: &[(&str, &str, &str, &str)] = &[
    ("seal0", "set_storage", "ppl", ""),
    ("seal1", "set_storage", "ppl", "i"),
    ("seal2", "set_storage", "plpl", "i"),
    ("seal0", "clear_storage", "p", ""),
    ("seal1", "clear_storage", "pl", "i"),
    ("seal0", "get_storage", "ppn", "i"),
    ("seal1", "get_storage", "plpn", "i"),
    ("seal0", "contains_storage", "p", "i"),
    ("seal1", "contains_storage", "pl", "i"),
    ("seal0", "take_storage", "plpn", "i"),
    ("seal0", "set_transient_storage", "plpl", "i"),
    ("seal0", "clear_transient_storage", "pl", "i"),
    ("seal0", "get_transient_storage", "plpn", "i"),
    ("seal0", "contains_transient_storage", "pl", "i"),
    ("seal0", "take_transient_storage", "plpn", "i"),
    ("seal0", "transfer", "pavb", "i"),
    ("seal0", "call", "pagvbplpn", "i"),
    ("seal1", "call", "ipgvplpn", "i"),
    ("seal2", "call", "ipggvvplpn", "i"),
    ("seal0", "delegate_call", "ihplpn", "i"),
    ("seal0", "instantiate", "hagvbplpnpnpl", "i"),
    ("seal1", "instantiate", "hgvplpnpnpl", "i"),
    ("seal2", "instantiate", "hggvvplpnpnpl", "i"),
    ("seal0", "terminate", "pa", ""),
    ("seal1", "terminate", "p", ""),
    ("seal0", "set_code_hash", "h", "i"),
    ("seal0", "lock_delegate_dependency", "h", ""),
    ("seal0", "unlock_delegate_dependency", "h", ""),
    ("seal0", "add_delegate_dependency", "h", ""),
    ("seal0", "remove_delegate_dependency", "h", ""),
    ("seal0", "input", "pn", ""),
    ("seal0", "seal_return", "ipl", ""),
    ("seal0", "caller", "pn", ""),
    ("seal0", "address", "pn", ""),
    ("seal0", "balance", "pn", ""),
    ("seal0", "value_transferred", "pn", ""),
    ("seal0", "now", "pn", ""),
    ("seal0", "minimum_balance", "pn", ""),
    ("seal0", "block_number", "pn", ""),
    ("seal0", "gas_left", "pn", ""),
    ("seal1", "gas_left", "pn", ""),
    ("seal0", "weight_to_fee", "gpn", ""),
    ("seal1", "weight_to_fee", "ggpn", ""),
    ("seal0", "own_code_hash", "pn", ""),
    ("seal0", "code_hash", "ppn", "i"),
    ("seal0", "is_contract", "p", "i"),
    ("seal0", "caller_is_origin", "", "i"),
    ("seal0", "caller_is_root", "", "i"),
    ("seal0", "reentrance_count", "", "i"),
    ("seal0", "account_reentrance_count", "p", "i"),
    ("seal0", "instantiation_nonce", "", "g"),
    ("seal0", "deposit_event", "vlpl", ""),
    ("seal0", "debug_message", "pl", "i"),
    ("seal0", "call_runtime", "pl", "i"),
    ("seal0", "xcm_execute", "pl", "i"),
    ("seal0", "xcm_send", "pplp", "i"),
    ("seal0", "hash_sha2_256", "plp", ""),
    ("seal0", "hash_keccak_256", "plp", ""),
    ("seal0", "hash_blake2_256", "plp", ""),
    ("seal0", "hash_blake2_128", "plp", ""),
    ("seal0", "ecdsa_recover", "spp", "i"),
    ("seal0", "ecdsa_to_eth_address", "kp", "i"),
    ("seal0", "sr25519_verify", "pplp", "i"),
    ("seal0", "call_chain_extension", "xplpn", "i"),
];

/// Where `$input` puts the input.
pub(crate) const INPUT: u32 = 1024;
/// Where bodies may put output; its capacity is at [`OUTPUT_LEN`].
pub(crate) const OUTPUT: u32 = 16_384;
/// Where the capacity of the output is.
pub(crate) const OUTPUT_LEN: u32 = 16_380;

/// A contract under construction.
#[derive(Clone, Default)]
pub(crate) struct Wat {
    call: String,
    deploy: String,
    items: String,
}

/// A contract with this body of `call`, an empty constructor and two pages of memory.
///
/// Beside the imports, as `$seal1.get_storage`, bodies may use `$input` (copies the input to [`INPUT`] and gives its
/// length), `$return` (pointer, length), `$answer` (a word), `$revert` (a word) and `$fill` (pointer, length, byte).
pub(crate) fn contract(call: impl Into<String>) -> Wat {
    Wat { call: call.into(), ..Wat::default() }
}

impl Wat {
    /// Sets the constructor's body.
    pub(crate) fn deploy(mut self, body: &str) -> Self {
        self.deploy = body.into();
        self
    }

    /// Adds functions, globals, tables or anything else.
    pub(crate) fn with(mut self, items: &str) -> Self {
        self.items += items;
        self
    }

    /// Puts bytes into the memory.
    pub(crate) fn data(self, at: u32, bytes: &[u8]) -> Self {
        let mut text = String::new();
        for byte in bytes {
            write!(text, "\\{byte:02x}").unwrap();
        }
        self.with(&format!("(data (i32.const {at}) \"{text}\")"))
    }

    /// The module.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        wat::parse_str(self.text()).unwrap()
    }

    fn text(&self) -> String {
        let body = format!("{} {} {} {HELPERS}", self.call, self.deploy, self.items);
        let used: BTreeSet<_> = body.split(|c: char| c.is_whitespace() || c == ')').collect();
        let mut imports = String::new();
        for (module, name, parameters, result) in IMPORTS {
            if used.contains(format!("${module}.{name}").as_str()) {
                let (parameters, result) = (types("param", parameters), types("result", result));
                imports += &format!("(import \"{module}\" \"{name}\" (func ${module}.{name} {parameters} {result}))");
            }
        }
        let Self { call, deploy, items } = self;
        format!(
            r#"(module {imports} (import "env" "memory" (memory 2 16))
                (func (export "call") {call}) (func (export "deploy") {deploy}) {HELPERS} {items})"#
        )
    }
}

fn types(kind: &str, letters: &str) -> String {
    letters.chars().map(|letter| format!("({kind} {})", if letter == 'g' { "i64" } else { "i32" })).collect()
}

const HELPERS: &str = r#"
    (func $input (result i32)
        (i32.store (i32.const 1020) (i32.const 15000))
        (call $seal0.input (i32.const 1024) (i32.const 1020))
        (i32.load (i32.const 1020)))
    (func $return (param i32 i32) (call $seal0.seal_return (i32.const 0) (local.get 0) (local.get 1)))
    (func $answer (param i32)
        (i32.store (i32.const 8) (local.get 0)) (call $return (i32.const 8) (i32.const 4)))
    (func $revert (param i32)
        (i32.store (i32.const 8) (local.get 0))
        (call $seal0.seal_return (i32.const 1) (i32.const 8) (i32.const 4)))
    (func $fill (param i32 i32 i32)
        (memory.fill (local.get 0) (local.get 2) (local.get 1)))
"#;

/// A body that calls one function that writes output and returns what it wrote. `arguments` come before the output.
pub(crate) fn output_of(function: &str, arguments: &str) -> String {
    format!(
        "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 15000))
         (call {function} {arguments} (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN}))
         (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))"
    )
}
