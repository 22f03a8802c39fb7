//! The cluster's application with four replicas under the deterministic runtime: the same receipts and commitments
//! everywhere, also without one of them.

use super::{ClusterApp, Executed};
use crate::final_state::{Completed, Extras, Final};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use tallow_abi::Bundle;
use tallow_chain::group::{Certificates, Group, Outcome, SIZE, members};
use tallow_chain::{Application, ExecuteError, Finalized};
use tallow_cluster::{Cluster, Codes, Genesis, State};
use tallow_crypto::{ClusterSecrets, Keypair, Secret, contract::contract_address, seal_command};
use tallow_engine::{Code, Engine, EngineConfig};
use tallow_proof::{ClusterVerifier, VerifyHeader, verify_receipt};
use tallow_types::{
    AccountId, Action, BlockDigest, CertifiedHeader, ClusterId, CodeHash, Command, CommandId, Commitments, Compat,
    Hash, NetworkId, Position, SealedCommand,
};

const NETWORK: NetworkId = NetworkId([1; 32]);
const CLUSTER: ClusterId = ClusterId([2; 32]);
/// Calls of the contract, and transfers.
const CALLS: u64 = 12;
const PULSE: &[u8] = include_bytes!("../../../../contracts/bundles/pulse.contract");
const FLIPPER: &[u8] = include_bytes!("../../../../contracts/bundles/flipper.contract");

struct Shelf(BTreeMap<CodeHash, Code>);

impl Codes for Shelf {
    fn code(&self, hash: &CodeHash) -> Option<Code> {
        self.0.get(hash).cloned()
    }
}

/// Where the commands come from.
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A replica that also notes what became final.
struct Replica {
    app: ClusterApp,
    finals: Mutex<Vec<CertifiedHeader>>,
}

impl Application for Replica {
    type State = Executed;

    fn genesis(&self) -> (Executed, Commitments) {
        self.app.genesis()
    }

    fn propose(&self, parent: &Executed, at: Position) -> Vec<Vec<u8>> {
        self.app.propose(parent, at)
    }

    fn execute(
        &self,
        parent: &Executed,
        digest: &BlockDigest,
        at: Position,
        entries: &[Vec<u8>],
    ) -> Result<(Executed, Commitments), ExecuteError> {
        self.app.execute(parent, digest, at, entries)
    }

    fn effective(&self, entries: Vec<Vec<u8>>, executed: &Executed) -> Vec<Vec<u8>> {
        self.app.effective(entries, executed)
    }

    fn finalized(&self, block: Finalized<'_>, executed: &Executed) {
        self.finals.lock().unwrap().push(block.certified.clone());
        executed.state.check_invariants();
        self.app.finalized(block, executed);
    }
}

/// The contract, and the commands that every replica is sent.
struct Load {
    engine: Engine,
    wasm: Vec<u8>,
    code: CodeHash,
    owner: Keypair,
    inputs: [Vec<u8>; 2],
}

impl Load {
    fn new() -> Self {
        Self::of(FLIPPER, "true", ("flip", &[]))
    }

    /// Of a contract with one argument of its constructor, and a message.
    fn of(bundle: &[u8], argument: &str, (message, arguments): (&str, &[&str])) -> Self {
        let bundle = Bundle::parse(bundle).unwrap();
        let metadata = bundle.metadata.unwrap();
        let made = metadata.encode_constructor("new", &[argument.to_owned()]).unwrap();
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let call = metadata.encode_call(message, &arguments).unwrap();
        let code = tallow_crypto::code_hash(&bundle.wasm);
        let engine = Engine::new(EngineConfig::default()).unwrap();
        Self { engine, wasm: bundle.wasm, code, owner: Keypair::from_uri("//Alice").unwrap(), inputs: [made, call] }
    }

    fn replica(&self) -> Arc<Replica> {
        let shelf = Shelf(BTreeMap::from([(self.code, self.engine.prepare(&self.wasm).unwrap())]));
        let balances = vec![(self.owner.account(), 1_000_000)];
        let genesis = Genesis {
            network: NETWORK,
            cluster: CLUSTER,
            epoch: 0,
            members: members(),
            owner: AccountId([1; 32]),
            balances,
            group_key: Vec::new(),
        };
        let secrets = ClusterSecrets { identity: Secret::new([3; 32]), epoch: Secret::new([4; 32]) };
        let cluster = Arc::new(Cluster::new(genesis, &secrets, self.engine.clone(), Arc::new(shelf)));
        let (published, _) = Final::new(cluster.genesis_state().0, BlockDigest::default(), Extras::default());
        let app = ClusterApp::new(cluster, Arc::new(published));
        Arc::new(Replica { app, finals: Mutex::default() })
    }

    fn contract(&self) -> AccountId {
        contract_address(&self.owner.account(), &self.code, &CLUSTER, &[])
    }

    /// One command for each number: the contract is made first, then called and paid beside.
    fn command(&self, number: u64) -> Command {
        let contract = self.contract();
        let [made, call] = self.inputs.clone();
        let action = match number {
            0 => Action::Instantiate {
                code: self.code,
                input: made,
                salt: vec![],
                compat: Compat::Tallow,
                public_events: false,
            },
            n if n % 2 == 1 => Action::Call { contract, input: call },
            _ => Action::Transfer { to: AccountId([5; 32]) },
        };
        Command {
            network: NETWORK,
            cluster: CLUSTER,
            caller: self.owner.public(),
            value: u128::from(matches!(action, Action::Transfer { .. })),
            action,
            gas_limit: 100_000_000_000,
            nonce: number,
            expiry_ms: 300_000,
            response_key: [7; 32],
        }
    }

    fn sealed(&self, replica: &Replica, number: u64) -> SealedCommand {
        let command = self.command(number);
        let signed = self.owner.sign_command(command);
        seal_command(&replica.app.cluster.epoch_public(), &NETWORK, &CLUSTER, 0, &signed).unwrap()
    }

    fn id(&self, number: u64) -> CommandId {
        tallow_crypto::command_id(&self.command(number))
    }

    /// Code first, the contract when it is listed everywhere, then a call or transfer at each step.
    fn step(&self, step: u64, replica: &Replica) {
        match step {
            0 => replica.app.add_code(self.code),
            n if n < 10 => {}
            n if n - 10 <= CALLS => drop(replica.app.submit(self.sealed(replica, n - 10), CLIENT, 0, Ok(()))),
            _ => {}
        }
    }

    fn run(&self, crashed: usize, done: impl Fn(&State) -> bool) -> Outcome<Replica> {
        let certificates = Certificates::Ed25519;
        let group = Group { chain: Hash(CLUSTER.0), genesis_time_ms: 0, certificates, seed: 7, crashed };
        let done = |replica: &Replica| {
            let state = replica.app.published.state();
            (0..=CALLS).all(|number| state.has_seen(&self.id(number))) && done(&state)
        };
        group.run(|_| self.replica(), |step, replica| self.step(step, replica), done)
    }
}

fn receipt(replica: &Replica, id: &CommandId) -> Completed {
    replica.app.published.completed(id).expect("every command is complete")
}

fn check(load: &Load, crashed: usize, done: impl Fn(&State) -> bool) -> Outcome<Replica> {
    let outcome = load.run(crashed, done);
    assert_eq!(outcome.apps.len(), SIZE - crashed);
    let verifier = ClusterVerifier::new(Hash(CLUSTER.0), 0, &members()).unwrap();
    let first = &outcome.apps[0];
    for replica in &outcome.apps {
        let finals = replica.finals.lock().unwrap().clone();
        for (ours, theirs) in finals.iter().zip(&*first.finals.lock().unwrap()) {
            verifier.verify(ours).unwrap();
            assert_eq!(ours.header, theirs.header, "one log, and one state commitment at each height");
        }
        for number in 0..=CALLS {
            let id = load.id(number);
            let (ours, theirs) = (receipt(replica, &id).receipt(), receipt(first, &id).receipt());
            verify_receipt(&id, &ours, &verifier).unwrap();
            assert_eq!((ours.sealed, ours.certified.header), (theirs.sealed, theirs.certified.header));
        }
        assert_eq!(replica.app.published.state().balance(&AccountId([5; 32])), u128::from(CALLS / 2), "each once");
    }
    outcome
}

#[test]
fn four_replicas_agree() {
    check(&Load::new(), 0, |_| true);
}

#[test]
fn three_of_four_replicas_agree() {
    check(&Load::new(), 1, |_| true);
}

/// Each call sets the timer anew, and after the last one it fires with the blocks that come by themselves.
#[test]
fn four_replicas_fire_the_same_timers() {
    let load = Load::of(PULSE, "\"\"", ("start", &["100", "100"]));
    let contract = load.contract();
    let beats = |state: &State| {
        let timer = state.timers(&contract).pop()?;
        Some((timer.last?.due_ms, timer.due_ms))
    };
    let first = std::sync::OnceLock::new();
    let outcome =
        check(&load, 0, |state| beats(state).is_some_and(|(last, _)| last >= first.get_or_init(|| last) + 1_000));
    for replica in outcome.apps {
        let (last, due) = beats(&replica.app.published.state()).unwrap();
        assert_eq!(due, last + 100);
    }
}
