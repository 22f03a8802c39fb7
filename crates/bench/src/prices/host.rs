//! Host functions with the arguments for which they are slowest, the cluster's share of their work included.

use super::{
    kernel::Kernel,
    world::{KEYS, LARGE},
};
use parity_scale_codec::Encode;
use tallow_crypto::{
    Secret,
    contract::{self, SigType},
};

const P: &str = "param i32 i32";

/// Memory: a key of 32 bytes at 1024, given data at 2048, a value's capacity at 1020, room from 8192 on. The key is
/// another one in each round.
const NEXT_KEY: &str =
    "(i32.store (i32.const 1024) (i32.rem_u (i32.mul (local.get $n) (i32.const 7919)) (i32.const KEYS)))
    (i32.store (i32.const 1020) (i32.const 100000))";

pub(crate) fn kernels() -> Vec<Kernel> {
    [storage(), facts(), texts(), hashes(), signatures(), calls(), extension()].concat()
}

/// A kernel that calls one function. Room for output is on pages that are there from the start.
fn kernel(name: &str, (module, function): (&str, &str), ty: &str, arguments: &str) -> Kernel {
    let result = ty.contains("result");
    let parameters = ty.trim_end_matches(" result");
    let import = format!(
        "(import \"{module}\" \"{function}\" (func $host ({parameters}) {}))",
        if result { "(result i32)" } else { "" }
    );
    let call = format!("(call $host {arguments})");
    let call = if result { format!("(drop {call})") } else { call };
    Kernel::new(format!("host/{name}"), NEXT_KEY.replace("KEYS", &KEYS.to_string()) + &call)
        .imports(import)
        .pages(4, 16)
}

fn given(kernel: Kernel, data: &[u8]) -> Kernel {
    let text: String = data.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let items = format!("{}(data (i32.const 2048) \"{text}\")", kernel.items);
    kernel.items(items)
}

fn constants(values: &[i64]) -> String {
    values.iter().map(|value| format!("(i32.const {value})")).collect()
}

fn storage() -> Vec<Kernel> {
    let (four, two) = ("param i32 i32 i32 i32 result", "param i32 i32 result");
    let large = i64::try_from(LARGE).unwrap_or_default();
    let get_large = Kernel::new(
        "host/get_storage_large",
        "(drop (call $host (i32.const 1024) (i32.const 32) (i32.const 65536) (i32.const 1016)))",
    )
    .imports(r#"(import "seal1" "get_storage" (func $host (param i32 i32 i32 i32) (result i32)))"#)
    .pages(18, 18)
    .setup("(i32.store (i32.const 1024) (i32.const -1)) (i32.store (i32.const 1016) (i32.const 1100000))");
    vec![
        kernel("get_storage", ("seal1", "get_storage"), four, &constants(&[1024, 32, 8192, 1020])),
        kernel("get_storage_none", ("seal1", "get_storage"), four, &constants(&[1024, 31, 8192, 1020])),
        get_large,
        kernel("contains_storage", ("seal1", "contains_storage"), two, &constants(&[1024, 32])),
        kernel("set_storage", ("seal2", "set_storage"), four, &constants(&[1024, 32, 8192, 32])).most(20_000),
        kernel("set_storage_new", ("seal2", "set_storage"), four, &constants(&[1024, 30, 8192, 32])).most(20_000),
        kernel("set_storage_empty", ("seal2", "set_storage"), four, &constants(&[1024, 32, 8192, 0])).most(20_000),
        kernel("set_storage_16k", ("seal2", "set_storage"), four, &constants(&[1024, 32, 8192, 16_384])).most(1_500),
        kernel("set_storage_large", ("seal2", "set_storage"), four, &constants(&[1024, 32, 65_536, large]))
            .pages(18, 18)
            .most(28),
        kernel("clear_storage", ("seal1", "clear_storage"), two, &constants(&[1024, 32])).most(20_000),
        kernel("clear_storage_none", ("seal1", "clear_storage"), two, &constants(&[1024, 31])),
        kernel("take_storage", ("seal0", "take_storage"), four, &constants(&[1024, 32, 8192, 1020])).most(20_000),
        kernel("set_transient", ("seal0", "set_transient_storage"), four, &constants(&[1024, 32, 8192, 0])).most(7_000),
        kernel("get_transient", ("seal0", "get_transient_storage"), four, &constants(&[1024, 32, 8192, 1020])),
    ]
}

fn facts() -> Vec<Kernel> {
    let output = |name: &str| kernel(name, ("seal0", name), P, &constants(&[8192, 1020]));
    vec![
        output("caller"),
        output("address"),
        output("balance"),
        output("now"),
        output("gas_left"),
        output("own_code_hash"),
        output("input"),
        output("minimum_balance"),
        kernel("is_contract", ("seal0", "is_contract"), "param i32 result", &constants(&[1024])),
        kernel("code_hash", ("seal0", "code_hash"), "param i32 i32 i32 result", &constants(&[1024, 8192, 1020])),
        kernel(
            "account_reentrance_count",
            ("seal0", "account_reentrance_count"),
            "param i32 result",
            &constants(&[1024]),
        ),
        kernel("caller_is_origin", ("seal0", "caller_is_origin"), "param result", ""),
        kernel("transfer", ("seal0", "transfer"), "param i32 i32 i32 i32 result", &constants(&[1024, 32, 2048, 16]))
            .items("(data (i32.const 2048) \"\\01\")")
            .most(10_000),
        kernel("set_code_hash_none", ("seal0", "set_code_hash"), "param i32 result", &constants(&[1024])),
    ]
}

fn texts() -> Vec<Kernel> {
    let two = "param i32 i32 result";
    let fill = "(memory.fill (i32.const 8192) (i32.const 97) (i32.const 140000))";
    // Letters of three bytes each, which take longest to check.
    let wide = "(local.set $i (i32.const 0)) (loop $w (i32.store (i32.add (i32.const 8192) (i32.mul (local.get $i) (i32.const 3))) (i32.const 0x00ac82e2))
        (br_if $w (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 43000))))";
    let event = |name: &str, topics: i64, length: i64| {
        kernel(name, ("seal0", "deposit_event"), "param i32 i32 i32 i32", &constants(&[2048, topics, 8192, length]))
            .most(1_000)
    };
    vec![
        kernel("debug_message", ("seal0", "debug_message"), two, &constants(&[8192, 0])),
        kernel("debug_message_32", ("seal0", "debug_message"), two, &constants(&[8192, 32])).setup(fill),
        kernel("debug_message_128k", ("seal0", "debug_message"), two, &constants(&[8192, 131_072])).setup(fill),
        kernel("debug_message_wide", ("seal0", "debug_message"), two, &constants(&[8192, 128_997]))
            .locals("(local $i i32)")
            .setup(wide),
        event("deposit_event", 0, 0),
        given(event("deposit_event_topics", 129, 64), &[&[16_u8][..], &[1; 128]].concat()),
        event("deposit_event_16k", 0, 16_384),
    ]
}

fn hashes() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    for function in ["hash_sha2_256", "hash_keccak_256", "hash_blake2_256", "hash_blake2_128"] {
        for length in [0, 137, 100_000] {
            kernels.push(kernel(
                &format!("{function}_{length}"),
                ("seal0", function),
                "param i32 i32 i32",
                &constants(&[8192, length, 128]),
            ));
        }
    }
    kernels
}

fn sr25519_key() -> Vec<u8> {
    contract::sr25519_expand(&Secret::new([7; 32])).expose().to_vec()
}

fn signatures() -> Vec<Kernel> {
    let hash = [3; 32];
    let ecdsa = contract::ecdsa_sign_prehashed(&[7; 32], &hash).expect("the key is valid");
    let compressed = contract::public_key(SigType::Ecdsa, &[7; 32]).expect("the key is valid");
    let (key, message) = (sr25519_key(), [3; 32]);
    let signature = contract::sign(SigType::Sr25519, &key, &message).expect("the key is valid");
    let public = contract::public_key(SigType::Sr25519, &key).expect("the key is valid");
    vec![
        given(
            kernel(
                "ecdsa_recover",
                ("seal0", "ecdsa_recover"),
                "param i32 i32 i32 result",
                &constants(&[2048, 2113, 128]),
            ),
            &[&ecdsa[..], &hash].concat(),
        ),
        given(
            kernel(
                "ecdsa_to_eth_address",
                ("seal0", "ecdsa_to_eth_address"),
                "param i32 i32 result",
                &constants(&[2048, 128]),
            ),
            &compressed,
        ),
        given(
            kernel(
                "sr25519_verify",
                ("seal0", "sr25519_verify"),
                "param i32 i32 i32 i32 result",
                &constants(&[2048, 2112, 32, 2144]),
            ),
            &[&signature[..], &public, &message].concat(),
        ),
        given(
            kernel(
                "sr25519_verify_100k",
                ("seal0", "sr25519_verify"),
                "param i32 i32 i32 i32 result",
                &constants(&[2048, 2112, 100_000, 8192]),
            ),
            &[&signature[..], &public].concat(),
        ),
    ]
}

/// A contract that returns at once.
const NOTHING: &str =
    r#"(module (import "env" "memory" (memory 2 16)) (func (export "deploy")) (func (export "call")))"#;
/// A contract that returns much.
const MUCH: &str = r#"(module (import "env" "memory" (memory 4 16)) (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
    (func (export "deploy")) (func (export "call") (call $return (i32.const 0) (i32.const 0) (i32.const 250000))))"#;
/// A contract that calls itself until it may not.
const DEEP: &str = r#"(module (import "env" "memory" (memory 2 16))
    (import "seal1" "seal_call" (func $call (param i32 i32 i64 i32 i32 i32 i32 i32) (result i32)))
    (data (i32.const 64) "\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07\07")
    (func (export "deploy"))
    (func (export "call") (drop (call $call (i32.const 8) (i32.const 64) (i64.const 0) (i32.const 512) (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0)))))"#;

fn calls() -> Vec<Kernel> {
    let import = r#"(import "seal1" "seal_call" (func $host (param i32 i32 i64 i32 i32 i32 i32 i32) (result i32)))"#;
    let call = |name: &str, to: u32, value: u32, length: u32| {
        let body = NEXT_KEY.replace("KEYS", &KEYS.to_string())
            + &format!(
                "(drop (call $host (i32.const 8) (i32.const {to}) (i64.const 0) (i32.const {value}) (i32.const 8192) (i32.const {length}) (i32.const -1) (i32.const 0)))"
            );
        given(Kernel::new(format!("host/{name}"), body).imports(import), &[[7; 32], [0; 32]].concat())
            .setup("(i64.store (i32.const 2200) (i64.const 1)) (i64.store (i32.const 2308) (i64.const -1))")
    };
    let delegate = r#"(import "seal0" "delegate_call" (func $host (param i32 i32 i32 i32 i32 i32) (result i32)))"#;
    let instantiate = r#"(import "seal1" "instantiate" (func $host (param i32 i64 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))"#;
    vec![
        call("call", 2048, 2100, 0).callee(NOTHING),
        call("call_with_value", 2048, 2200, 0).callee(NOTHING),
        call("call_too_much_value", 2048, 2300, 0).callee(NOTHING),
        call("call_nobody", 1024, 2100, 0),
        call("call_nobody_100k", 1024, 2100, 100_000).pages(4, 16),
        call("call_much", 2048, 2100, 0).callee(MUCH),
        call("call_deep", 2048, 2100, 0).callee(DEEP),
        Kernel::new("host/delegate_call_none", "(drop (call $host (i32.const 0) (i32.const 1024) (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0)))").imports(delegate),
        Kernel::new("host/instantiate_none", "(drop (call $host (i32.const 1024) (i64.const 0) (i32.const 2100) (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0) (i32.const -1) (i32.const 0) (i32.const 0) (i32.const 0)))").imports(instantiate),
        Kernel::new("host/return_large", "(call $host (i32.const 0) (i32.const 0) (i32.const 1048576))").pages(17, 17).whole()
            .imports(r#"(import "seal0" "seal_return" (func $host (param i32 i32 i32)))"#),
    ]
}

/// Functions of the chain extension.
fn extension() -> Vec<Kernel> {
    let function = |name: &str, number: i64, data: Vec<u8>| {
        let arguments = constants(&[number, 2048, i64::try_from(data.len()).unwrap_or_default(), 8192 + 65_536, 1020]);
        given(kernel(name, ("seal0", "call_chain_extension"), "param i32 i32 i32 i32 i32 result", &arguments), &data)
    };
    let (key, message) = (sr25519_key(), vec![3_u8; 32]);
    let signature = contract::sign(SigType::Sr25519, &key, &message).expect("the key is valid");
    let public = contract::public_key(SigType::Sr25519, &key).expect("the key is valid");
    let ecdsa_key = vec![7_u8; 32];
    let headers = |count: usize, text: &str| ("http://x", "GET", vec![(text, text); count], Vec::<u8>::new()).encode();
    vec![
        function("pink_sign", 2, (SigType::Sr25519, key.clone(), message.clone()).encode()),
        function("pink_sign_ed25519", 2, (SigType::Ed25519, vec![7_u8; 32], message.clone()).encode()),
        function("pink_sign_ecdsa", 2, (SigType::Ecdsa, ecdsa_key.clone(), message.clone()).encode()),
        function("pink_verify", 3, (SigType::Sr25519, public, message, signature).encode()),
        function("pink_derive_key", 4, vec![1_u8; 8].encode()),
        function("pink_public_key", 5, (SigType::Sr25519, key).encode()),
        function("pink_public_key_ecdsa", 5, (SigType::Ecdsa, ecdsa_key.clone()).encode()),
        function("pink_cache_set", 6, (vec![1_u8; 8], vec![1_u8; 32]).encode()).most(20_000),
        function("pink_cache_get", 8, vec![1_u8; 8].encode()),
        function("pink_log", 10, (3_u8, "thirty-two bytes of a log line..").encode()),
        function("pink_log_wide", 10, (3_u8, "\u{20ac}".repeat(15_000)).encode()),
        function("pink_random", 11, 255_u8.encode()),
        function("pink_is_in_transaction", 12, Vec::new()),
        function("pink_ecdsa_sign", 13, (ecdsa_key, [3_u8; 32]).encode()),
        function("pink_balance_of", 16, [2_u8; 32].encode()),
        function("pink_time", 18, Vec::new()),
        function("pink_http_many_headers", 1, headers(20_000, "")),
        function("pink_http_many_long_headers", 1, headers(5_000, "abcd")),
        function(
            "pink_http_batch",
            22,
            (vec![("", "", Vec::<(String, String)>::new(), Vec::<u8>::new()); 10_000], 1_u64).encode(),
        ),
    ]
}
