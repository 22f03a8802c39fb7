//! The host functions, as both sides know them.

/// A host function: module, name, parameters, result, whether it also has a name with the prefix `seal_`.
///
/// A parameter's letter says what it is, so that arguments can be made of it. Pointers: `p` to input of length `l`; `f` to
/// an account or 32 bytes, `h` to a code hash, `v` to a balance, `d` to a limit of deposit, `s` to a signature, `k` to a
/// public key, `t` to topics; `o` to output, whose capacity is behind the next `n`; `w` to output of fixed size. Numbers:
/// `l` and `m` lengths, `i` flags or what is ignored, `x` a function of the chain extension, `g` of 64 bits. Results: `i`,
/// `g` or nothing.
pub type Function = (&'static str, &'static str, &'static str, &'static str, bool);

/// All functions that both sides have.
pub const FUNCTIONS: &[Function] = &[
    ("seal0", "set_storage", "fpl", "", true),
    ("seal1", "set_storage", "fpl", "i", true),
    ("seal2", "set_storage", "plpl", "i", true),
    ("seal0", "clear_storage", "f", "", true),
    ("seal1", "clear_storage", "pl", "i", true),
    ("seal0", "get_storage", "fon", "i", true),
    ("seal1", "get_storage", "plon", "i", true),
    ("seal0", "contains_storage", "f", "i", true),
    ("seal1", "contains_storage", "pl", "i", true),
    ("seal0", "take_storage", "plon", "i", true),
    ("seal0", "set_transient_storage", "plpl", "i", false),
    ("seal0", "clear_transient_storage", "pl", "i", false),
    ("seal0", "get_transient_storage", "plon", "i", false),
    ("seal0", "contains_transient_storage", "pl", "i", false),
    ("seal0", "take_transient_storage", "plon", "i", false),
    ("seal0", "transfer", "fivi", "i", true),
    ("seal0", "call", "figviplon", "i", true),
    ("seal1", "call", "ifgvplon", "i", true),
    ("seal2", "call", "ifggdvplon", "i", false),
    ("seal0", "delegate_call", "ihplon", "i", true),
    ("seal0", "instantiate", "higviplononpl", "i", true),
    ("seal1", "instantiate", "hgvplononpl", "i", true),
    ("seal2", "instantiate", "hggdvplononpl", "i", false),
    ("seal0", "terminate", "fi", "", true),
    ("seal1", "terminate", "f", "", true),
    ("seal0", "input", "on", "", true),
    ("seal0", "seal_return", "ipl", "", false),
    ("seal0", "caller", "on", "", true),
    ("seal0", "is_contract", "f", "i", true),
    ("seal0", "code_hash", "fon", "i", true),
    ("seal0", "own_code_hash", "on", "", true),
    ("seal0", "caller_is_origin", "", "i", true),
    ("seal0", "caller_is_root", "", "i", false),
    ("seal0", "address", "on", "", true),
    ("seal0", "weight_to_fee", "gon", "", true),
    ("seal1", "weight_to_fee", "ggon", "", false),
    ("seal0", "gas_left", "on", "", true),
    ("seal1", "gas_left", "on", "", false),
    ("seal0", "balance", "on", "", true),
    ("seal0", "value_transferred", "on", "", true),
    ("seal0", "now", "on", "", true),
    ("seal0", "minimum_balance", "on", "", true),
    ("seal0", "deposit_event", "tmpl", "", true),
    ("seal0", "block_number", "on", "", true),
    ("seal0", "hash_sha2_256", "plw", "", true),
    ("seal0", "hash_keccak_256", "plw", "", true),
    ("seal0", "hash_blake2_256", "plw", "", true),
    ("seal0", "hash_blake2_128", "plw", "", true),
    ("seal0", "call_chain_extension", "xplon", "i", true),
    ("seal0", "debug_message", "pl", "i", true),
    ("seal0", "call_runtime", "pl", "i", false),
    ("seal0", "xcm_execute", "pl", "i", false),
    ("seal0", "xcm_send", "fplw", "i", false),
    ("seal0", "ecdsa_recover", "sfw", "i", true),
    ("seal0", "sr25519_verify", "skmp", "i", false),
    ("seal0", "set_code_hash", "h", "i", true),
    ("seal0", "ecdsa_to_eth_address", "kw", "i", true),
    ("seal0", "reentrance_count", "", "i", false),
    ("seal0", "account_reentrance_count", "f", "i", false),
    ("seal0", "instantiation_nonce", "", "g", false),
    ("seal0", "lock_delegate_dependency", "h", "", false),
    ("seal0", "unlock_delegate_dependency", "h", "", false),
];

/// Functions that the engine alone has: earlier names of two of the others.
pub const OURS: &[Function] =
    &[("seal0", "add_delegate_dependency", "h", "", false), ("seal0", "remove_delegate_dependency", "h", "", false)];

/// The number of a function.
///
/// # Panics
/// When there is none of this name, `module.name`.
pub fn number(name: &str) -> usize {
    let find = |function: &Function| name.split_once('.') == Some((function.0, function.1));
    FUNCTIONS.iter().position(find).unwrap_or_else(|| panic!("no function {name}"))
}
