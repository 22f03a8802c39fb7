use crate::{DevKeyholder, KeyError, KeyGrant, KeyRequest, Keyholder, Vouched, open_grant};
use parity_scale_codec::{Decode, Encode};
use tallow_attest::{AttestError, Binding, Policy, sim};
use tallow_crypto::{
    ClusterFault, ClusterSecrets, Keypair, Secret, TransportSecret, consented, header_digest, network_id,
    unsigned_cluster, vouch, vouching_key,
};
use tallow_proof::{CertificateError, LightClient, RecordError, VerifyHeader};
use tallow_state::Map;
use tallow_types::{
    AccountId, BlockDigest, CertifiedHeader, ClusterId, ClusterRecord, Commitments, Genesis, Hash, Header,
    LedgerPolicy, NetworkId, Position, ProvenRecord, RegistryKey, WorkerId, WorkerRecord,
};

const NOW: u64 = 1_800_000_000_000;
const MASTER: u8 = 9;
const OWNER: AccountId = AccountId([1; 32]);
const GROUP: u8 = 1;

/// The owner's first cluster.
fn cluster_id() -> ClusterId {
    tallow_crypto::cluster_id(&network(), &OWNER, 0)
}

/// Takes a header for final when the certificate names this group and the header. Real certificates have tests where
/// they are verified.
#[derive(Clone)]
struct Group(u8);

impl Group {
    fn certify(&self, header: Header) -> CertifiedHeader {
        let certificate = [&[self.0], header_digest(&header).as_ref()].concat();
        CertifiedHeader { header, descendants: Vec::new(), certificate }
    }
}

impl VerifyHeader for Group {
    fn verify(&self, certified: &CertifiedHeader) -> Result<(), CertificateError> {
        let good = self.certify(certified.header.clone()).certificate == certified.certificate;
        if good { Ok(()) } else { Err(CertificateError::InvalidCertificate) }
    }
}

fn genesis(policy: &Policy) -> Genesis {
    genesis_of(MASTER, policy)
}

fn genesis_of(master: u8, policy: &Policy) -> Genesis {
    Genesis {
        group_key: vec![GROUP; 96],
        validators: vec![[1; 32]],
        keyholder: vouching_key(&Secret::new([master; 32])).account().0,
        time_ms: 5,
        policy: policy.digest(),
        balances: Vec::new(),
        ledger: LedgerPolicy::default(),
    }
}

fn network() -> NetworkId {
    network_id(&genesis(&Policy::development()))
}

fn keyholder_with(policy: Policy) -> DevKeyholder<Group> {
    keyholder_of(MASTER, policy)
}

fn keyholder_of(master: u8, policy: Policy) -> DevKeyholder<Group> {
    let genesis = genesis_of(master, &policy);
    let light = LightClient::with_verifier(network_id(&genesis), genesis.keyholder, Group(GROUP));
    DevKeyholder::new(light, &genesis, policy, Secret::new([master; 32])).unwrap()
}

fn keyholder() -> DevKeyholder<Group> {
    keyholder_with(Policy::development())
}

fn worker_key(number: u8) -> Keypair {
    Keypair::ed25519_from_seed(&Secret::new([number; 32]))
}

/// A worker with a key of its own for this launch.
struct Launch {
    number: u8,
    worker: WorkerId,
    transport: TransportSecret,
}

impl Launch {
    fn new(number: u8) -> Self {
        let worker = worker_key(number).worker().unwrap();
        Self { number, worker, transport: TransportSecret::generate() }
    }

    fn record(&self) -> WorkerRecord {
        let (worker, transport) = (self.worker, self.transport.public());
        let evidence = sim::issue(sim::measurement(), &Binding { worker, transport }, NOW);
        WorkerRecord { worker, transport, evidence, endpoint: String::new(), attested_ms: NOW }
    }
}

/// The ledger of a test: its registry, and the group that certifies it.
struct Ledger {
    network: NetworkId,
    group: Group,
    map: Map,
}

impl Ledger {
    fn new() -> Self {
        Self { network: network(), group: Group(GROUP), map: Map::plain() }
    }

    fn worker(mut self, record: &WorkerRecord) -> Self {
        self.map.insert(&RegistryKey::Worker(record.worker).encode(), record.encode());
        self
    }

    fn cluster(mut self, record: &ClusterRecord) -> Self {
        self.map.insert(&RegistryKey::Cluster(record.cluster).encode(), record.encode());
        self
    }

    fn prove(&self, height: u64, key: RegistryKey) -> ProvenRecord {
        let header = Header {
            chain: Hash(self.network.0),
            epoch: 0,
            view: height,
            parent_view: 0,
            leader: WorkerId([1; 32]),
            parent: BlockDigest([2; 32]),
            position: Position { height, time_ms: NOW },
            entries: Hash([3; 32]),
            commitments: Commitments { state: self.map.root(), ..Commitments::default() },
        };
        ProvenRecord {
            value: self.map.get(&key.encode()).map(|value| value.to_vec()),
            proof: self.map.prove(&key.encode()).encode(),
            key,
            certified: self.group.certify(header),
        }
    }

    fn request(&self, height: u64, worker: WorkerId) -> KeyRequest {
        KeyRequest {
            cluster: self.prove(height, RegistryKey::Cluster(cluster_id())),
            worker: self.prove(height, RegistryKey::Worker(worker)),
        }
    }
}

fn cluster(epoch: u64, members: &[&Launch]) -> ClusterRecord {
    let vouched = keyholder().vouch(&cluster_id(), epoch);
    cluster_with(&network(), epoch, vouched, members)
}

fn cluster_with(network: &NetworkId, epoch: u64, vouched: Vouched, members: &[&Launch]) -> ClusterRecord {
    let record = unsigned_cluster(network, OWNER, 0, epoch, vouched.epoch_key);
    let keys: Vec<Keypair> = members.iter().map(|launch| worker_key(launch.number)).collect();
    consented(network, ClusterRecord { vouch: vouched.signature, ..record }, &keys.iter().collect::<Vec<_>>())
}

fn granted(record: &ClusterRecord, launch: &Launch) -> KeyGrant {
    let ledger = Ledger::new().worker(&launch.record()).cluster(record);
    keyholder().handle(NOW, &ledger.request(5, launch.worker)).unwrap()
}

fn open(record: &ClusterRecord, launch: &Launch, grant: &KeyGrant) -> Result<ClusterSecrets, KeyError> {
    open_grant(&launch.transport, &network(), record, &launch.worker, grant)
}

/// What the keyholder says about a cluster of one member to that member's request.
fn refusal(record: &WorkerRecord, member: &Launch) -> KeyError {
    let ledger = Ledger::new().worker(record).cluster(&cluster(0, &[member]));
    keyholder().handle(NOW, &ledger.request(5, record.worker)).unwrap_err()
}

#[test]
fn members_get_the_same_secrets_and_those_of_the_registered_key() {
    let (first, second) = (Launch::new(1), Launch::new(2));
    let record = cluster(3, &[&first, &second]);
    let mine = open(&record, &first, &granted(&record, &first)).unwrap();
    let theirs = open(&record, &second, &granted(&record, &second)).unwrap();
    assert!(mine.identity.expose() == theirs.identity.expose() && mine.epoch.expose() == theirs.epoch.expose());
    assert_eq!(mine.epoch_transport().public(), record.epoch_key);
}

#[test]
fn the_identity_is_stable_over_epochs_and_the_epoch_secret_is_not() {
    let launch = Launch::new(1);
    let secrets = |epoch| {
        let record = cluster(epoch, &[&launch]);
        open(&record, &launch, &granted(&record, &launch)).unwrap()
    };
    let (before, after) = (secrets(0), secrets(1));
    assert!(before.identity.expose() == after.identity.expose());
    assert!(before.epoch.expose() != after.epoch.expose());
}

#[test]
fn epoch_keys_differ_by_cluster_epoch_and_master() {
    let holder = keyholder();
    let other = keyholder_of(10, Policy::development());
    let keys = [
        holder.vouch(&cluster_id(), 0).epoch_key,
        holder.vouch(&cluster_id(), 1).epoch_key,
        holder.vouch(&ClusterId([8; 32]), 0).epoch_key,
        other.vouch(&cluster_id(), 0).epoch_key,
    ];
    assert_eq!(std::collections::BTreeSet::from(keys).len(), keys.len());
}

#[test]
fn who_is_no_member_gets_nothing() {
    let (member, other) = (Launch::new(1), Launch::new(2));
    let error = refusal(&other.record(), &member);
    assert!(matches!(error, KeyError::NotMember { worker, epoch: 0, .. } if worker == other.worker), "{error}");
}

#[test]
fn a_removed_member_cannot_show_the_records_of_before() {
    let (stays, leaves) = (Launch::new(1), Launch::new(2));
    let ledger = Ledger::new().worker(&stays.record()).worker(&leaves.record());
    let before = ledger.cluster(&cluster(0, &[&stays, &leaves]));
    let old = before.request(5, leaves.worker);
    let mut holder = keyholder();
    holder.handle(NOW, &old).unwrap();
    let after = before.cluster(&cluster(1, &[&stays]));
    assert!(matches!(holder.handle(NOW, &after.request(6, leaves.worker)), Err(KeyError::NotMember { epoch: 1, .. })));
    let stale = holder.handle(NOW, &old).unwrap_err();
    assert!(matches!(stale, KeyError::Record { source: RecordError::Stale { .. }, .. }), "{stale}");
    let mut restarted = keyholder();
    restarted.resume(holder.seen());
    assert!(matches!(restarted.handle(NOW, &old), Err(KeyError::Record { .. })));
}

#[test]
fn records_of_two_heights_are_taken_in_either_order() {
    let launch = Launch::new(1);
    let ledger = Ledger::new().worker(&launch.record()).cluster(&cluster(0, &[&launch]));
    for (cluster, worker) in [(5, 6), (6, 5)] {
        let request = KeyRequest {
            cluster: ledger.prove(cluster, RegistryKey::Cluster(cluster_id())),
            worker: ledger.prove(worker, RegistryKey::Worker(launch.worker)),
        };
        assert!(keyholder().handle(NOW, &request).is_ok());
    }
}

#[test]
fn evidence_is_judged() {
    let launch = Launch::new(1);
    let record = launch.record();
    let of = |evidence: Vec<u8>| match refusal(&WorkerRecord { evidence, ..record.clone() }, &launch) {
        KeyError::Evidence(error) => error,
        error => panic!("{error}"),
    };
    assert_eq!(of(Vec::new()), AttestError::Malformed);
    assert_eq!(of(vec![200, 1]), AttestError::UnknownKind(200));
    assert_eq!(of(Launch::new(1).record().evidence), AttestError::WrongBinding);
    let other_program = sim::issue(Hash([4; 32]), &Binding::from(&record), NOW);
    assert_eq!(of(other_program), AttestError::UnknownMeasurement(Hash([4; 32])));
    // The evidence of another launch of the same worker does not move its secrets to a key of the host's choice.
    let moved = WorkerRecord { transport: Launch::new(1).transport.public(), ..record.clone() };
    assert!(matches!(refusal(&moved, &launch), KeyError::Evidence(AttestError::WrongBinding)));
}

#[test]
fn a_production_policy_gives_simulated_workers_nothing() {
    let policy = Policy { allow_simulated: false, ..Policy::development() };
    let launch = Launch::new(1);
    let network = network_id(&genesis(&policy));
    let mut holder = keyholder_with(policy);
    let id = tallow_crypto::cluster_id(&network, &OWNER, 0);
    let record = cluster_with(&network, 0, holder.vouch(&id, 0), &[&launch]);
    let ledger = Ledger { network, ..Ledger::new() }.worker(&launch.record()).cluster(&record);
    let (cluster, worker) = (RegistryKey::Cluster(id), RegistryKey::Worker(launch.worker));
    let request = KeyRequest { cluster: ledger.prove(5, cluster), worker: ledger.prove(5, worker) };
    let error = holder.handle(NOW, &request).unwrap_err();
    assert!(matches!(error, KeyError::Evidence(AttestError::SimulatedRefused)), "{error}");
}

#[test]
fn records_of_another_network_are_not_believed() {
    let launch = Launch::new(1);
    let ledger = || Ledger::new().worker(&launch.record()).cluster(&cluster(0, &[&launch]));
    let ask = |ledger: Ledger| keyholder().handle(NOW, &ledger.request(5, launch.worker)).unwrap_err();
    let other_group = ask(Ledger { group: Group(GROUP + 1), ..ledger() });
    assert!(matches!(other_group, KeyError::Record { source: RecordError::NotFinal(_), .. }), "{other_group}");
    let other_network = ask(Ledger { network: NetworkId([3; 32]), ..ledger() });
    assert!(matches!(other_network, KeyError::Record { source: RecordError::WrongNetwork, .. }), "{other_network}");
}

#[test]
fn a_request_must_hold_the_records_it_needs() {
    let launch = Launch::new(1);
    let ledger = Ledger::new().worker(&launch.record()).cluster(&cluster(0, &[&launch]));
    let good = ledger.request(5, launch.worker);
    let ask = |request: KeyRequest| keyholder().handle(NOW, &request).unwrap_err();
    let swapped = KeyRequest { cluster: good.worker.clone(), worker: good.cluster.clone() };
    assert!(matches!(ask(swapped), KeyError::WrongRecord("cluster")));
    let twice = KeyRequest { worker: good.cluster.clone(), ..good.clone() };
    assert!(matches!(ask(twice), KeyError::WrongRecord("worker")));
    let absent = ledger.request(5, WorkerId([44; 32]));
    assert!(matches!(ask(absent), KeyError::Unknown("worker")));
    let mut claimed = good;
    claimed.worker.value = Some(WorkerRecord { transport: [5; 32], ..launch.record() }.encode());
    assert!(matches!(ask(claimed), KeyError::Record { source: RecordError::WrongValue, .. }));
}

#[test]
fn a_cluster_with_an_epoch_key_that_is_not_ours_gets_nothing() {
    let launch = Launch::new(1);
    let ask = |record: &ClusterRecord| {
        let ledger = Ledger::new().worker(&launch.record()).cluster(record);
        keyholder().handle(NOW, &ledger.request(5, launch.worker)).unwrap_err()
    };
    let record = ClusterRecord { epoch_key: TransportSecret::generate().public(), ..cluster(0, &[&launch]) };
    let error = ask(&record);
    let not_vouched = ClusterFault::NotVouched { cluster: cluster_id(), epoch: 0 };
    assert!(
        matches!(error, KeyError::Record { source: RecordError::NotVouched(fault), .. } if fault == not_vouched),
        "{error}"
    );
    // Nor if the keyholder's own key were made to sign another's.
    let signature = vouch(&network(), &vouching_key(&Secret::new([MASTER; 32])), &record);
    let error = ask(&cluster_with(&network(), 0, Vouched { epoch_key: record.epoch_key, signature }, &[&launch]));
    assert!(matches!(error, KeyError::WrongEpochKey(id) if id == cluster_id()), "{error}");
}

#[test]
fn a_grant_opens_for_its_worker_launch_and_epoch_alone() {
    let (first, second) = (Launch::new(1), Launch::new(2));
    let record = cluster(0, &[&first, &second]);
    let grant = granted(&record, &first);
    assert!(open(&record, &first, &grant).is_ok());
    for other in [&second, &Launch::new(1)] {
        assert!(matches!(open(&record, other, &grant), Err(KeyError::Seal(_))));
    }
    let same_key = Launch { number: second.number, worker: second.worker, transport: first.transport };
    assert!(matches!(open(&record, &same_key, &grant), Err(KeyError::Seal(_))));
    let first = Launch { number: first.number, worker: first.worker, ..same_key };
    assert!(matches!(open(&cluster(1, &[&first]), &first, &grant), Err(KeyError::WrongGrant)));
    let renamed = KeyGrant { epoch: 1, ..grant.clone() };
    assert!(matches!(open(&cluster(1, &[&first]), &first, &renamed), Err(KeyError::Seal(_))));
    let elsewhere = open_grant(&first.transport, &NetworkId([1; 32]), &record, &first.worker, &grant);
    assert!(matches!(elsewhere, Err(KeyError::Seal(_))));
}

#[test]
fn a_forged_grant_is_noticed_whichever_secret_is_wrong() {
    let launch = Launch::new(1);
    let record = cluster(0, &[&launch]);
    let forge = |secrets: ClusterSecrets| {
        let purpose = (network(), &cluster_id(), 0u64, &launch.worker, launch.transport.public()).encode();
        let sealed = secrets.seal(&launch.transport.public(), &purpose).unwrap();
        open(&record, &launch, &KeyGrant { cluster: cluster_id(), epoch: 0, sealed })
    };
    let real = || ClusterSecrets::derive(&Secret::new([MASTER; 32]), &cluster_id(), 0);
    assert!(forge(real()).is_ok());
    for forged in
        [ClusterSecrets { identity: Secret::random(), ..real() }, ClusterSecrets { epoch: Secret::random(), ..real() }]
    {
        assert!(matches!(forge(forged), Err(KeyError::WrongEpochKey(_))));
    }
}

#[test]
fn a_keyholder_needs_the_policy_and_network_of_its_genesis() {
    let genesis = genesis(&Policy::development());
    let light = |network| LightClient::with_verifier(network, genesis.keyholder, Group(GROUP));
    let with = |network, policy, master| {
        DevKeyholder::new(light(network), &genesis, policy, Secret::new([master; 32])).map(drop).unwrap_err()
    };
    let make = |network, policy| with(network, policy, MASTER);
    let lax = Policy { max_age_ms: u64::MAX, ..Policy::development() };
    assert!(matches!(make(network_id(&genesis), lax), KeyError::WrongPolicy { .. }));
    assert!(matches!(make(NetworkId([1; 32]), Policy::development()), KeyError::WrongNetwork));
    let other_master = with(network_id(&genesis), Policy::development(), MASTER + 1);
    assert!(matches!(other_master, KeyError::WrongMaster));
}

#[test]
fn requests_and_grants_travel() {
    let launch = Launch::new(1);
    let record = cluster(0, &[&launch]);
    let ledger = Ledger::new().worker(&launch.record()).cluster(&record);
    let request = ledger.request(5, launch.worker);
    assert_eq!(KeyRequest::decode(&mut &request.encode()[..]).unwrap(), request);
    let grant = granted(&record, &launch);
    assert_eq!(KeyGrant::decode(&mut &grant.encode()[..]).unwrap(), grant);
}
