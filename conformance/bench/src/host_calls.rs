//! Gas of host functions against the time they take.

use crate::{
    clock::time_ms,
    contracts::repeated,
    tallow::{CALLER, Tallow, returned},
};
use anyhow::Context as _;
use parity_scale_codec::Encode;
use std::sync::Arc;
use tallow_crypto::{
    Secret,
    contract::{self, SigType},
};
use tallow_engine::Changes;
use tallow_state::Map;

/// Calls of the function in one message.
const CALLS: u32 = 200;
/// Messages of one sample.
const MESSAGES: u32 = 10;
/// Samples, of which the least counts: noise only adds.
const SAMPLES: usize = 5;
const ADDRESS: [u8; 32] = [5; 32];
/// A million of picoseconds is a microsecond.
const PS_PER_MS: f64 = 1e9;

/// A host function's price and cost.
pub(crate) struct Figures {
    pub(crate) name: &'static str,
    pub(crate) gas: f64,
    /// Picoseconds in the engine.
    pub(crate) engine_ps: f64,
    /// Picoseconds that the cluster's state takes beside it: a lookup, or a write and its share of the new root.
    pub(crate) state_ps: f64,
}

/// What a host function does to the cluster's state, which is not part of the engine.
#[derive(Clone, Copy)]
enum Access {
    None,
    /// Looks up so many items.
    Read(u32),
    /// Looks up an item and writes a value of so many bytes.
    Write(usize),
    /// Two balances.
    Move,
}

/// A host function to measure.
struct Case {
    name: &'static str,
    state: Access,
    module: &'static str,
    function: &'static str,
    signature: &'static str,
    arguments: String,
    data: Vec<u8>,
}

fn case(
    name: &'static str,
    (module, function): (&'static str, &'static str),
    signature: &'static str,
    arguments: &[i64],
) -> Case {
    let wide = signature.split_whitespace().filter(|word| matches!(*word, "i32" | "i64"));
    let arguments = arguments.iter().zip(wide).map(|(value, ty)| format!("({ty}.const {value})")).collect();
    Case { name, state: Access::None, module, function, signature, arguments, data: Vec::new() }
}

const OUT: i64 = 65_536;
const CAPACITY: i64 = 1_020;
const ZEROS: i64 = 1_024;
const DATA: i64 = 2_048;

const P2: &str = "(param i32 i32 )";
const P3: &str = "(param i32 i32 i32 )";

impl Case {
    fn with(self, state: Access) -> Self {
        Self { state, ..self }
    }
}

fn surroundings() -> Vec<Case> {
    let output = |name, function| case(name, ("seal0", function), P2, &[OUT, CAPACITY]);
    vec![
        output("caller", "caller"),
        output("address", "address"),
        output("balance", "balance").with(Access::Read(1)),
        output("now", "now"),
        output("block_number", "block_number"),
        output("gas_left", "gas_left"),
        output("value_transferred", "value_transferred"),
        output("own_code_hash", "own_code_hash").with(Access::Read(1)),
        output("input", "input"),
        case("is_contract", ("seal0", "is_contract"), "(param i32 ) (result i32)", &[DATA]).with(Access::Read(1)),
        case("code_hash", ("seal0", "code_hash"), "(param i32 i32 i32 ) (result i32)", &[DATA, OUT, CAPACITY])
            .with(Access::Read(1)),
        case("caller_is_origin", ("seal0", "caller_is_origin"), "(result i32)", &[]),
    ]
}

fn storage() -> Vec<Case> {
    let set = |name, length| {
        case(name, ("seal2", "set_storage"), "(param i32 i32 i32 i32 ) (result i32)", &[ZEROS, 32, OUT, length])
    };
    let get = "(param i32 i32 i32 i32 ) (result i32)";
    vec![
        set("set_storage_32", 32).with(Access::Write(32)),
        set("set_storage_16k", 16_384).with(Access::Write(16_384)),
        case("get_storage_none", ("seal1", "get_storage"), get, &[ZEROS, 32, OUT, CAPACITY]).with(Access::Read(1)),
        case("contains_storage", ("seal1", "contains_storage"), "(param i32 i32 ) (result i32)", &[ZEROS, 32])
            .with(Access::Read(1)),
        case("clear_storage", ("seal1", "clear_storage"), "(param i32 i32 ) (result i32)", &[ZEROS, 32])
            .with(Access::Read(1)),
        case("deposit_event_32", ("seal0", "deposit_event"), "(param i32 i32 i32 i32 )", &[ZEROS, 0, OUT, 32]),
        case("debug_message_32", ("seal0", "debug_message"), "(param i32 i32 ) (result i32)", &[DATA, 32]),
        case("transfer", ("seal0", "transfer"), "(param i32 i32 i32 i32 ) (result i32)", &[DATA, 32, DATA + 32, 16])
            .with(Access::Move),
    ]
}

fn crypto() -> Vec<Case> {
    let hash = |name, function, length| case(name, ("seal0", function), P3, &[OUT, length, OUT]);
    let mut cases = vec![
        hash("hash_sha2_256_32", "hash_sha2_256", 32),
        hash("hash_sha2_256_16k", "hash_sha2_256", 16_384),
        hash("hash_keccak_256_32", "hash_keccak_256", 32),
        hash("hash_keccak_256_16k", "hash_keccak_256", 16_384),
        hash("hash_blake2_256_32", "hash_blake2_256", 32),
        hash("hash_blake2_256_16k", "hash_blake2_256", 16_384),
        hash("hash_blake2_128_32", "hash_blake2_128", 32),
    ];
    cases.push(Case {
        data: ecdsa(),
        ..case(
            "ecdsa_recover",
            ("seal0", "ecdsa_recover"),
            "(param i32 i32 i32 ) (result i32)",
            &[DATA, DATA + 65, OUT],
        )
    });
    cases.push(Case {
        data: sr25519(),
        ..case(
            "sr25519_verify",
            ("seal0", "sr25519_verify"),
            "(param i32 i32 i32 i32 ) (result i32)",
            &[DATA, DATA + 64, 32, DATA + 96],
        )
    });
    cases
}

/// A signature of 65 bytes and the hash of 32 that it signs.
fn ecdsa() -> Vec<u8> {
    let hash = [3; 32];
    let signature = contract::ecdsa_sign_prehashed(&[7; 32], &hash).expect("the key is valid");
    [&signature[..], &hash].concat()
}

fn sr25519_key() -> Vec<u8> {
    contract::sr25519_expand(&Secret::new([7; 32])).expose().to_vec()
}

/// A signature of 64 bytes, the public key, and the message of 32.
fn sr25519() -> Vec<u8> {
    let (key, message) = (sr25519_key(), [3; 32]);
    let signature = contract::sign(SigType::Sr25519, &key, &message).expect("the key is valid");
    let public = contract::public_key(SigType::Sr25519, &key).expect("the key is valid");
    [&signature[..], &public, &message].concat()
}

/// Functions of the chain extension.
fn extension() -> Vec<Case> {
    let function = |name, number, data: Vec<u8>| {
        let arguments = [number, DATA, data.len() as i64, OUT, CAPACITY];
        let signature = "(param i32 i32 i32 i32 i32 ) (result i32)";
        Case { data, ..case(name, ("seal0", "call_chain_extension"), signature, &arguments) }
    };
    let (key, message) = (sr25519_key(), vec![3_u8; 32]);
    let signature = contract::sign(SigType::Sr25519, &key, &message).expect("the key is valid");
    let public = contract::public_key(SigType::Sr25519, &key).expect("the key is valid");
    vec![
        function("pink_sign", 2, (SigType::Sr25519, key.clone(), message.clone()).encode()),
        function("pink_verify", 3, (SigType::Sr25519, public, message, signature).encode()),
        function("pink_derive_key", 4, vec![1_u8; 8].encode()),
        function("pink_public_key", 5, (SigType::Sr25519, key).encode()),
        function("pink_cache_get", 8, vec![1_u8; 8].encode()),
        function("pink_log", 10, (3_u8, "thirty-two bytes of a log line..").encode()),
        function("pink_random", 11, 32_u8.encode()),
        function("pink_is_in_transaction", 12, Vec::new()),
        function("pink_ecdsa_sign", 13, (vec![7_u8; 32], [3_u8; 32]).encode()),
        function("pink_balance_of", 16, CALLER.encode()).with(Access::Read(1)),
        function("pink_time", 18, Vec::new()),
    ]
}

/// Measures every function: the difference between a message that calls it and one that does not.
pub(crate) fn run() -> anyhow::Result<Vec<Figures>> {
    let state = State::measure();
    let cases = surroundings().into_iter().chain(storage()).chain(crypto()).chain(extension());
    cases.map(|case| measure(&case, &state).context(case.name)).collect()
}

fn measure(case: &Case, state: &State) -> anyhow::Result<Figures> {
    let tallow = Tallow::new(None)?;
    let text = repeated(case.module, case.function, case.signature, &case.arguments, &case.data);
    tallow.place(ADDRESS, &wat::parse_str(text)?)?;
    let (calls, none) = (CALLS.to_le_bytes(), 0_u32.to_le_bytes());
    let gas = |input: &[u8]| {
        let execution = tallow.command(ADDRESS, input)?;
        returned(&execution)?;
        anyhow::Ok(execution.gas_used as f64)
    };
    let least = |input: &[u8]| {
        let sample = |_| time_ms(MESSAGES, || drop(tallow.command(ADDRESS, input)));
        (0..SAMPLES).map(sample).fold(f64::INFINITY, f64::min)
    };
    let per_call = 1.0 / f64::from(CALLS);
    let gas = (gas(&calls)? - gas(&none)?) * per_call;
    let engine_ps = (least(&calls) - least(&none)) * PS_PER_MS * per_call;
    Ok(Figures { name: case.name, gas, engine_ps, state_ps: state.share(case.state) })
}

/// Keys of the state that is measured.
const KEYS: u32 = 100_000;
/// Writes between two roots: a block of commands that write a little.
const WRITES: u32 = 256;

/// What accesses of the cluster's state take, picoseconds.
pub(crate) struct State {
    read: f64,
    write_small: f64,
    write_byte: f64,
}

impl State {
    pub(crate) fn measure() -> Self {
        let mut map = Map::hiding(Arc::new(Secret::new([7; 32])));
        (0..KEYS).for_each(|key| drop(map.insert(&key_of(key), vec![1; 32])));
        map.root();
        let read = time_ms(KEYS, {
            let mut key = 0_u32;
            let map = &map;
            move || {
                key = key.wrapping_add(7_919) % KEYS;
                std::hint::black_box(map.get(&key_of(key)));
            }
        });
        let mut write = |bytes: usize| {
            let block = time_ms(20, || {
                let parent = map.clone(); // as in a chain: the parent's state stays until the block is final
                for key in 0..WRITES {
                    map.insert(&key_of(key.wrapping_mul(2_654_435_761) % KEYS), vec![2; bytes]);
                }
                map.root();
                drop(parent);
            });
            block / f64::from(WRITES)
        };
        let (small, large) = (write(32), write(16_384));
        let [read, write_small, large] = [read, small, large].map(|ms| ms * PS_PER_MS);
        Self { read, write_small, write_byte: (large - write_small) / 16_384.0 }
    }

    /// What the changes of a call to its contracts' storage take.
    pub(crate) fn changes(&self, changes: &Changes) -> f64 {
        changes.storage.values().map(|value| self.share(Access::Write(value.as_ref().map_or(0, Vec::len)))).sum()
    }

    fn share(&self, access: Access) -> f64 {
        match access {
            Access::None => 0.0,
            Access::Read(items) => f64::from(items) * self.read,
            Access::Write(bytes) => self.read + self.write_small + bytes as f64 * self.write_byte,
            Access::Move => 2.0 * (self.read + self.write_small),
        }
    }
}

/// A key as the cluster makes them: of a contract, and its own.
fn key_of(number: u32) -> [u8; 69] {
    let mut key = [5; 69];
    key[65..].copy_from_slice(&number.to_le_bytes());
    key
}
