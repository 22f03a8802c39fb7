//! Each function's arguments and answers, byte for byte as the chain extension has them.

use crate::{cache, context, http, js, json, keys, log, random, secret, timer};
use ink::env::test::{register_chain_extension, ChainExtension};
use parity_scale_codec::{Decode, Encode};
use std::{cell::RefCell, rc::Rc};

/// Calls that a host saw: function and input.
type Seen = Rc<RefCell<Vec<(u16, Vec<u8>)>>>;

struct Host {
    extension: u16,
    seen: Seen,
    status: u32,
    output: Vec<u8>,
}

impl ChainExtension for Host {
    fn ext_id(&self) -> u16 {
        self.extension
    }

    fn call(&mut self, function: u16, input: &[u8], output: &mut Vec<u8>) -> u32 {
        // ink!'s engine hands the encoded arguments over as an encoded vector.
        let input = Vec::<u8>::decode(&mut &input[..]).expect("an encoded vector");
        self.seen.borrow_mut().push((function, input));
        output.extend_from_slice(&self.output);
        self.status
    }
}

/// A host that answers everything alike.
fn host(status: u32, output: impl Encode) -> Seen {
    let seen = Seen::default();
    for extension in [0, 1] {
        register_chain_extension(Host { extension, seen: seen.clone(), status, output: output.encode() });
    }
    seen
}

fn saw(seen: &Seen) -> (u16, Vec<u8>) {
    seen.borrow_mut().pop().expect("a call")
}

fn response(status: u16, body: &str) -> impl Encode {
    (status, "reason".to_owned(), vec![("Content-Type".to_owned(), "text/plain".to_owned())], body.as_bytes().to_vec())
}

#[test]
fn a_request_is_encoded_as_url_method_headers_body() {
    let seen = host(0, response(200, "hello"));
    let answer = http::Request::post("http://a/b", "body").header("X", "y").send().expect("an answer");
    let mut expected = vec![40];
    expected.extend(b"http://a/b\x10POST\x04\x04X\x04y\x10body");
    assert_eq!(saw(&seen), (1, expected));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    assert_eq!(answer.text(), Ok("hello".into()));
}

#[test]
fn statuses_are_errors_unless_asked_for_the_answer() {
    let _ = host(0, response(404, "gone"));
    assert_eq!(http::get("http://a"), Err(http::Error::Status(404)));
    assert_eq!(http::Request::get("http://a").send().map(|answer| answer.status_code), Ok(404));
}

/// The host's own failures, which it marks by these statuses. The log names the host alone, since the path may hold a
/// token. The mock answers the log call with the same bytes, which `()` ignores.
#[test]
fn failures_of_the_host_are_errors_and_logged() {
    for (status, error) in [(523, http::Error::Unreachable), (524, http::Error::BadAnswer)] {
        let seen = host(0, response(status, "timed out"));
        assert_eq!(http::get("https://a:1/bot123:token/x"), Err(error));
        let (function, line) = saw(&seen);
        assert_eq!(function, 10);
        assert_eq!(<(u8, String)>::decode(&mut &line[..]), Ok((2, "GET https://a:1: timed out".into())));
    }
}

#[test]
fn json_goes_both_ways() {
    #[derive(serde::Serialize)]
    struct Message<'a> {
        text: &'a str,
    }
    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Answer {
        name: String,
        list: Vec<u32>,
    }
    let seen = host(0, response(200, r#" {"other":[{"a":1.5}],"list":[1,2],"name":"a\"\n\u00e9"} "#));
    let answer = http::post_json("http://a", &Message { text: "say \"hi\"\n\\" }).expect("an answer");
    assert_eq!(answer.json(), Ok(Answer { name: "a\"\n\u{e9}".into(), list: vec![1, 2] }));
    let body = br#"{"text":"say \"hi\"\n\\"}"#;
    assert!(saw(&seen).1.ends_with(body));
    for wrong in
        ["", "{", "[]", r#"{"name":1,"list":[]}"#, r#"{"name":"a","list":[]} x"#, r#"{"name":"\u12","list":[]}"#]
    {
        assert_eq!(json::from_slice::<Answer>(wrong.as_bytes()), Err(json::Error), "{wrong}");
    }
}

#[test]
fn long_json_is_written_whole_and_too_long_json_is_refused() {
    let text = "a".repeat(5_000);
    assert_eq!(json::to_string(&text), Ok(format!("\"{text}\"")));
    assert_eq!(json::to_string(&"a".repeat(json::TEXT_BYTES_MAX)), Err(json::Error));
}

#[test]
fn batches_have_results_of_their_own() {
    let seen = host(0, vec![Ok(response(200, "")), Err(5_u8)]);
    let requests = [http::Request::get("u"), http::Request::get("v")];
    let results = http::batch(&requests, 7).expect("results");
    assert_eq!(results[0].as_ref().map(|answer| answer.status_code), Ok(200));
    assert_eq!(results[1], Err(http::RequestError::Timeout));
    assert_eq!(saw(&seen), (22, b"\x08\x04u\x0cGET\0\0\x04v\x0cGET\0\0\x07\0\0\0\0\0\0\0".to_vec()));
}

#[test]
fn a_refused_batch_is_an_error_by_its_status() {
    for (status, error) in [
        (1, http::RequestError::InvalidUrl),
        (7, http::RequestError::NotAllowed),
        (11, http::RequestError::TooManyHeaders),
    ] {
        let _ = host(status, ());
        assert_eq!(http::batch(&[], 1), Err(error));
    }
    let _ = host(300, ());
    assert_eq!(http::batch(&[], 1), Err(http::RequestError::NetworkError));
}

#[test]
fn log_lines_have_levels() {
    let seen = host(0, ());
    let name = "x";
    log::error!("a {name}");
    log::warn!("b {}", 1);
    log::info!("c");
    log::debug!("d");
    log::trace!("e");
    let lines = [(1, "a x"), (2, "b 1"), (3, "c"), (4, "d"), (5, "e")];
    let expected: Vec<_> = lines.map(|(level, text)| (10, (level as u8, text.to_owned()).encode())).into();
    assert_eq!(*seen.borrow(), expected);
}

#[test]
fn randomness_comes_in_pieces_of_a_byte_s_length() {
    let seen = host(0, vec![9_u8; 32]);
    assert_eq!(random::<32>(), [9; 32]);
    assert_eq!(*seen.borrow(), [(11, vec![32])]);
}

#[test]
#[should_panic(expected = "no randomness")]
fn no_randomness_is_not_taken_for_zeros() {
    let _ = host(0, Vec::<u8>::new());
    random::<32>();
}

#[test]
fn the_cache_reports_its_quota() {
    let seen = host(0, ());
    assert_eq!(cache::set(b"k", b"v"), Ok(()));
    assert_eq!(saw(&seen), (6, b"\x04k\x04v".to_vec()));
    cache::expire_after(b"k", 3);
    assert_eq!(saw(&seen), (7, b"\x04k\x03\0\0\0\0\0\0\0".to_vec()));
    let _ = host(1, ());
    assert_eq!(cache::set(b"k", b"v"), Err(cache::QuotaExceeded));
    let seen = host(0, Some(b"v".to_vec()));
    assert_eq!(cache::get(b"k"), Some(b"v".to_vec()));
    assert_eq!(saw(&seen), (8, b"\x04k".to_vec()));
    assert_eq!(cache::remove(b"k"), Some(b"v".to_vec()));
    assert_eq!(saw(&seen).0, 9);
}

#[test]
fn keys_and_signatures() {
    let seen = host(0, vec![5_u8; 64]);
    assert_eq!(keys::derive_sr25519_key(b"s"), [5; 64]);
    assert_eq!(saw(&seen), (4, b"\x04s".to_vec()));
    assert_eq!(keys::sign(keys::Scheme::Sr25519, b"k", b"m"), [5; 64]);
    assert_eq!(saw(&seen), (2, b"\x01\x04k\x04m".to_vec()));
    assert_eq!(keys::public_key(keys::Scheme::Ecdsa, b"k"), [5; 64]);
    assert_eq!(saw(&seen), (5, b"\x02\x04k".to_vec()));
    let seen = host(0, true);
    assert!(keys::verify(keys::Scheme::Ed25519, b"p", b"m", b"s"));
    assert_eq!(saw(&seen), (3, b"\x00\x04p\x04m\x04s".to_vec()));
    assert!(keys::ecdsa_verify_prehashed(&[1; 65], &[2; 32], &[3; 33]));
    assert_eq!(saw(&seen), (14, [vec![1; 65], vec![2; 32], vec![3; 33]].concat()));
    let seen = host(0, [7_u8; 65]);
    assert_eq!(keys::ecdsa_sign_prehashed(b"k", &[2; 32]), [7; 65]);
    assert_eq!(saw(&seen), (13, [b"\x04k".to_vec(), vec![2; 32]].concat()));
}

#[test]
fn surroundings() {
    let seen = host(0, true);
    assert!(context::is_in_transaction());
    assert_eq!(saw(&seen), (12, vec![]));
    assert!(context::code_exists([1; 32].into(), false));
    assert_eq!(saw(&seen), (19, [vec![1; 32], vec![0]].concat()));
    let seen = host(0, (3_u128, 2_u128));
    assert_eq!(context::balance_of([4; 32].into()), context::Balance { total: 3, free: 2 });
    assert_eq!(saw(&seen), (16, vec![4; 32]));
    let seen = host(0, 77_u64);
    assert_eq!(context::untrusted_millis_since_unix_epoch(), 77);
    assert_eq!(saw(&seen).0, 18);
    let seen = host(0, [8_u8; 32]);
    assert_eq!(context::worker_public_key(), [8; 32]);
    assert_eq!(saw(&seen).0, 17);
    assert_eq!(context::system_contract(), [8; 32].into());
    assert_eq!(saw(&seen).0, 15);
    let seen = host(0, (1_u32, 2_u32));
    assert_eq!(context::runtime_version(), (1, 2));
    assert_eq!(saw(&seen).0, 21);
    let seen = host(0, (9_u64, [1_u8; 32]));
    assert_eq!(context::event_chain_head(), (9, [1; 32].into()));
    assert_eq!(saw(&seen).0, 23);
    let seen = host(0, Some([1_u8; 32]));
    assert_eq!(context::import_latest_system_code([2; 32].into()), Some([1; 32].into()));
    assert_eq!(saw(&seen), (20, vec![2; 32]));
    let seen = host(0, Some((1_u8, vec![1_u8])));
    let quote = context::Quote { attestation_type: context::AttestationType::Dcap, quote: vec![1] };
    assert_eq!(context::worker_quote(), Some(quote));
    assert_eq!(saw(&seen), (25, vec![]));
}

#[test]
fn scripts() {
    let seen = host(0, js::Value::String("x".into()));
    assert_eq!(js::eval(&[js::Code::Source("1".into())], &["a".into()]), js::Value::String("x".into()));
    assert_eq!(saw(&seen), (24, b"\x04\x00\x041\x04\x04a".to_vec()));
}

#[test]
fn timers() {
    let seen = host(0, ());
    let timer = timer::Timer::every_from(5, 60_000).call([1, 2, 3, 4], &(7_u8,)).gas_limit(9).catch_up(2);
    assert_eq!(timer.set("tick"), Ok(()));
    let schedule = [vec![1], 5_u64.encode(), 60_000_u64.encode()].concat();
    let expected = [b"\x10tick".to_vec(), schedule, b"\x14\x01\x02\x03\x04\x07".to_vec()].concat();
    assert_eq!(saw(&seen), (1, [expected, 9_u64.encode(), 2_u32.encode()].concat()));
    assert_eq!(timer::Timer::cron("* * * * *").set([7]), Ok(()));
    let (_, input) = saw(&seen);
    assert!(input.starts_with(b"\x04\x07\x02\x24* * * * *\x00"));
    let seen = host(0, 1_000_u64);
    assert_eq!(timer::Timer::every(500).set("a"), Ok(()));
    let (_, input) = saw(&seen);
    assert!(input.starts_with(&[b"\x04a\x01".to_vec(), 1_500_u64.encode(), 500_u64.encode()].concat()));
    let seen = host(0, true);
    assert_eq!(timer::cancel("tick"), Ok(true));
    assert_eq!(saw(&seen), (2, b"\x10tick".to_vec()));
    let listed = timer::Listed { id: vec![1], schedule: timer::Schedule::Once { at_ms: 3 }, due_ms: 4 };
    let seen = host(0, vec![listed.clone()]);
    assert_eq!(timer::list(), [listed]);
    assert_eq!(saw(&seen), (3, vec![]));
}

#[test]
fn statuses_are_errors_of_timers() {
    for (status, error) in
        [(1, timer::Error::NotInCommand), (3, timer::Error::BadSchedule), (8, timer::Error::ClusterFull)]
    {
        let _ = host(status, ());
        assert_eq!(timer::Timer::once(0).set("a"), Err(error));
        assert_eq!(timer::cancel("a"), Err(error));
    }
    let _ = host(99, ());
    assert_eq!(timer::cancel("a"), Err(timer::Error::Unknown(99)));
}

#[test]
fn secrets() {
    let seen = host(0, Some(b"hush".to_vec()));
    assert_eq!(secret::get("TOKEN"), Some("hush".into()));
    assert_eq!(saw(&seen), (16, b"\x14TOKEN".to_vec()));
    let _ = host(0, Some(vec![0xff_u8]));
    assert_eq!((secret::get("TOKEN"), secret::get_bytes("TOKEN")), (None, Some(vec![0xff])));
    let _ = host(0, None::<Vec<u8>>);
    assert_eq!((secret::get("TOKEN"), secret::get_bytes("TOKEN")), (None, None));
}
