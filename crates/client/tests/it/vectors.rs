//! `docs/vectors/wire.json`: what clients in other languages are tested against.
//!
//! To approve a change of the wire, run this test with `TALLOW_WRITE_VECTORS=1` and look at what differs. What is random
//! (sealing, sr25519 signatures) is taken from the file as long as it is good.

use crate::certificates;
use parity_scale_codec::{Decode, Encode};
use serde_json::{Value, json};
use tallow_client::{KeyScheme, Keypair, Statement, typed_data};
use tallow_crypto::{
    Secret, SessionClient, SessionServer, TransportSecret, account_of, command_id, consented,
    contract::ecdsa_to_eth_address, header_digest, keccak_256, network_id, open_command, query_answer_signing_bytes,
    request_digest, result_leaf, seal_command, seal_outcome, unsigned_cluster, verify_statement, vouch,
};
use tallow_state::{Map, ResultsTree};
use tallow_types::{
    AccountId, Action, CallError, CallerSignature, Certificate, ClusterId, ClusterRecord, CodeHash, Command, CommandId,
    Commitments, Compat, Contracts, Delegation, Firing, Genesis, Hash, Header, LedgerAction, LedgerPolicy, LedgerTx,
    NetworkId, NonceRecord, Outcome, Output, Position, ProvenRecord, PublicKey, Query, QueryAnswer, QueryRequest,
    QueryResult, Receipt, RegistryKey, Schedule, Scope, SealedCommand, SealedSessionOpen, SessionFrame, SessionTerms,
    SignedCommand, SignedQueryAnswer, SigningScheme, Timer, TimerStatus, decode_exact,
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/vectors/wire.json");
const NOW: u64 = 1_763_890_000_000;
const NETWORK: NetworkId = NetworkId([1; 32]);
const CLUSTER: ClusterId = ClusterId([2; 32]);
const WORKER_SEED: [u8; 32] = [4; 32];
const TRANSPORT_SEED: [u8; 32] = [5; 32];
const EPOCH_SEED: [u8; 32] = [6; 32];
const EPOCH: u64 = 3;
const URIS: [&str; 4] = ["sr25519://Alice", "ed25519://Alice", "secp256k1://Alice", "secp256k1://Bob//stash"];

fn text(bytes: impl AsRef<[u8]>) -> Value {
    format!("0x{}", hex::encode(bytes)).into()
}

fn bytes(value: Option<&Value>) -> Option<Vec<u8>> {
    hex::decode(value?.as_str()?.strip_prefix("0x")?).ok()
}

fn decoded<T: Decode>(value: Option<&Value>) -> Option<T> {
    decode_exact(&bytes(value)?).ok()
}

fn key(uri: &str) -> Keypair {
    Keypair::from_uri(uri).unwrap()
}

fn worker() -> Keypair {
    Keypair::ed25519_from_seed(&Secret::new(WORKER_SEED))
}

fn keyholder() -> Keypair {
    Keypair::ed25519_from_seed(&Secret::new([3; 32]))
}

fn transport(seed: [u8; 32]) -> TransportSecret {
    TransportSecret::from_bytes(&Secret::new(seed))
}

fn keys() -> Value {
    let keys = URIS.iter().map(|uri| {
        let public = key(uri).public();
        let mut entry = json!({ "uri": uri, "scheme": key(uri).scheme().name(), "encoded": text(public.encode()) });
        entry["account"] = text(account_of(&public));
        if let PublicKey::Secp256k1(point) = public {
            entry["ethereum_address"] = text(ecdsa_to_eth_address(&point).unwrap());
        }
        entry
    });
    keys.collect()
}

fn command(caller: &Keypair, action: Action) -> Command {
    Command {
        network: NETWORK,
        cluster: CLUSTER,
        caller: caller.public(),
        action,
        value: 4_000_000_000_000_000_000_000,
        gas_limit: 500_000_000_000,
        nonce: u64::MAX - 1,
        expiry_ms: NOW + 123,
        response_key: [8; 32],
    }
}

/// A statement with the content that it is about, as JSON.
struct Case {
    name: &'static str,
    signer: Keypair,
    encoded: Vec<u8>,
    digest: Hash,
    forms: Value,
    signatures: Vec<CallerSignature>,
}

impl Case {
    fn new(name: &'static str, signer: &str, encoded: Vec<u8>, statement: Statement<'_>, old: Option<&Value>) -> Self {
        let signer = key(signer);
        let schemes: &[_] = match signer.scheme() {
            KeyScheme::Secp256k1 => {
                &[SigningScheme::Raw, SigningScheme::WrappedBytes, SigningScheme::Eip191, SigningScheme::Eip712]
            }
            _ => &[SigningScheme::Raw, SigningScheme::WrappedBytes],
        };
        let kept = |scheme: &SigningScheme| {
            let signature = decoded::<CallerSignature>(old?.get("signatures")?.get(format!("{scheme:?}")))?;
            let good = signer.scheme() == KeyScheme::Sr25519
                && signature.scheme == *scheme
                && verify_statement(&signer.public(), &statement, &signature);
            good.then_some(signature)
        };
        let made = |scheme: &SigningScheme| signer.sign_statement(*scheme, &statement).unwrap();
        let signatures = schemes.iter().map(|scheme| kept(scheme).unwrap_or_else(|| made(scheme))).collect();
        let typed = statement.signing_bytes(SigningScheme::Eip712);
        let forms = json!({
            "label": statement.label().text(),
            "raw": text(statement.signing_bytes(SigningScheme::Raw)),
            "text": statement.text(),
            "typed_data": typed_data(&statement),
            "eip712_signing_bytes": text(&typed),
            "eip712_hash": text(keccak_256(&typed)),
        });
        Self { name, digest: statement.digest(), signer, encoded, forms, signatures }
    }

    fn json(&self) -> Value {
        let mut value = json!({ "name": self.name, "signer": text(self.signer.public().encode()) });
        value["encoded"] = text(&self.encoded);
        value["digest"] = text(self.digest);
        for (name, form) in self.forms.as_object().unwrap() {
            value[name.as_str()] = form.clone();
        }
        for signature in &self.signatures {
            value["signatures"][format!("{:?}", signature.scheme)] = text(signature.encode());
        }
        value
    }
}

fn commands(old: &Value) -> Vec<Case> {
    let contract = AccountId([3; 32]);
    let call = |input| Action::Call { contract, input };
    let (code, compat) = (CodeHash([9; 32]), Compat::Phala);
    let instantiate =
        Action::Instantiate { code, input: vec![1, 2, 3, 4], salt: vec![7], compat, public_events: false };
    let commands = [
        ("call", URIS[2], call(vec![0x9b, 0xae, 0x9d, 0x5e, 1])),
        ("call with long input", URIS[2], call((0..=255).collect())),
        ("call by sr25519", URIS[0], call(vec![])),
        ("instantiate", URIS[1], instantiate),
        ("transfer", URIS[3], Action::Transfer { to: AccountId([10; 32]) }),
    ];
    cases(old, 0, commands.into()).collect()
}

/// Appended, so that the places of older statements stay.
fn withdrawals(old: &Value) -> Vec<Case> {
    let withdraw = Action::Withdraw { to: AccountId([10; 32]) };
    cases(old, 10, vec![("withdraw", URIS[2], withdraw)]).collect()
}

/// Commands as statements, whose places in the document begin at `first`.
fn cases(old: &Value, first: usize, commands: Vec<(&'static str, &'static str, Action)>) -> impl Iterator<Item = Case> {
    commands.into_iter().enumerate().map(move |(index, (name, signer, action))| {
        let command = command(&key(signer), action);
        let old = old["statements"].get(first + index);
        Case::new(name, signer, command.encode(), Statement::Command(&command), old)
    })
}

fn delegation(contracts: Contracts) -> Delegation {
    Delegation {
        network: NETWORK,
        cluster: CLUSTER,
        delegate: key(URIS[1]).public(),
        not_before_ms: NOW,
        not_after_ms: NOW + 3_600_000,
        scope: Scope::Commands { contracts, value_max: 5 },
    }
}

fn others(old: &Value) -> Vec<Case> {
    let old = |index: usize| old["statements"].get(index);
    let terms = SessionTerms {
        network: NETWORK,
        cluster: CLUSTER,
        worker: worker().worker().unwrap(),
        caller: key(URIS[2]).public(),
        encapsulated: [11; 32],
        expiry_ms: NOW + 60_000,
    };
    let action = LedgerAction::RegisterCode { code: CodeHash([9; 32]), bytes: 1234 };
    let tx = LedgerTx { network: NETWORK, signer: key(URIS[2]).public(), nonce: 2, action };
    let (any, some) =
        (delegation(Contracts::Any), delegation(Contracts::Only(vec![AccountId([3; 32]), AccountId([12; 32])])));
    let queries = Delegation { scope: Scope::Queries, ..any.clone() };
    vec![
        Case::new("session", URIS[2], terms.encode(), Statement::Session(&terms), old(5)),
        Case::new("ledger transaction", URIS[2], tx.encode(), Statement::LedgerTx(&tx), old(6)),
        Case::new("delegation, any", URIS[2], any.encode(), Statement::Delegation(&any), old(7)),
        Case::new("delegation, two contracts", URIS[2], some.encode(), Statement::Delegation(&some), old(8)),
        Case::new("delegation, queries", URIS[0], queries.encode(), Statement::Delegation(&queries), old(9)),
    ]
}

/// A command by a delegate, sealed to a known key.
fn envelope(old: &Value) -> Value {
    let (wallet, delegate) = (key(URIS[2]), key(URIS[1]));
    let action = Action::Call { contract: AccountId([3; 32]), input: vec![1] };
    let command = Command { value: 5, ..command(&wallet, action) };
    let delegation = delegation(Contracts::Any);
    let signature = wallet.sign_statement(SigningScheme::Eip712, &Statement::Delegation(&delegation)).unwrap();
    let certificate = Box::new(Certificate { delegation, signature });
    let signature = delegate.sign(&Statement::Command(&command).signing_bytes(SigningScheme::Raw));
    let authority = tallow_types::Authority::Delegate { certificate, signature };
    let signed = SignedCommand { command, authority };
    tallow_crypto::verify_command(&signed).unwrap();

    let epoch = transport(EPOCH_SEED);
    let opens = |sealed: &SealedCommand| open_command(&epoch, &NETWORK, &CLUSTER, sealed).as_ref() == Ok(&signed);
    let kept = decoded(old["envelope"].get("sealed")).filter(opens);
    let sealed = kept.unwrap_or_else(|| seal_command(&epoch.public(), &NETWORK, &CLUSTER, EPOCH, &signed).unwrap());
    json!({
        "network": text(NETWORK),
        "cluster": text(CLUSTER),
        "epoch": EPOCH,
        "epoch_secret": text(EPOCH_SEED),
        "epoch_public": text(epoch.public()),
        "signed_command": text(signed.encode()),
        "command_id": text(command_id(&signed.command)),
        "sealed": text(sealed.encode()),
    })
}

fn accept(opening: &SealedSessionOpen) -> Option<SessionServer> {
    let worker = worker().worker().unwrap();
    SessionServer::accept(&transport(TRANSPORT_SEED), &NETWORK, &CLUSTER, &worker, NOW, opening).ok()
}

/// A session with one request and its answer, by known keys of the replica.
fn session(old: &Value) -> Value {
    let request = QueryRequest { query: Query::Balance(AccountId([3; 32])), min_height: 7 };
    let old = &old["session"];
    let opening = decoded(old.get("opening")).filter(|opening| accept(opening).is_some());
    let frame = decoded::<SessionFrame>(old.get("request_frame"));
    let kept = opening.zip(frame).filter(|(opening, frame)| {
        accept(opening).is_some_and(|server| server.open_request(frame).as_ref() == Ok(&request))
    });
    let worker_id = worker().worker().unwrap();
    let (opening, frame) = kept.unwrap_or_else(|| {
        let transport = transport(TRANSPORT_SEED).public();
        let expiry = NOW + 60_000;
        let opened = SessionClient::open(&transport, &NETWORK, &CLUSTER, &worker_id, expiry, &key(URIS[1]));
        let (opening, client) = opened.unwrap();
        (opening, client.seal_request(&request).unwrap())
    });
    let server = accept(&opening).unwrap();
    let answer = QueryAnswer {
        request: request_digest(&frame),
        height: 8,
        anchored_height: 6,
        result: QueryResult::Balance(1_000_000),
    };
    let signature = worker().sign(&query_answer_signing_bytes(&answer));
    let signed = SignedQueryAnswer { answer, signature };
    json!({
        "network": text(NETWORK),
        "cluster": text(CLUSTER),
        "worker": text(worker_id),
        "transport_secret": text(TRANSPORT_SEED),
        "transport_public": text(transport(TRANSPORT_SEED).public()),
        "opening": text(opening.encode()),
        "session": text(server.session_id()),
        "request": text(request.encode()),
        "request_frame": text(frame.encode()),
        "request_digest": text(request_digest(&frame)),
        "answer": text(signed.encode()),
    })
}

fn header(chain: Hash, height: u64, commitments: Commitments) -> Header {
    Header {
        chain,
        epoch: EPOCH,
        view: height + 1,
        parent_view: height - 1,
        leader: worker().worker().unwrap(),
        parent: tallow_types::BlockDigest([13; 32]),
        position: Position { height, time_ms: NOW },
        entries: Hash([14; 32]),
        commitments,
    }
}

/// A receipt, and the ledger's proof of the cluster whose replica certified it.
fn receipt() -> Value {
    let (group_key, ledger) = certificates::ledger(7);
    let genesis = Genesis {
        group_key,
        validators: vec![[7; 32]],
        keyholder: keyholder().account().0,
        time_ms: 0,
        policy: Hash([15; 32]),
        balances: vec![(AccountId([16; 32]), 5)],
        ledger: LedgerPolicy { tx_fee: 1, byte_fee: 2, ..LedgerPolicy::default() },
    };
    let network = network_id(&genesis);
    let record = unsigned_cluster(&network, AccountId([16; 32]), 2, EPOCH, transport(EPOCH_SEED).public());
    let vouch = vouch(&network, &keyholder(), &record);
    let record = consented(&network, ClusterRecord { vouch, ..record }, &[&worker()]);
    let of = record.cluster;
    let cluster = certificates::cluster(Hash(of.0), &WORKER_SEED);

    let id = command_id(&command(&key(URIS[2]), Action::Transfer { to: AccountId([10; 32]) }));
    let output = Output { flags: 0, data: vec![42], created: None };
    let outcome = Outcome { result: Ok(output), gas_used: 3, calls: 0, events: Vec::new() };
    let sealed = seal_outcome(&[8; 32], &id, &outcome.encode());
    let leaf = result_leaf(&id, &sealed);
    let tree = ResultsTree::new(vec![Hash([1; 32]), leaf, Hash([2; 32])]);
    let commitments = Commitments { results: tree.root(), ..Commitments::default() };
    let certified = cluster(header(Hash(of.0), 9, commitments));
    let digest = header_digest(&certified.header);
    let receipt = Receipt { command: id, sealed, path: tree.path(1).unwrap(), certified };

    let mut registry = Map::plain();
    let registry_key = RegistryKey::Cluster(of);
    registry.insert(&registry_key.encode(), record.encode());
    registry.insert(&RegistryKey::Nonce(AccountId([17; 32])).encode(), NonceRecord { next: 1, paced_ms: 2 }.encode());
    let commitments = Commitments { state: registry.root(), ..Commitments::default() };
    let proven = ProvenRecord {
        value: Some(record.encode()),
        proof: registry.prove(&registry_key.encode()).encode(),
        key: registry_key,
        certified: ledger(Hash(network.0))(header(Hash(network.0), 5, commitments)),
    };
    json!({
        "genesis": text(genesis.encode()),
        "network": text(network),
        "cluster_record": text(record.encode()),
        "cluster_record_proven": text(proven.encode()),
        "command_id": text(id),
        "response_key": text([8; 32]),
        "outcome": text(outcome.encode()),
        "leaf": text(leaf),
        "results_root": text(tree.root()),
        "header_digest": text(digest),
        "receipt": text(receipt.encode()),
    })
}

/// The question for a contract's timers, and an answer with one of each schedule.
fn timers() -> Value {
    let status = |id: &[u8], schedule, last| {
        let timer = Timer { id: id.to_vec(), schedule, input: vec![1, 2, 3, 4], gas_limit: 5, catch_up: 6 };
        TimerStatus { timer, due_ms: NOW + 1, waiting: None, last, suspended: true }
    };
    let fired = |result| {
        let command = CommandId([20; 32]);
        Some(Firing { command, due_ms: NOW - 2, ended_ms: NOW - 1, height: 9, gas_used: 4, result })
    };
    let waiting = TimerStatus {
        waiting: Some(CommandId([21; 32])),
        ..status(b"every", Schedule::Every { first_ms: 7, period_ms: 60_000 }, fired(Ok(0)))
    };
    let timers = vec![
        status(b"cron", Schedule::Cron("0 9 * * MON-FRI".into()), fired(Err(CallError::OutOfGas))),
        waiting,
        status(b"once", Schedule::Once { at_ms: NOW + 1 }, None),
    ];
    json!({
        "query": text(Query::Timers { contract: AccountId([3; 32]) }.encode()),
        "result": text(QueryResult::Timers { receipt_key: [22; 32], timers }.encode()),
    })
}

fn document(old: &Value) -> Value {
    let statements: Vec<_> =
        commands(old).iter().chain(&others(old)).chain(&withdrawals(old)).map(Case::json).collect();
    json!({
        "about": "Made and checked by crates/client/tests/it/vectors.rs; docs/wallets.md explains the statements. \
                  Hexadecimal strings are bytes; `encoded`, `signer`, `signatures` and whatever is named as a type of \
                  crates/types is SCALE.",
        "now_ms": NOW,
        "keys": keys(),
        "statements": statements,
        "envelope": envelope(old),
        "session": session(old),
        "receipt": receipt(),
        "timers": timers(),
    })
}

#[test]
fn the_vectors_are_those_of_this_program() {
    let old: Value = std::fs::read(PATH).map(|file| serde_json::from_slice(&file).unwrap()).unwrap_or_default();
    let document = document(&old);
    if std::env::var_os("TALLOW_WRITE_VECTORS").is_some() {
        std::fs::write(PATH, format!("{}\n", serde_json::to_string_pretty(&document).unwrap())).unwrap();
    }
    let current: Value = serde_json::from_slice(&std::fs::read(PATH).unwrap()).unwrap();
    for (name, value) in document.as_object().unwrap() {
        assert_eq!(&current[name], value, "{name}: if the change is meant, write docs/vectors/wire.json anew");
    }
    assert_eq!(current, document);
}
