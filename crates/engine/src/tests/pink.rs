use super::{
    steps::{ok, request},
    wat::*,
    world::*,
};
use crate::{AnsweredCall, CacheChange, CacheOp, Environment, Execution, Mode, Step};
use parity_scale_codec::{Decode, Encode};
use std::sync::Arc;
use tallow_crypto::contract::{self as crypto, SigType};
use tallow_types::{
    AccountId, Answer, CallError, Compat, ExternalCall, Hash, HttpError, HttpRequest, HttpResponse, limits::*,
};

/// Calls the function that the input's first word names with the rest of it; returns the status and the output.
pub(super) fn extension() -> Wat {
    contract(format!(
        "(local $length i32) (local.set $length (call $input))
         (i32.store (i32.const {OUTPUT_LEN}) (i32.const 60000))
         (i32.store (i32.const 12000) (i32.const 0))
         (i32.store (i32.const {OUTPUT}) (i32.const 0))
         (local.set $length (call $seal0.call_chain_extension (i32.load (i32.const {INPUT})) (i32.const {})
            (i32.sub (local.get $length) (i32.const 4)) (i32.const {}) (i32.const {OUTPUT_LEN})))
         (i32.store (i32.const {OUTPUT}) (local.get $length))
         (if (local.get $length) (then (call $return (i32.const {OUTPUT}) (i32.const 4))))
         (call $return (i32.const {OUTPUT}) (i32.add (i32.const 4) (i32.load (i32.const {OUTPUT_LEN}))))",
        INPUT + 4,
        OUTPUT + 4
    ))
}

fn step(mode: Mode, env: Environment, function: u32, arguments: impl Encode) -> Step {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &extension());
    world.balances.insert(address, 12);
    let input = [function.to_le_bytes().to_vec(), arguments.encode()].concat();
    engine().run_to_end(Arc::new(world), env, mode, message(address, &input)).unwrap()
}

fn execute(mode: Mode, function: u32, arguments: impl Encode) -> Execution {
    match step(mode, environment(), function, arguments) {
        Step::Done(execution) => *execution,
        step => panic!("{step:?}"),
    }
}

fn compat() -> Environment {
    Environment { compat: Compat::Phala, ..environment() }
}

/// The same whether the cluster or the contract asks for it.
fn in_compat(function: u32, arguments: impl Encode + Clone) -> (u32, Vec<u8>) {
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &extension());
    world.contracts.entry(address).and_modify(|info| info.compat = Compat::Phala);
    let input = [function.to_le_bytes().to_vec(), arguments.encode()].concat();
    let alone = split(&run(&engine(), &world, command(vec![]), message(address, &input)));
    match step(command(vec![]), compat(), function, arguments) {
        Step::Done(execution) => assert_eq!(split(&execution), alone),
        step => panic!("{step:?}"),
    }
    alone
}

pub(super) fn split(execution: &Execution) -> (u32, Vec<u8>) {
    let (status, value) = data(execution).split_at(4);
    (u32::from_le_bytes(status.try_into().unwrap()), value.to_vec())
}

/// The value of a successful call.
fn value<T: Decode>(execution: &Execution) -> T {
    let (status, value) = split(execution);
    assert_eq!(status, 0);
    tallow_types::decode_exact(&value).unwrap()
}

fn both<T: Decode>(function: u32, arguments: impl Encode + Clone) -> (T, T) {
    let in_query = execute(query(), function, arguments.clone());
    (value(&in_query), value(&execute(command(vec![]), function, arguments)))
}

#[test]
fn keys_and_signatures_are_the_same_in_queries_and_commands() {
    for (scheme, lengths) in [(SigType::Ed25519, (32, 64)), (SigType::Sr25519, (32, 64)), (SigType::Ecdsa, (33, 65))] {
        let key = vec![7u8; 32];
        let (public, same): (Vec<u8>, Vec<u8>) = both(5, (scheme, key.clone()));
        assert_eq!((public.len(), &public), (lengths.0, &same));
        let (signature, same): (Vec<u8>, Vec<u8>) = both(2, (scheme, key, b"message".to_vec()));
        assert_eq!((signature.len(), &signature), (lengths.1, &same));
        let signed = (scheme, public, b"message".to_vec(), signature);
        assert_eq!(both::<bool>(3, signed.clone()), (true, true));
        assert_eq!(both::<bool>(3, (signed.0, signed.1, b"massage".to_vec(), signed.3)), (false, false));
    }
    let bad = execute(query(), 2, (SigType::Ed25519, vec![1u8], vec![0u8]));
    assert_eq!(error(&bad), CallError::DecodingFailed);
}

#[test]
fn prehashed_signatures() {
    let (signature, _): ([u8; 65], [u8; 65]) = both(13, (vec![7u8; 32], [9u8; 32]));
    let public: [u8; 33] = crypto::public_key(SigType::Ecdsa, &[7; 32]).unwrap().try_into().unwrap();
    assert_eq!(both::<bool>(14, (signature, [9u8; 32], public)), (true, true));
    assert_eq!(both::<bool>(14, (signature, [8u8; 32], public)), (false, false));
}

#[test]
fn derived_keys_depend_on_contract_and_salt() {
    let (key, same): (Vec<u8>, Vec<u8>) = both(4, b"salt".to_vec());
    let expected = crypto::derive_sr25519(&environment().cluster_key, &[&[1; 32], b"salt", b"keygen"]);
    assert_eq!((&key[..], &same), (&expected.expose()[..], &key));
    assert_ne!(key, both::<Vec<u8>>(4, b"other".to_vec()).0);
}

#[test]
fn queries_use_the_cache_at_once() {
    let Mode::Query { cache, worker, clock_ms } = query() else { panic!("a query") };
    let mode = || Mode::Query { cache: cache.clone(), worker, clock_ms };
    let (key, text) = (b"k".to_vec(), b"v".to_vec());
    assert_eq!(value::<Option<Vec<u8>>>(&execute(mode(), 8, key.clone())), None);
    value::<()>(&execute(mode(), 6, (key.clone(), text.clone())));
    assert_eq!(value::<Option<Vec<u8>>>(&execute(mode(), 8, key.clone())), Some(text.clone()));
    assert_eq!(split(&execute(mode(), 6, (key.clone(), b"!too much".to_vec()))), (1, vec![]));
    assert_eq!(value::<Option<Vec<u8>>>(&execute(mode(), 9, key.clone())), Some(text.clone()));
    value::<()>(&execute(mode(), 6, (key.clone(), text)));
    value::<()>(&execute(mode(), 7, (key.clone(), 0u64)));
    assert_eq!(value::<Option<Vec<u8>>>(&execute(mode(), 8, key)), None);
}

#[test]
fn commands_defer_what_they_do_to_the_cache() {
    let key = b"k".to_vec();
    let change = |op| vec![CacheChange { contract: AccountId([1; 32]), key: key.clone(), op }];
    let set = execute(command(vec![]), 6, (key.clone(), b"v".to_vec()));
    assert_eq!((split(&set).0, set.cache), (0, change(CacheOp::Set(b"v".to_vec()))));
    assert_eq!(execute(command(vec![]), 7, (key.clone(), 5u64)).cache, change(CacheOp::Expire(5)));
    let remove = execute(command(vec![]), 9, key.clone());
    assert_eq!(value::<Option<Vec<u8>>>(&remove), None);
    assert_eq!(remove.cache, change(CacheOp::Remove));
    assert_eq!(value::<Option<Vec<u8>>>(&execute(command(vec![]), 8, key)), None);
}

#[test]
fn log_lines_have_levels() {
    for (level, kept) in [(1u8, 1u8), (5, 5), (0, 1), (9, 1)] {
        let execution = execute(query(), 10, (level, "text".to_owned()));
        assert_eq!((execution.logs[0].level, execution.logs[0].text.as_str()), (kept, "text"));
        assert_eq!(execution.logs[0].contract, AccountId([1; 32]));
    }
}

#[test]
fn randomness_is_fresh_in_queries_and_fixed_in_commands() {
    let draw = |mode| value::<Vec<u8>>(&execute(mode, 11, 40u8));
    assert_ne!(draw(query()), draw(query()));
    let first = draw(command(vec![]));
    assert_eq!(first.len(), 40);
    assert_eq!(first, draw(command(vec![])));
    assert_ne!(first, draw(Mode::Command { id: Default::default(), answers: [].into() }));
    assert_eq!(value::<Vec<u8>>(&execute(query(), 11, 0u8)), b"");
    assert_eq!(value::<Vec<u8>>(&execute(command(vec![]), 11, 255u8)).len(), 255);
}

#[test]
fn draws_of_one_command_differ() {
    let body = |at: u32| {
        format!(
            "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 100))
             (drop (call $seal0.call_chain_extension (i32.const 11) (i32.const 64) (i32.const 1) (i32.const {at}) (i32.const {OUTPUT_LEN})))"
        )
    };
    let wat = contract(format!("{} {} (call $return (i32.const 20000) (i32.const 66))", body(20_000), body(20_033)));
    let execution = call(&wat.data(64, &[32]), &[]);
    let (first, second) = data(&execution).split_at(33);
    assert_eq!((first[0], second[0]), (128, 128));
    assert_ne!(first, second);
}

#[test]
fn facts_of_cluster_and_worker() {
    assert_eq!(both::<bool>(12, ()), (false, true));
    assert_eq!(both::<AccountId>(15, ()).0, AccountId([0x55; 32]));
    assert_eq!(both::<(u128, u128)>(16, AccountId([1; 32])).1, (12, 12));
    assert_eq!(both::<[u8; 32]>(17, ()), ([0x77; 32], [0; 32]));
    assert_eq!(both::<u64>(18, ()), (NOW + 5_000, NOW));
    let own = tallow_crypto::code_hash(&extension().bytes());
    assert_eq!(both::<bool>(19, (own, false)), (true, true));
    assert_eq!(both::<bool>(19, (own, true)), (false, false));
    assert_eq!(error(&execute(query(), 20, AccountId([1; 32]))), CallError::BadOrigin);
    assert_eq!(both::<(u32, u32)>(21, ()).0, (1, 2));
    assert_eq!(both::<(u64, Hash)>(23, ()).0, (0, Hash([0; 32])));
    let (exception, _): ((u8, String), (u8, String)) = both(24, ());
    assert_eq!(exception.0, 5);
    assert_eq!(both::<Option<u8>>(25, ()), (None, None));
}

#[test]
fn functions_that_do_not_exist_trap() {
    assert_eq!(error(&execute(query(), 26, ())), CallError::UnknownChainExtensionFunction(26));
    assert_eq!(error(&execute(query(), 0, ())), CallError::UnknownChainExtensionFunction(0));
    assert_eq!(error(&execute(query(), 0x0002_0001, ())), CallError::NoChainExtension);
    assert!(value::<bool>(&execute(command(vec![]), 0xff00_000c, ())), "old builds");
    assert_eq!(error(&execute(query(), 11, (1u8, 2u8))), CallError::DecodingFailed);
    let without = Environment { system_contract: None, ..environment() };
    match step(query(), without, 15, ()) {
        Step::Done(execution) => assert_eq!(error(&execution), CallError::SystemContractMissing),
        step => panic!("{step:?}"),
    }
}

/// What old builds of `pink` add to a function's number.
const OLD: u32 = 0xff00_0000;

/// Arguments that are encoded already.
#[derive(Clone)]
struct Raw(Vec<u8>);

impl Encode for Raw {
    fn encode(&self) -> Vec<u8> {
        self.0.clone()
    }
}

#[test]
fn every_function_has_its_old_id_too() {
    let (key, hash) = (vec![7u8; 32], [9u8; 32]);
    let public = crypto::public_key(SigType::Ecdsa, &[7; 32]).unwrap();
    let calls: [(u32, Vec<u8>); 23] = [
        (2, (SigType::Ed25519, &key, b"m".to_vec()).encode()),
        (3, (SigType::Ed25519, &key, b"m".to_vec(), vec![0u8; 64]).encode()),
        (4, b"salt".to_vec().encode()),
        (5, (SigType::Sr25519, &key).encode()),
        (6, (b"k".to_vec(), b"v".to_vec()).encode()),
        (7, (b"k".to_vec(), 5u64).encode()),
        (8, b"k".to_vec().encode()),
        (9, b"k".to_vec().encode()),
        (10, (3u8, "text").encode()),
        (11, vec![40u8]),
        (12, vec![]),
        (13, (&key, hash).encode()),
        (14, [&[0; 65], &hash[..], &public].concat()),
        (15, vec![]),
        (16, AccountId([1; 32]).encode()),
        (17, vec![]),
        (18, vec![]),
        (19, (Hash(hash), false).encode()),
        (20, AccountId([1; 32]).encode()),
        (21, vec![]),
        (23, vec![]),
        (24, vec![]),
        (25, vec![]),
    ];
    let seen = |function, arguments: &[u8]| {
        let done = execute(command(vec![]), function, Raw(arguments.to_vec()));
        (done.result, done.gas_used, format!("{:?}", (done.logs, done.cache, done.events)))
    };
    for (function, arguments) in calls {
        let today = seen(function, &arguments);
        assert_eq!(seen(OLD | function, &arguments), today, "function {function}");
        assert!(!matches!(today.0, Err(CallError::UnknownChainExtensionFunction(_))), "function {function}");
    }
    let batch = (vec![request("a")], 1_000u64);
    assert_eq!(in_compat(OLD | 1, request("a")), in_compat(1, request("a")));
    assert_eq!(in_compat(OLD | 22, batch.clone()), in_compat(22, batch));
    for wrong in [OLD, OLD | 26, 0xff01_0001, 0xfe00_0001] {
        assert!(error_of(wrong), "{wrong:x}");
    }
}

fn error_of(id: u32) -> bool {
    matches!(
        error(&execute(query(), id, ())),
        CallError::NoChainExtension | CallError::UnknownChainExtensionFunction(_)
    )
}

/// As an old build has it: the ids are constants of the code.
#[test]
fn a_module_of_an_old_build_runs() {
    let extension = |function: u32, input: u32, length: u32| {
        format!(
            "(block (result i32) (i32.store (i32.const {OUTPUT_LEN}) (i32.const 1000))
             (call $seal0.call_chain_extension (i32.const {}) (i32.const {input}) (i32.const {length})
                (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN})))",
            OLD | function
        )
    };
    let module = contract(format!(
        "(if {log} (then unreachable))
         (if {set} (then unreachable))
         (if {transaction} (then unreachable))
         (call $return (i32.const {OUTPUT}) (i32.load (i32.const {OUTPUT_LEN})))",
        log = extension(10, 64, 6),
        set = extension(6, 80, 4),
        transaction = extension(12, 64, 0),
    ));
    let module = module.data(64, &(3u8, "text").encode()).data(80, &(b"k".to_vec(), b"v".to_vec()).encode());
    let done = call(&module, &[]);
    assert_eq!(data(&done), true.encode(), "is_in_transaction");
    assert_eq!(done.logs[0].text, "text");
    assert_eq!(done.cache[0].op, CacheOp::Set(b"v".to_vec()));
}

#[test]
fn compatible_commands_behave_as_phalas_transactions() {
    let response: HttpResponse = tallow_types::decode_exact(&in_compat(1, request("a")).1).unwrap();
    assert_eq!((response.status_code, response.reason_phrase.as_str()), (523, "API Unavailable"));
    assert_eq!(in_compat(22, (vec![request("a")], 1_000u64)), (7, vec![]));
    assert_eq!(in_compat(2, (SigType::Sr25519, vec![7u8; 32], vec![1u8])), (0, vec![0]));
    assert_eq!(in_compat(2, (SigType::Ed25519, vec![7u8; 32], vec![1u8])).1.len(), 66);
    assert_eq!(in_compat(11, 9u8), (0, vec![0]));
    assert_eq!(in_compat(18, ()), (0, 0u64.encode()));
    assert_eq!(in_compat(12, ()), (0, true.encode()));
}

#[test]
fn estimates_run_as_commands_without_the_world_outside() {
    let response: HttpResponse = value(&execute(Mode::Estimate, 1, request("a")));
    assert_eq!(response.status_code, 523);
    assert_eq!(split(&execute(Mode::Estimate, 22, (vec![request("a")], 1_000u64))), (7, vec![]));
    assert!(value::<bool>(&execute(Mode::Estimate, 12, ())));
    assert_eq!(value::<Vec<u8>>(&execute(Mode::Estimate, 11, 8u8)).len(), 8);
}

fn answered(answer: Answer, function: u32, requests: Vec<HttpRequest>, timeout_ms: u64) -> Execution {
    let call = ExternalCall::Http { requests: requests.clone(), timeout_ms };
    let mode = command(vec![AnsweredCall { call, answer }]);
    if function == 1 { execute(mode, 1, &requests[0]) } else { execute(mode, 22, (requests, timeout_ms)) }
}

#[test]
fn failures_of_a_single_request_are_responses() {
    for (error, status) in [
        (HttpError::InvalidUrl, 523),
        (HttpError::Timeout, 523),
        (HttpError::NotAllowed, 523),
        (HttpError::NetworkError, 524),
        (HttpError::ResponseTooLarge, 524),
        (HttpError::TooManyHeaders, 524),
    ] {
        let execution = answered(Answer::Http(vec![Err(error)]), 1, vec![request("a")], CALL_TIME_MS_MAX);
        assert_eq!(value::<HttpResponse>(&execution).status_code, status, "{error}");
    }
    let none = answered(Answer::Http(vec![]), 1, vec![request("a")], CALL_TIME_MS_MAX);
    assert_eq!(value::<HttpResponse>(&none).status_code, 524, "an answer without a result");
}

#[test]
fn a_response_over_the_limits_is_refused_whoever_made_it() {
    let response = |body: usize, headers: usize| {
        let headers = vec![(String::new(), String::new()); headers];
        let response = HttpResponse { status_code: 200, reason_phrase: String::new(), headers, body: vec![0; body] };
        let execution = answered(Answer::Http(vec![Ok(response)]), 1, vec![request("a")], CALL_TIME_MS_MAX);
        value::<HttpResponse>(&execution).status_code
    };
    assert_eq!(response(10, 2), 200);
    assert_eq!(response(HTTP_BODY_BYTES_MAX + 1, 0), 524);
    assert_eq!(response(0, HTTP_HEADERS_MAX + 1), 524);
}

#[test]
fn a_batch_has_one_result_for_each_request() {
    let Answer::Http(one) = ok(b"one");
    let results = vec![one[0].clone(), Err(HttpError::Timeout)];
    let requests = vec![request("a"), request("b")];
    let execution = answered(Answer::Http(results.clone()), 22, requests, 1_000);
    assert_eq!(value::<Vec<Result<HttpResponse, HttpError>>>(&execution), results);
}

#[test]
fn batches_have_limits() {
    let many = vec![request("a"); HTTP_BATCH_MAX + 1];
    assert_eq!(split(&execute(query(), 22, (many, 1_000u64))), (8, vec![]));
    assert_eq!(split(&execute(query(), 22, (vec![request("a")], 0u64))), (6, vec![]));
    assert_eq!(split(&execute(query(), 22, (Vec::<HttpRequest>::new(), 9u64))), (0, vec![0]));
    match step(query(), environment(), 22, (vec![request("a")], u64::MAX)) {
        Step::External { call: ExternalCall::Http { timeout_ms, .. }, .. } => assert_eq!(timeout_ms, QUERY_TIME_MS_MAX),
        step => panic!("{step:?}"),
    }
}

#[test]
fn a_command_may_not_call_for_ever() {
    let body = format!(
        "(call $input) drop
         (loop $again (i32.store (i32.const {OUTPUT_LEN}) (i32.const 60000))
            (drop (call $seal0.call_chain_extension (i32.const 1) (i32.const {INPUT}) (i32.load (i32.const 1020))
                (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN})))
            (br $again))"
    );
    let mut world = TestWorld::new();
    let address = world.place(&engine(), 1, &contract(body));
    let call = ExternalCall::Http { requests: vec![request("a")], timeout_ms: CALL_TIME_MS_MAX };
    let answers = vec![AnsweredCall { call, answer: ok(b"") }; CALLS_PER_COMMAND_MAX as usize];
    let execution = run(&engine(), &world, command(answers), message(address, &request("a").encode()));
    assert_eq!(error(&execution), CallError::TooManyCalls);
    assert_eq!(execution.calls, CALLS_PER_COMMAND_MAX);
}

#[test]
fn output_that_does_not_fit_traps() {
    let body = format!(
        "(i32.store (i32.const {OUTPUT_LEN}) (i32.const 3))
         (drop (call $seal0.call_chain_extension (i32.const 17) (i32.const 0) (i32.const 0) (i32.const {OUTPUT}) (i32.const {OUTPUT_LEN})))"
    );
    assert_eq!(error(&call(&contract(body), &[])), CallError::ContractIoBufferOverflow);
}
