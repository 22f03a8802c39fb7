//! A cluster with one contract, and the means to send it commands and answers.

use crate::{BlockOutput, Cluster, Codes, Genesis, PendingCall, State};
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use std::sync::Arc;
use tallow_crypto::{
    ClusterSecrets, Keypair, Secret, answer_signing_bytes, code_hash, command_id, contract::contract_address,
    header_digest, open_outcome, result_leaf, seal_command,
};
use tallow_engine::{Code, Engine, EngineConfig};
use tallow_state::verify_path;
use tallow_types::{
    AccountId, Action, Answer, BlockDigest, ClusterId, CodeHash, Command, CommandId, Commitments, Compat, Entry, Hash,
    Header, HttpRequest, HttpResponse, NetworkId, Outcome, Position, SealedAnswer, SealedCommand, SignedAnswer,
    WorkerId, decode_exact,
};

/// Selectors of the test contract: the first byte of its input.
pub(super) const COUNT: u8 = 1;
pub(super) const FETCH: u8 = 2;
pub(super) const TRAP: u8 = 3;
pub(super) const SPIN: u8 = 4;
pub(super) const FETCH_TWICE: u8 = 5;
pub(super) const RANDOM: u8 = 6;
pub(super) const EXTEND: u8 = 7;
pub(super) const EXTEND_AND_TRAP: u8 = 8;
pub(super) const TERMINATE: u8 = 9;
pub(super) const SET_CODE: u8 = 10;
pub(super) const CALLER: u8 = 11;

/// Counts in storage; fetches over HTTP and counts; traps; spins; draws; calls any function of the chain extension;
/// terminates; replaces its code; tells its caller.
const CONTRACT: &str = r#"(module
    (import "env" "memory" (memory 2 16))
    (import "seal0" "input" (func $input (param i32 i32)))
    (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
    (import "seal2" "set_storage" (func $set (param i32 i32 i32 i32) (result i32)))
    (import "seal1" "get_storage" (func $get (param i32 i32 i32 i32) (result i32)))
    (import "seal1" "terminate" (func $terminate (param i32)))
    (import "seal0" "set_code_hash" (func $set_code (param i32) (result i32)))
    (import "seal0" "caller" (func $caller (param i32 i32)))
    (import "seal0" "call_chain_extension" (func $ext (param i32 i32 i32 i32 i32) (result i32)))
    (func $count (local $value i64)
        (i32.store (i32.const 64090) (i32.const 8))
        (drop (call $get (i32.const 64000) (i32.const 1) (i32.const 64100) (i32.const 64090)))
        (i64.store (i32.const 64100) (i64.add (i64.load (i32.const 64100)) (i64.const 1)))
        (drop (call $set (i32.const 64000) (i32.const 1) (i32.const 64100) (i32.const 8))))
    (func $ask (param $id i32)
        (i32.store (i32.const 20000) (i32.const 40000))
        (drop (call $ext (local.get $id) (i32.const 17) (i32.sub (i32.load (i32.const 0)) (i32.const 1))
            (i32.const 20016) (i32.const 20000))))
    (func $extend
        (i32.store (i32.const 20000) (i32.const 40000))
        (i32.store (i32.const 64200) (call $ext (i32.load (i32.const 17)) (i32.const 21)
            (i32.sub (i32.load (i32.const 0)) (i32.const 5)) (i32.const 20016) (i32.const 20000))))
    (func $answer (call $return (i32.const 0) (i32.const 20016) (i32.load (i32.const 20000))))
    (func (export "deploy"))
    (func (export "call") (local $what i32)
        (i32.store (i32.const 0) (i32.const 16000))
        (call $input (i32.const 16) (i32.const 0))
        (local.set $what (i32.load8_u (i32.const 16)))
        (if (i32.eq (local.get $what) (i32.const 1)) (then
            (call $count) (call $return (i32.const 0) (i32.const 64100) (i32.const 8))))
        (if (i32.eq (local.get $what) (i32.const 2)) (then (call $count) (call $ask (i32.const 1)) (call $answer)))
        (if (i32.eq (local.get $what) (i32.const 3)) (then (call $count) unreachable))
        (if (i32.eq (local.get $what) (i32.const 4)) (then (call $count) (loop $again (br $again))))
        (if (i32.eq (local.get $what) (i32.const 5)) (then
            (call $ask (i32.const 1)) (call $count) (call $ask (i32.const 1)) (call $answer)))
        (if (i32.eq (local.get $what) (i32.const 6)) (then (call $ask (i32.const 11)) (call $answer)))
        (if (i32.eq (local.get $what) (i32.const 7)) (then
            (call $extend) (call $return (i32.const 0) (i32.const 64200) (i32.const 4))))
        (if (i32.eq (local.get $what) (i32.const 8)) (then (call $extend) unreachable))
        (if (i32.eq (local.get $what) (i32.const 9)) (then (call $terminate (i32.const 64300))))
        (if (i32.eq (local.get $what) (i32.const 10)) (then
            (call $return (i32.const 0) (i32.const 64300) (call $set_code (i32.const 17)))))
        (if (i32.eq (local.get $what) (i32.const 11)) (then
            (i32.store (i32.const 64290) (i32.const 32)) (call $caller (i32.const 64300) (i32.const 64290))
            (call $return (i32.const 0) (i32.const 64300) (i32.const 32))))))"#;

/// Other code for the same storage: counts in hundreds, and reverts or terminates on demand.
const OTHER: &str = r#"(module
    (import "env" "memory" (memory 2 16))
    (import "seal0" "input" (func $input (param i32 i32)))
    (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
    (import "seal1" "terminate" (func $terminate (param i32)))
    (import "seal2" "set_storage" (func $set (param i32 i32 i32 i32) (result i32)))
    (func (export "deploy"))
    (func (export "call") (local $what i32)
        (i32.store (i32.const 0) (i32.const 16000))
        (call $input (i32.const 16) (i32.const 0))
        (local.set $what (i32.load8_u (i32.const 16)))
        (i64.store (i32.const 64100) (i64.const 100))
        (drop (call $set (i32.const 64000) (i32.const 1) (i32.const 64100) (i32.const 8)))
        (if (i32.eq (local.get $what) (i32.const 3)) (then unreachable))
        (if (i32.eq (local.get $what) (i32.const 9)) (then
            (call $return (i32.const 1) (i32.const 64100) (i32.const 8))))
        (if (i32.eq (local.get $what) (i32.const 10)) (then (call $terminate (i32.const 128))))))"#;

struct Shelf(BTreeMap<CodeHash, Code>);

impl Codes for Shelf {
    fn code(&self, hash: &CodeHash) -> Option<Code> {
        self.0.get(hash).cloned()
    }
}

/// A command that was sealed: to be put into a block, and its receipt to be opened.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) id: CommandId,
    pub(super) command: Command,
    pub(super) sealed: SealedCommand,
}

impl Sent {
    pub(super) fn entry(&self) -> Vec<u8> {
        Entry::Command(self.sealed.clone()).encode()
    }
}

/// A log of one cluster, as one replica executes it.
pub(super) struct Fixture {
    pub(super) cluster: Cluster,
    pub(super) worker: Keypair,
    pub(super) state: State,
    pub(super) digest: BlockDigest,
    pub(super) commitments: Commitments,
    pub(super) alice: Keypair,
    pub(super) code: CodeHash,
    pub(super) other_code: CodeHash,
    nonce: u64,
}

pub(super) const NETWORK: NetworkId = NetworkId([1; 32]);
/// The cluster of all these tests, which the fixture's ledger lists.
pub(super) fn cluster_id() -> ClusterId {
    super::ledger::cluster_id()
}
pub(super) const SECOND: u64 = 1_000;

pub(super) fn position(height: u64, time_ms: u64) -> Position {
    Position { height, time_ms }
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self::of(&[Keypair::ed25519_from_seed(&Secret::new([9; 32]))])
    }

    /// With these replicas; the first one performs the calls.
    pub(super) fn of(members: &[Keypair]) -> Self {
        let engine = Engine::new(EngineConfig::default()).unwrap();
        let wasm = wat::parse_str(CONTRACT).unwrap();
        let code = code_hash(&wasm);
        let other = wat::parse_str(OTHER).unwrap();
        let other_code = code_hash(&other);
        let shelf = [(code, &wasm), (other_code, &other)].map(|(hash, wasm)| (hash, engine.prepare(wasm).unwrap()));
        let shelf = Shelf(BTreeMap::from(shelf));
        let alice = Keypair::from_uri("//Alice").unwrap();
        let mut ids: Vec<WorkerId> = members.iter().map(|key| key.worker().unwrap()).collect();
        ids.sort();
        let genesis = Genesis {
            network: NETWORK,
            cluster: cluster_id(),
            epoch: 0,
            members: ids,
            owner: Keypair::from_uri("//Olga").unwrap().account(),
            balances: vec![(alice.account(), 1_000_000)],
            group_key: super::ledger::group_key(),
        };
        let secrets = ClusterSecrets { identity: Secret::new([3; 32]), epoch: Secret::new([4; 32]) };
        let cluster = Cluster::new(genesis, &secrets, engine, Arc::new(shelf));
        let (state, commitments) = cluster.genesis_state();
        let worker = Keypair::ed25519_from_seed(&Secret::new([9; 32]));
        Self { cluster, worker, state, digest: BlockDigest([0; 32]), commitments, alice, code, other_code, nonce: 0 }
    }

    /// With the contract made; gives its address.
    pub(super) fn deployed() -> (Self, AccountId) {
        let mut fixture = Self::new();
        let code = fixture.code;
        fixture.block(vec![Entry::Code(code).encode()]);
        let contract = fixture.deploy(&[]);
        (fixture, contract)
    }

    /// Makes one more of the contract.
    pub(super) fn deploy(&mut self, salt: &[u8]) -> AccountId {
        let code = self.code;
        let made = self.send(Action::Instantiate {
            code,
            input: vec![],
            salt: salt.to_vec(),
            compat: Compat::Tallow,
            public_events: false,
        });
        let output = self.block(vec![made.entry()]);
        let outcome = self.outcome(&output, &made);
        let contract = outcome.result.unwrap().created.unwrap();
        assert_eq!(contract, contract_address(&self.alice.account(), &code, &cluster_id(), salt));
        contract
    }

    pub(super) fn draft(&mut self, action: Action) -> Command {
        self.nonce += 1;
        Command {
            network: NETWORK,
            cluster: cluster_id(),
            caller: self.alice.public(),
            action,
            value: 0,
            gas_limit: 50_000_000_000,
            nonce: self.nonce,
            expiry_ms: self.state.position().time_ms + 100 * SECOND,
            response_key: [7; 32],
        }
    }

    pub(super) fn seal(&self, command: Command) -> Sent {
        self.seal_as(&self.alice, command)
    }

    pub(super) fn seal_as(&self, key: &Keypair, command: Command) -> Sent {
        let signed = key.sign_command(command.clone());
        let sealed = seal_command(&self.cluster.epoch_public(), &NETWORK, &cluster_id(), 0, &signed).unwrap();
        Sent { id: command_id(&command), command, sealed }
    }

    pub(super) fn send(&mut self, action: Action) -> Sent {
        let command = self.draft(action);
        self.seal(command)
    }

    /// A call of the test contract.
    pub(super) fn call(&mut self, contract: AccountId, what: u8, rest: &[u8]) -> Sent {
        let input = [&[what], rest].concat();
        self.send(Action::Call { contract, input })
    }

    /// Executes a block one second later and checks what must hold after every block.
    pub(super) fn block(&mut self, entries: Vec<Vec<u8>>) -> BlockOutput {
        self.block_after(SECOND, entries)
    }

    pub(super) fn block_after(&mut self, milliseconds: u64, entries: Vec<Vec<u8>>) -> BlockOutput {
        let before = self.state.position();
        let at = position(before.height + 1, before.time_ms + milliseconds);
        let parent = (&self.state, &self.digest);
        let (state, commitments, output) = self.cluster.execute(parent, at, &entries, &()).unwrap();
        let again = self.cluster.execute(parent, at, &entries, &()).unwrap();
        assert_eq!((&commitments, &output), (&again.1, &again.2), "the same block gives the same result");
        state.check_invariants();
        for completed in &output.completed {
            let leaf = result_leaf(&completed.command, &completed.sealed);
            assert!(verify_path(&leaf, &completed.path, &commitments.results), "each receipt leads to the root");
        }
        self.digest = header_digest(&header(at, self.digest, commitments));
        self.state = state;
        self.commitments = commitments;
        output
    }

    /// The outcome of a command that this block completed.
    pub(super) fn outcome(&self, output: &BlockOutput, sent: &Sent) -> Outcome {
        let completed = output.completed.iter().find(|completed| completed.command == sent.id).expect("completed");
        let opened = open_outcome(&sent.command.response_key, &sent.id, &completed.sealed).unwrap();
        decode_exact(&opened).unwrap()
    }

    /// The counter in the contract's storage.
    pub(super) fn counter(&self, contract: &AccountId) -> u64 {
        let world = self.state.world(self.cluster.codes.clone());
        let value = tallow_engine::World::storage(&*world, contract, &[0]);
        value.map_or(0, |value| u64::from_le_bytes(value[..8].try_into().unwrap()))
    }

    /// The entry by which a replica answers a call.
    pub(super) fn answer(&self, call: &PendingCall, answer: &Answer) -> SignedAnswer {
        let sealed = self.cluster.seal_answer(&call.command, call.index, call.attempt, answer);
        let answer = SealedAnswer { command: call.command, call: call.index, attempt: call.attempt, sealed };
        let signature = self.worker.sign(&answer_signing_bytes(&cluster_id(), &answer));
        SignedAnswer { answer, worker: self.worker.worker().unwrap(), signature }
    }
}

pub(super) fn header(position: Position, parent: BlockDigest, commitments: Commitments) -> Header {
    Header {
        chain: Hash(cluster_id().0),
        epoch: 0,
        view: position.height,
        parent_view: position.height - 1,
        leader: WorkerId([9; 32]),
        parent,
        position,
        entries: Hash::default(),
        commitments,
    }
}

pub(super) fn request(method: &str) -> Vec<u8> {
    let (url, method) = ("http://prices.example/".to_owned(), method.to_owned());
    HttpRequest { url, method, headers: vec![], body: vec![] }.encode()
}

pub(super) fn response(body: &[u8]) -> HttpResponse {
    HttpResponse { status_code: 200, reason_phrase: "OK".to_owned(), headers: vec![], body: body.to_vec() }
}
