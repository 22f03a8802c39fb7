//! A cluster's state: one Merkle map that the header commits to, and indices that follow from it.

mod money;
mod owned;
mod timers;

use crate::{Cluster, Codes, Waiting};
use parity_scale_codec::{Decode, Encode};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tallow_crypto::Secret;
use tallow_engine::{Changes, Code, ContractInfo, World};
use tallow_state::Map;
use tallow_types::limits::HISTORY_BLOCKS_MAX;
use tallow_types::{
    AccountId, BlockDigest, ClusterPolicy, CodeHash, CommandId, Hash, ListedTimer, Position, SecretValue, decode_exact,
    history_key,
};
use timers::Timers;

/// Keys of the map. The first byte is the kind, so that kinds cannot collide.
#[derive(Encode, Decode)]
enum Key {
    /// Value: [`BlockDigest`] of the block at this height; the encoding is `types::history_key`.
    Block(u64),
    /// A contract's storage: address, generation, the contract's own key.
    Storage(AccountId, u32, Vec<u8>),
    Contract(AccountId),
    Balance(AccountId),
    Code(CodeHash),
    /// Value: `u64` expiry. The command was ordered and cannot take effect again.
    Seen(CommandId),
    /// Value: [`Waiting`].
    Waiting(CommandId),
    /// Value: `u32`, how often a contract of this address was terminated; absent means never. A contract that is made
    /// again at its address must not find the storage of before.
    Generation(AccountId),
    /// A contract's timer, by the id it gave it. Value: `timers::KeptTimer`.
    Timer(AccountId, Vec<u8>),
    /// Value: `u64`, how many timers were ever set.
    TimerSerial,
    /// Value: the contract after which the timers' turn was cut off in the last block, if it was.
    TimerTurn,
    /// Value: the account that may replace the contract's code.
    Admin(AccountId),
    /// Value: names of a contract's secrets, in order.
    SecretNames(AccountId),
    /// A contract's secret, by name: not in its storage, so that no code but its own can read it.
    Secret(AccountId, String),
    /// Value: the system contract's address.
    SystemContract,
    /// Value: `u64`, the number of the next message of the inbox.
    NextMessage,
    /// Value: `u128`, what the ledger holds for this cluster; absent when nothing.
    Backing,
    /// Value: [`Hash`], head of the chain of messages to the ledger.
    OutboxHead,
    /// Value: [`ClusterPolicy`]; absent before the owner sets one.
    Policy,
}

/// State after a block. Cloning shares structure and costs O(1).
#[derive(Clone)]
pub struct State {
    map: Map,
    position: Position,
    /// (expiry, command) of every `Seen` key, to forget them in time.
    seen: imbl::OrdSet<(u64, CommandId)>,
    /// Every `Waiting` value.
    waiting: imbl::OrdMap<CommandId, Arc<Waiting>>,
    /// (next deadline, command) of every waiting command.
    deadlines: imbl::OrdSet<(u64, CommandId)>,
    /// Every `Timer` value.
    timers: Timers,
    /// Address of every `Contract` key, to list them.
    contracts: imbl::OrdSet<AccountId>,
    /// Hash of every `Code` key, to list them.
    codes: imbl::OrdSet<CodeHash>,
    /// The `Policy` value, which is asked for at each command.
    policy: ClusterPolicy,
}

/// A state as it is written to disk (sealed by the shell).
#[derive(Encode, Decode)]
pub struct Snapshot {
    /// Height and time of the block whose state this is.
    pub position: Position,
    /// All keys and values of the map.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A snapshot that does not hold a cluster state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the snapshot is damaged: {0}")]
pub struct RestoreError(pub String);

/// Shows where it stands, never what it holds.
impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("position", &self.position).finish_non_exhaustive()
    }
}

impl State {
    /// State before the first block.
    pub(crate) fn genesis(blinding: Arc<Secret<[u8; 32]>>, balances: &[(AccountId, u128)]) -> Self {
        let mut state = Self::empty(blinding, Position { height: 0, time_ms: 0 });
        for (account, balance) in balances {
            state.set_balance(account, *balance);
        }
        state
    }

    fn empty(blinding: Arc<Secret<[u8; 32]>>, position: Position) -> Self {
        Self {
            map: Map::hiding(blinding),
            position,
            seen: imbl::OrdSet::new(),
            waiting: imbl::OrdMap::new(),
            deadlines: imbl::OrdSet::new(),
            timers: Timers::default(),
            contracts: imbl::OrdSet::new(),
            codes: imbl::OrdSet::new(),
            policy: ClusterPolicy::default(),
        }
    }

    /// Where the state stands.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Root of the map; shown to nobody as it is, see `tallow_state::commitment`.
    pub fn root(&self) -> Hash {
        self.map.root()
    }

    /// An account's free balance.
    pub fn balance(&self, account: &AccountId) -> u128 {
        self.read(&Key::Balance(*account)).unwrap_or(0)
    }

    /// A contract.
    pub fn contract(&self, address: &AccountId) -> Option<ContractInfo> {
        self.read(&Key::Contract(*address))
    }

    /// Contracts by address, those after `after`.
    pub fn contracts_after(&self, after: Option<AccountId>) -> impl Iterator<Item = (AccountId, ContractInfo)> + '_ {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.contracts.range((from, Bound::Unbounded)).filter_map(|address| Some((*address, self.contract(address)?)))
    }

    /// How many contracts there are.
    pub fn contracts_len(&self) -> usize {
        self.contracts.len()
    }

    /// Code of which contracts can be made, by hash, that after `after`.
    pub fn codes_after(&self, after: Option<CodeHash>) -> impl Iterator<Item = CodeHash> + '_ {
        self.codes.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)).copied()
    }

    /// Whether contracts can be made of this code.
    pub fn has_code(&self, code: &CodeHash) -> bool {
        self.map.get(&Key::Code(*code).encode()).is_some()
    }

    /// Whether the command was ordered already.
    pub fn has_seen(&self, command: &CommandId) -> bool {
        self.map.get(&Key::Seen(*command).encode()).is_some()
    }

    /// A command that waits for an external answer.
    pub fn waiting(&self, command: &CommandId) -> Option<&Arc<Waiting>> {
        self.waiting.get(command)
    }

    /// All commands that wait for external answers.
    pub fn all_waiting(&self) -> impl Iterator<Item = (&CommandId, &Arc<Waiting>)> {
        self.waiting.iter()
    }

    /// How many commands wait for external answers.
    pub fn waiting_len(&self) -> usize {
        self.waiting.len()
    }

    /// What contracts run on: this state with the host's prepared code.
    pub fn world(&self, codes: Arc<dyn Codes>) -> Arc<View> {
        Arc::new(View { state: self.clone(), codes, missing: AtomicBool::new(false) })
    }

    /// Everything, to be sealed and written.
    pub fn snapshot(&self) -> Snapshot {
        let entries = self.map.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        Snapshot { position: self.position, entries }
    }

    fn generation(&self, contract: &AccountId) -> u32 {
        self.read(&Key::Generation(*contract)).unwrap_or(0)
    }

    fn read<T: Decode>(&self, key: &Key) -> Option<T> {
        let value = self.map.get(&key.encode())?;
        Some(decode_exact(&value).expect("only this module writes the map, and it writes encodings of T"))
    }

    fn write(&mut self, key: &Key, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.map.insert(&key.encode(), value),
            None => self.map.remove(&key.encode()),
        };
    }

    /// Moves on to the next block; `parent` is the digest of the one whose state this was.
    pub(crate) fn advance(&mut self, to: Position, parent: &BlockDigest) {
        assert!(to.height == self.position.height + 1, "blocks come in order");
        assert!(to.time_ms > self.position.time_ms, "block time grows");
        self.write(&Key::Block(self.position.height), Some(parent.encode()));
        if let Some(forgotten) = self.position.height.checked_sub(HISTORY_BLOCKS_MAX) {
            self.write(&Key::Block(forgotten), None);
        }
        self.position = to;
    }

    /// Proof, under this state's commitment, of the digest of an earlier block; what it proves is `types::history_key`.
    pub fn prove_block(&self, height: u64) -> tallow_state::Proof {
        self.map.prove(&history_key(height))
    }

    /// Takes from an account, if it has so much.
    pub(crate) fn take(&mut self, account: &AccountId, amount: u128) -> bool {
        if amount == 0 {
            return true;
        }
        let left = self.balance(account).checked_sub(amount);
        left.inspect(|left| self.set_balance(account, *left)).is_some()
    }

    /// Gives what was taken from another account.
    pub(crate) fn give(&mut self, account: &AccountId, amount: u128) {
        if amount > 0 {
            self.set_balance(account, self.balance(account).saturating_add(amount));
        }
    }

    fn set_balance(&mut self, account: &AccountId, balance: u128) {
        self.write(&Key::Balance(*account), (balance > 0).then(|| balance.encode()));
    }

    pub(crate) fn add_code(&mut self, code: &CodeHash) {
        self.codes.insert(*code);
        self.write(&Key::Code(*code), Some(Vec::new()));
    }

    pub(crate) fn apply(&mut self, changes: &Changes) {
        for ((contract, key), value) in &changes.storage {
            let generation = self.generation(contract);
            self.write(&Key::Storage(*contract, generation, key.clone()), value.clone());
        }
        for (account, balance) in &changes.balances {
            self.set_balance(account, *balance);
        }
        for (address, info) in &changes.contracts {
            self.write(&Key::Contract(*address), info.map(|info| info.encode()));
            if info.is_some() {
                self.contracts.insert(*address);
            } else {
                self.contracts.remove(address);
                let next = self.generation(address).saturating_add(1);
                self.write(&Key::Generation(*address), Some(next.encode()));
                self.disown(address);
            }
        }
        self.apply_timers(changes);
    }

    pub(crate) fn mark_seen(&mut self, command: &CommandId, expiry_ms: u64) {
        self.seen.insert((expiry_ms, *command));
        self.write(&Key::Seen(*command), Some(expiry_ms.encode()));
    }

    /// Forgets commands that expired: their own expiry now keeps them from taking effect again.
    pub(crate) fn forget_expired(&mut self) {
        while let Some((expiry_ms, command)) = self.seen.get_min().copied() {
            if expiry_ms >= self.position.time_ms {
                break;
            }
            self.seen.remove(&(expiry_ms, command));
            self.write(&Key::Seen(command), None);
        }
    }

    pub(crate) fn set_waiting(&mut self, command: CommandId, waiting: Waiting) {
        self.end_waiting(&command);
        self.write(&Key::Waiting(command), Some(waiting.encode()));
        self.deadlines.insert((waiting.next_deadline_ms(), command));
        self.waiting.insert(command, Arc::new(waiting));
    }

    pub(crate) fn end_waiting(&mut self, command: &CommandId) {
        if let Some(waiting) = self.waiting.remove(command) {
            self.deadlines.remove(&(waiting.next_deadline_ms(), *command));
            self.write(&Key::Waiting(*command), None);
        }
    }

    /// The waiting command whose deadline passed longest ago.
    pub(crate) fn next_overdue(&self) -> Option<(CommandId, Arc<Waiting>)> {
        let (deadline_ms, command) = self.deadlines.get_min()?;
        (*deadline_ms < self.position.time_ms).then(|| (*command, self.waiting[command].clone()))
    }

    /// Asserts that the indices are what the map holds. Costs a full scan: for tests and simulation.
    pub fn check_invariants(&self) {
        let rebuilt = Self::rebuild(self.map.clone(), self.position).expect("the map holds cluster state");
        assert!(rebuilt.seen == self.seen, "seen index follows from the map");
        assert!(rebuilt.deadlines == self.deadlines, "deadline index follows from the map");
        assert!(rebuilt.contracts == self.contracts, "contract index follows from the map");
        assert!(rebuilt.codes == self.codes, "code index follows from the map");
        assert!(rebuilt.waiting.keys().eq(self.waiting.keys()), "waiting index follows from the map");
        assert!(rebuilt.policy == self.policy, "the policy is the map's");
        assert!(rebuilt.timers == self.timers, "timer index follows from the map");
    }

    fn rebuild(map: Map, position: Position) -> Result<Self, RestoreError> {
        let damaged = |what: &str| RestoreError(what.to_owned());
        let mut state = Self {
            map,
            position,
            seen: imbl::OrdSet::new(),
            waiting: imbl::OrdMap::new(),
            deadlines: imbl::OrdSet::new(),
            timers: Timers::default(),
            contracts: imbl::OrdSet::new(),
            codes: imbl::OrdSet::new(),
            policy: ClusterPolicy::default(),
        };
        for (key, value) in state.map.clone().iter() {
            match decode_exact(key).map_err(|_| damaged("unknown key"))? {
                Key::Seen(command) => {
                    let expiry_ms = decode_exact(value).map_err(|_| damaged("malformed expiry"))?;
                    state.seen.insert((expiry_ms, command));
                }
                Key::Waiting(command) => {
                    let waiting: Waiting = decode_exact(value).map_err(|_| damaged("malformed waiting command"))?;
                    state.deadlines.insert((waiting.next_deadline_ms(), command));
                    state.waiting.insert(command, Arc::new(waiting));
                }
                Key::Timer(contract, _) => {
                    let kept = decode_exact(value).map_err(|_| damaged("malformed timer"))?;
                    state.timers.insert(contract, kept);
                }
                Key::Contract(address) => drop(state.contracts.insert(address)),
                Key::Code(code) => drop(state.codes.insert(code)),
                Key::Policy => state.policy = decode_exact(value).map_err(|_| damaged("malformed policy"))?,
                Key::Block(_)
                | Key::Storage(..)
                | Key::Balance(_)
                | Key::Generation(_)
                | Key::TimerSerial
                | Key::TimerTurn
                | Key::Admin(_)
                | Key::SecretNames(_)
                | Key::Secret(..)
                | Key::SystemContract
                | Key::NextMessage
                | Key::Backing
                | Key::OutboxHead => {}
            }
        }
        Ok(state)
    }
}

impl Cluster {
    /// Restores a state from a snapshot that the caller has authenticated.
    pub fn restore(&self, snapshot: Snapshot) -> Result<State, RestoreError> {
        let entries = snapshot.entries.into_iter().map(|(key, value)| (key, Arc::<[u8]>::from(value)));
        let map = Map::from_entries(Some(self.keys.blinding.clone()), entries);
        State::rebuild(map, snapshot.position)
    }
}

/// A state as the engine reads it.
pub struct View {
    state: State,
    codes: Arc<dyn Codes>,
    missing: AtomicBool,
}

impl View {
    /// Whether a run asked for code that the log lists and this host does not hold. The log decides what exists, so
    /// what such a run gave is worthless: the host is at fault, not the contract.
    pub fn missing_code(&self) -> bool {
        self.missing.load(Ordering::Relaxed)
    }
}

impl World for View {
    fn storage(&self, contract: &AccountId, key: &[u8]) -> Option<Arc<[u8]>> {
        let generation = self.state.generation(contract);
        self.state.map.get(&Key::Storage(*contract, generation, key.to_vec()).encode())
    }

    fn contract(&self, address: &AccountId) -> Option<ContractInfo> {
        self.state.contract(address)
    }

    fn balance(&self, account: &AccountId) -> u128 {
        self.state.balance(account)
    }

    fn secret(&self, contract: &AccountId, name: &str) -> Option<SecretValue> {
        self.state.secret(contract, name)
    }

    fn code(&self, hash: &CodeHash) -> Option<Code> {
        if !self.state.has_code(hash) {
            return None;
        }
        let code = self.codes.code(hash);
        if code.is_none() {
            self.missing.store(true, Ordering::Relaxed);
        }
        code
    }

    fn timers(&self, contract: &AccountId) -> Vec<ListedTimer> {
        self.state.listed_timers(contract)
    }

    fn has_timer(&self, contract: &AccountId, id: &[u8]) -> bool {
        self.state.has_timer(contract, id)
    }

    fn count_timers(&self, contract: &AccountId) -> (usize, usize) {
        self.state.count_timers(contract)
    }
}
