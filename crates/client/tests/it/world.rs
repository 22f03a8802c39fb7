//! An honest network of one validator and one worker, as far as the API shows it.

use crate::certificates::{self, Certifier};
use parity_scale_codec::Encode;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tallow_api::{AnchorProof, Code, Problem, ReceiptAnswer, Status};
use tallow_attest::{Binding, Policy, sim};
use tallow_crypto::{
    Keypair, Secret, SessionServer, TransportSecret, command_id, consented, header_digest, network_id, open_command,
    query_answer_signing_bytes, request_digest, result_leaf, seal_outcome, unsigned_cluster, verify_command, vouch,
};
use tallow_state::{Map, Opening, ResultsTree};
use tallow_types::{
    AccountId, AnchorRecord, BlockDigest, CertifiedHeader, ClusterId, ClusterRecord, CodeHash, CodeRecord, CommandId,
    Commitments, Genesis, Hash, Header, LedgerAction, LedgerPolicy, NetworkId, Outcome, Output, Position, ProvenRecord,
    Query, QueryAnswer, QueryRequest, QueryResult, Receipt, RegistryKey, SealedCommand, SealedSessionOpen,
    SessionFrame, SessionId, SignedLedgerTx, SignedQueryAnswer, WorkerId, WorkerRecord, history_key,
};

/// Whose cluster it is.
const OWNER: AccountId = AccountId([0xc1; 32]);

/// The keyholder of every network here.
pub(crate) fn keyholder() -> Keypair {
    Keypair::ed25519_from_seed(&Secret::new([0xc2; 32]))
}

/// Everything the worker knows.
pub(crate) struct World {
    pub(crate) genesis: Genesis,
    pub(crate) network: NetworkId,
    pub(crate) cluster_id: ClusterId,
    ledger: Certifier,
    pub(crate) ledger_height: u64,
    pub(crate) registry: Map,
    pub(crate) worker: WorkerId,
    key: Keypair,
    transport: TransportSecret,
    epoch: TransportSecret,
    cluster: Certifier,
    pub(crate) height: u64,
    blinding: Arc<Secret<[u8; 32]>>,
    history: Map,
    sessions: BTreeMap<SessionId, SessionServer>,
    pub(crate) receipts: BTreeMap<CommandId, Receipt>,
    /// How often a command took effect.
    pub(crate) executed: usize,
    pub(crate) sessions_opened: usize,
    /// Signs the answers in the worker's place.
    pub(crate) impostor: Option<Keypair>,
    /// The result of every query.
    pub(crate) forced_result: Option<QueryResult>,
}

impl World {
    /// The network of this seed; another seed is another network.
    pub(crate) fn new(seed: u8) -> Self {
        let (group_key, ledger) = certificates::ledger(seed);
        let policy = Policy::development().digest();
        let genesis = Genesis {
            group_key,
            validators: vec![[seed; 32]],
            keyholder: keyholder().account().0,
            time_ms: 0,
            policy,
            balances: Vec::new(),
            ledger: LedgerPolicy::default(),
        };
        let network = network_id(&genesis);
        let cluster_id = tallow_crypto::cluster_id(&network, &OWNER, 0);
        let worker_seed = [seed.wrapping_add(100); 32];
        let key = Keypair::ed25519_from_seed(&Secret::new(worker_seed));
        let worker = key.worker().expect("an ed25519 key is a worker's");
        let blinding = Arc::new(Secret::new([seed; 32]));
        let mut world = Self {
            genesis,
            network,
            cluster_id,
            ledger: ledger(Hash(network.0)),
            ledger_height: 5,
            registry: Map::plain(),
            worker,
            key,
            transport: TransportSecret::generate(),
            epoch: TransportSecret::generate(),
            cluster: certificates::cluster(Hash(cluster_id.0), &worker_seed),
            height: 10,
            history: Map::hiding(blinding.clone()),
            blinding,
            sessions: BTreeMap::new(),
            receipts: BTreeMap::new(),
            executed: 0,
            sessions_opened: 0,
            impostor: None,
            forced_result: None,
        };
        world.register();
        world
    }

    fn register(&mut self) {
        let record = self.cluster_record(0, self.epoch.public());
        self.put(RegistryKey::Cluster(self.cluster_id), &record);
        self.register_worker();
    }

    /// A record of the cluster for which everybody vouches.
    pub(crate) fn cluster_record(&self, epoch: u64, epoch_key: [u8; 32]) -> ClusterRecord {
        let record = unsigned_cluster(&self.network, OWNER, 0, epoch, epoch_key);
        let vouch = vouch(&self.network, &keyholder(), &record);
        consented(&self.network, ClusterRecord { vouch, ..record }, &[&self.key])
    }

    fn register_worker(&mut self) {
        let binding = Binding { worker: self.worker, transport: self.transport.public() };
        let record = WorkerRecord {
            worker: self.worker,
            transport: binding.transport,
            evidence: sim::issue(sim::measurement(), &binding, now_ms()),
            endpoint: String::new(),
            attested_ms: 0,
        };
        self.put(RegistryKey::Worker(self.worker), &record);
    }

    /// The worker starts anew: its sessions are gone, its transport key is another one.
    pub(crate) fn relaunch(&mut self) {
        self.sessions.clear();
        self.transport = TransportSecret::generate();
        self.ledger_height += 1;
        self.register_worker();
    }

    pub(crate) fn forget_sessions(&mut self) {
        self.sessions.clear();
    }

    pub(crate) fn put(&mut self, key: RegistryKey, record: &impl Encode) {
        self.registry.insert(&key.encode(), record.encode());
    }

    pub(crate) fn status(&self) -> Status {
        Status {
            version: "0".to_owned(),
            network: self.network,
            cluster: self.cluster_id,
            worker: self.worker,
            height: self.height,
            anchored_height: 0,
            ledger_height: self.ledger_height,
            anchor_interval_ms: 100,
            waiting: 0,
            replicas: 1,
            disk_free_bytes: 1 << 40,
            disk_full: false,
            development: vec!["everything".to_owned()],
        }
    }

    pub(crate) fn record(&self, key: RegistryKey) -> ProvenRecord {
        let commitments = Commitments { state: self.registry.root(), ..Commitments::default() };
        ProvenRecord {
            value: self.registry.get(&key.encode()).map(|value| value.to_vec()),
            proof: self.registry.prove(&key.encode()).encode(),
            key,
            certified: (self.ledger)(header(Hash(self.network.0), self.ledger_height, commitments)),
        }
    }

    pub(crate) fn open_session(&mut self, opening: &SealedSessionOpen) -> Result<(), Problem> {
        let server =
            SessionServer::accept(&self.transport, &self.network, &self.cluster_id, &self.worker, now_ms(), opening)
                .map_err(|error| Code::EnvelopeRefused.problem(error.to_string()))?;
        self.sessions_opened += 1;
        self.sessions.insert(server.session_id(), server);
        Ok(())
    }

    pub(crate) fn query(&self, frame: &SessionFrame) -> Result<SessionFrame, Problem> {
        let session = self.sessions.get(&frame.session).ok_or_else(|| Code::SessionUnknown.problem(""))?;
        let request = session.open_request(frame).map_err(|error| Code::SessionUnknown.problem(error.to_string()))?;
        let answer = QueryAnswer {
            request: request_digest(frame),
            height: self.height,
            anchored_height: 0,
            result: self.forced_result.clone().unwrap_or_else(|| result(request)),
        };
        let key = self.impostor.as_ref().unwrap_or(&self.key);
        let signature = key.sign(&query_answer_signing_bytes(&answer));
        Ok(session.seal_answer(frame.number, &SignedQueryAnswer { answer, signature }))
    }

    /// Runs a command in a block of its own, beside another result.
    pub(crate) fn command(&mut self, sealed: &SealedCommand) -> Result<CommandId, Problem> {
        let opened = open_command(&self.epoch, &self.network, &self.cluster_id, sealed);
        let signed = opened.map_err(|error| Code::EnvelopeRefused.problem(error.to_string()))?;
        if verify_command(&signed).is_err() {
            return Err(Code::CommandRefused.problem("signature"));
        }
        let id = command_id(&signed.command);
        if self.receipts.contains_key(&id) {
            return Err(Code::CommandSeen.problem(""));
        }
        self.executed += 1;
        let output = Output { flags: 0, data: signed.command.nonce.encode(), created: None };
        let outcome = Outcome { result: Ok(output), gas_used: 3, calls: 0, events: Vec::new() };
        let sealed = seal_outcome(&signed.command.response_key, &id, &outcome.encode());
        let receipt = self.seal_block(id, sealed);
        self.receipts.insert(id, receipt);
        Ok(id)
    }

    fn seal_block(&mut self, command: CommandId, sealed: Vec<u8>) -> Receipt {
        let tree = ResultsTree::new(vec![Hash([1; 32]), result_leaf(&command, &sealed), Hash([2; 32])]);
        self.height += 1;
        let certified = self.certify(self.height, Commitments { results: tree.root(), ..Commitments::default() });
        let digest: BlockDigest = header_digest(&certified.header);
        self.history.insert(&history_key(self.height), digest.encode());
        Receipt { command, sealed, path: tree.path(1).expect("it has three leaves"), certified }
    }

    fn certify(&self, height: u64, commitments: Commitments) -> CertifiedHeader {
        (self.cluster)(header(Hash(self.cluster_id.0), height, commitments))
    }

    pub(crate) fn receipt(&self, id: CommandId) -> Result<ReceiptAnswer, Problem> {
        let receipt = self.receipts.get(&id).cloned().ok_or_else(|| Code::NotFound.problem(id.to_string()))?;
        Ok(ReceiptAnswer { receipt, anchor: None })
    }

    /// The receipt with the proof that a block three heights above it is anchored.
    pub(crate) fn anchored_receipt(&mut self, id: CommandId) -> Result<ReceiptAnswer, Problem> {
        let ReceiptAnswer { receipt, .. } = self.receipt(id)?;
        let height = receipt.certified.header.position.height;
        let opening = Opening::new(&self.blinding, height + 3, self.history.root());
        let commitments = Commitments { state: opening.commitment(), ..Commitments::default() };
        let anchored = self.certify(height + 3, commitments).header;
        self.ledger_height += 1;
        let record = AnchorRecord { header: anchored, ledger_height: self.ledger_height };
        self.put(RegistryKey::Anchor(self.cluster_id), &record);
        let proof = self.history.prove(&history_key(height));
        let record = self.record(RegistryKey::Anchor(self.cluster_id));
        Ok(ReceiptAnswer { receipt, anchor: Some(AnchorProof { record, history: Some((opening, proof)) }) })
    }

    pub(crate) fn ledger_tx(&mut self, tx: &SignedLedgerTx) -> Result<u64, Problem> {
        let LedgerAction::RegisterCode { code, bytes } = &tx.tx.action else {
            return Err(Code::TransactionRefused.problem("only code is registered here"));
        };
        self.ledger_height += 1;
        self.put(RegistryKey::Code(*code), &CodeRecord { bytes: *bytes });
        Ok(self.ledger_height)
    }

    pub(crate) fn has_code(&self, code: CodeHash) -> bool {
        self.registry.contains(&RegistryKey::Code(code).encode())
    }
}

fn result(QueryRequest { query, .. }: QueryRequest) -> QueryResult {
    match query {
        Query::Balance(account) => QueryResult::Balance(account.0[0].into()),
        Query::Logs { .. } => QueryResult::Logs(Vec::new()),
        Query::Timers { .. } => QueryResult::Timers { receipt_key: [1; 32], timers: Vec::new() },
        Query::Subscribe { .. } => QueryResult::Refused(tallow_types::QueryRefusal::NotPermitted),
        Query::Contract(_) => QueryResult::Contract(None),
        Query::Secrets(_) => QueryResult::Secrets(Vec::new()),
        Query::SystemContract => QueryResult::SystemContract(None),
        Query::Call { input, .. } | Query::Instantiate { input, .. } => {
            let output = Output { flags: 0, data: input, created: None };
            QueryResult::Called { result: Ok(output), gas_used: 1, events: Vec::new() }
        }
    }
}

fn header(chain: Hash, height: u64, commitments: Commitments) -> Header {
    Header {
        chain,
        epoch: 0,
        view: height,
        parent_view: height - 1,
        leader: WorkerId([2; 32]),
        parent: BlockDigest([3; 32]),
        position: Position { height, time_ms: height * 1000 },
        entries: Hash([4; 32]),
        commitments,
    }
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set").as_millis() as u64
}
