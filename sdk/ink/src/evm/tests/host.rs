//! A host that signs, draws and performs external calls as the cluster does: the answers come from a log, and what is not
//! in it ends the run.

use ink::env::test::{register_chain_extension, ChainExtension};
use k256::ecdsa::SigningKey;
use parity_scale_codec::{Decode, Encode};
use std::{
    cell::RefCell,
    hash::{Hash, Hasher},
    panic::{catch_unwind, resume_unwind, AssertUnwindSafe},
    rc::Rc,
};

/// URL, method, headers, body.
pub(super) type Request = (String, String, Vec<(String, String)>, Vec<u8>);
/// Status, reason, headers, body.
pub(super) type Response = (u16, String, Vec<(String, String)>, Vec<u8>);
/// An answer of a batch: a response, or the number of an error.
pub(super) type Answered = Result<Response, u8>;

/// An external call: requests, and whether it is a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct External {
    pub(super) requests: Vec<Request>,
    pub(super) batch: bool,
}

/// What a command has of the log.
pub(super) type Log = Vec<(External, Vec<Answered>)>;

/// The secret of the account in all tests: that of EIP-155's example.
pub(super) const SECRET: [u8; 32] = [0x46; 32];

struct Suspended(External);

struct Host {
    command: u64,
    log: Log,
    calls: Rc<RefCell<usize>>,
    draws: u64,
    in_command: bool,
}

/// Runs a contract's code as this command, with the answers so far: its result, or the call it waits for. What follows
/// the first answer to another call than the one it makes is dropped from the log.
pub(super) fn run<T>(command: u64, log: &mut Log, code: impl FnOnce() -> T) -> Result<T, External> {
    let calls = Rc::<RefCell<usize>>::default();
    let host = Host { command, log: log.clone(), calls: calls.clone(), draws: 0, in_command: true };
    register_chain_extension(host);
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| match panic.downcast::<Suspended>() {
        Ok(suspended) => {
            log.truncate(*calls.borrow());
            suspended.0
        }
        Err(other) => resume_unwind(other),
    })
}

/// As [`run`], in a query.
pub(super) fn query<T>(code: impl FnOnce() -> T) -> T {
    let host = Host { command: 0, log: Vec::new(), calls: Rc::default(), draws: 0, in_command: false };
    register_chain_extension(host);
    code()
}

impl Host {
    fn external(&mut self, requests: Vec<Request>, batch: bool) -> Vec<Answered> {
        let call = External { requests, batch };
        let index = *self.calls.borrow();
        match self.log.get(index) {
            Some((asked, answers)) if *asked == call => {
                *self.calls.borrow_mut() += 1;
                answers.clone()
            }
            _ => resume_unwind(Box::new(Suspended(call))),
        }
    }

    fn random(&mut self, length: u8) -> Vec<u8> {
        self.draws += 1;
        let mut hasher = std::hash::DefaultHasher::new();
        (self.command, self.draws).hash(&mut hasher);
        hasher.finish().to_le_bytes().into_iter().cycle().take(length.into()).collect()
    }
}

fn sign(key: &[u8], digest: &[u8; 32]) -> [u8; 65] {
    let key = SigningKey::from_slice(key).expect("a secret key");
    let (signature, recovery) = key.sign_prehash_recoverable(digest);
    let mut bytes = [recovery.to_byte(); 65];
    bytes[..64].copy_from_slice(&signature.to_bytes());
    bytes
}

fn public_key(key: &[u8]) -> Vec<u8> {
    let key = SigningKey::from_slice(key).expect("a secret key");
    key.verifying_key().to_sec1_point(true).as_bytes().to_vec()
}

fn single(answer: Answered) -> Response {
    answer.unwrap_or_else(|_| (524, String::new(), Vec::new(), Vec::new()))
}

fn decoded<T: Decode>(mut input: &[u8]) -> T {
    T::decode(&mut input).expect("arguments")
}

impl ChainExtension for Host {
    fn ext_id(&self) -> u16 {
        0
    }

    fn call(&mut self, function: u16, input: &[u8], output: &mut Vec<u8>) -> u32 {
        let input = Vec::<u8>::decode(&mut &input[..]).expect("an encoded vector");
        let answer = match function {
            1 => single(self.external(vec![decoded(&input)], false).remove(0)).encode(),
            4 => {
                // Other keys by the same salt are others.
                assert!(decoded::<Vec<u8>>(&input).starts_with(b"evm:"));
                [SECRET; 2].concat().encode()
            }
            5 => public_key(&decoded::<(u8, Vec<u8>)>(&input).1).encode(),
            10 => Vec::new(),
            11 => self.random(decoded(&input)).encode(),
            12 => self.in_command.encode(),
            13 => {
                let (key, digest) = decoded::<(Vec<u8>, [u8; 32])>(&input);
                sign(&key, &digest).encode()
            }
            22 => self.external(decoded::<(Vec<Request>, u64)>(&input).0, true).encode(),
            other => panic!("function {other} is not of this host"),
        };
        output.extend(answer);
        0
    }
}
