//! Cost of applying one ordered command, by size of the state: running the contract, its writes, root and commitments.

use anyhow::Context;
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tallow_abi::Bundle;
use tallow_cluster::{Cluster, Codes, Genesis, OpenError, Opened, Opener, State};
use tallow_crypto::{ClusterSecrets, Keypair, Secret, seal_command};
use tallow_engine::{Code, Engine, EngineConfig};
use tallow_state::Map;
use tallow_types::{
    AccountId, Action, BlockDigest, ClusterId, CodeHash, Command, Compat, Entry, NetworkId, Position, SealedCommand,
    WorkerId,
};

/// Blocks measured, of one command each.
const BLOCKS: u64 = 2_000;
/// Writes of one block of the bare map.
const WRITES: u32 = 4;

const NETWORK: NetworkId = NetworkId([1; 32]);
const CLUSTER: ClusterId = ClusterId([2; 32]);

struct Shelf(BTreeMap<CodeHash, Code>);

impl Codes for Shelf {
    fn code(&self, hash: &CodeHash) -> Option<Code> {
        self.0.get(hash).cloned()
    }
}

/// The envelope of the block under way, opened: a worker opens it when it arrives, not when it is applied.
struct Ready(Arc<Opened>);

impl Opener for Ready {
    fn open(&self, _: &Cluster, _: &SealedCommand) -> Result<Arc<Opened>, OpenError> {
        Ok(self.0.clone())
    }
}

/// A cluster whose state has so many keys, and the flipper on it.
struct Log {
    cluster: Cluster,
    state: State,
    digest: BlockDigest,
    owner: Keypair,
    nonce: u64,
}

impl Log {
    fn new(keys: u32, code: CodeHash, shelf: Shelf, engine: Engine) -> anyhow::Result<Self> {
        let owner = Keypair::from_uri("//Alice")?;
        let mut balances: Vec<_> = (0..keys).map(|key| (account(key), 1)).collect();
        balances.push((owner.account(), 1_000_000));
        let members = vec![WorkerId([3; 32])];
        let (owner_account, group_key) = (owner.account(), Vec::new()); // no ledger
        let genesis = Genesis {
            network: NETWORK,
            cluster: CLUSTER,
            epoch: 0,
            members,
            owner: owner_account,
            balances,
            group_key,
        };
        let secrets = ClusterSecrets { identity: Secret::new([4; 32]), epoch: Secret::new([5; 32]) };
        let cluster = Cluster::new(genesis, &secrets, engine, Arc::new(shelf));
        let state = cluster.genesis_state().0;
        let mut log = Self { cluster, state, digest: BlockDigest([6; 32]), owner, nonce: 0 };
        log.apply(&[Entry::Code(code).encode()], &())?;
        Ok(log)
    }

    fn command(&mut self, action: Action) -> anyhow::Result<(Vec<u8>, Ready)> {
        self.nonce += 1;
        let command = Command {
            network: NETWORK,
            cluster: CLUSTER,
            caller: self.owner.public(),
            action,
            value: 0,
            gas_limit: 100_000_000_000,
            nonce: self.nonce,
            expiry_ms: self.state.position().time_ms + 60_000,
            response_key: [7; 32],
        };
        let signed = self.owner.sign_command(command);
        let sealed = seal_command(&self.cluster.epoch_public(), &NETWORK, &CLUSTER, 0, &signed)?;
        let opened = Arc::new(self.cluster.open(&sealed)?);
        Ok((Entry::Command(sealed).encode(), Ready(opened)))
    }

    fn apply(&mut self, entries: &[Vec<u8>], opener: &dyn Opener) -> anyhow::Result<tallow_cluster::BlockOutput> {
        let Position { height, time_ms } = self.state.position();
        let at = Position { height: height + 1, time_ms: time_ms + 1 };
        let parent = self.state.clone(); // as in a chain: the parent's state stays until the block is final
        let (state, _, output) = self.cluster.execute((&parent, &self.digest), at, entries, opener)?;
        self.state = state;
        Ok(output)
    }
}

/// Microseconds to apply a block of one flip on a state of about `keys` keys.
pub(crate) fn command_us(bundles: &Path, keys: u32) -> anyhow::Result<f64> {
    let bundle = Bundle::parse(&std::fs::read(bundles.join("flipper.contract"))?)?;
    let metadata = bundle.metadata.context("metadata")?;
    let wasm = bundle.wasm;
    let code = tallow_crypto::code_hash(&wasm);
    let engine = Engine::new(EngineConfig::default())?;
    let shelf = Shelf(BTreeMap::from([(code, engine.prepare(&wasm)?)]));
    let mut log = Log::new(keys, code, shelf, engine)?;
    let input = metadata.encode_constructor("new", &["false".to_owned()])?;
    let (entry, ready) = log.command(Action::Instantiate {
        code,
        input,
        salt: Vec::new(),
        compat: Compat::Tallow,
        public_events: false,
    })?;
    log.apply(&[entry], &ready)?;
    let contract = tallow_crypto::contract::contract_address(&log.owner.account(), &code, &CLUSTER, &[]);
    let input = metadata.encode_call("flip", &[])?;
    let mut spent = std::time::Duration::ZERO;
    for _ in 0..BLOCKS {
        let (entry, ready) = log.command(Action::Call { contract, input: input.clone() })?;
        let started = Instant::now();
        let output = log.apply(&[entry], &ready)?;
        spent += started.elapsed();
        anyhow::ensure!(output.completed.len() == 1, "the command did not complete");
    }
    Ok(spent.as_secs_f64() * 1e6 / BLOCKS as f64)
}

/// Microseconds for a few writes to the bare map and its root.
pub(crate) fn map_us(keys: u32) -> f64 {
    let mut map = Map::hiding(Arc::new(Secret::new([7; 32])));
    for key in 0..keys {
        map.insert(account(key).as_ref(), vec![1; 32]);
    }
    map.root();
    let started = Instant::now();
    for block in 0..BLOCKS as u32 {
        let parent = map.clone();
        for write in 0..WRITES {
            // Keys far apart, in an order without pattern.
            let key = (block * WRITES + write).wrapping_mul(2_654_435_761) % keys;
            map.insert(account(key).as_ref(), block.to_le_bytes().repeat(8));
        }
        map.root();
        drop(parent);
    }
    started.elapsed().as_secs_f64() * 1e6 / BLOCKS as f64
}

fn account(key: u32) -> AccountId {
    AccountId(tallow_crypto::blake2b_256(&key.to_le_bytes()))
}
