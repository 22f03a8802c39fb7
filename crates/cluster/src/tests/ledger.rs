//! A ledger beside the fixture's cluster, with certificates of both as the consensus engine makes them.

use super::fixture::{NETWORK, header};
use commonware_codec::{Copying, DecodeExt as _, Encode as _, varint::UInt};
use commonware_cryptography::{
    bls12381::primitives::{group::Private, ops, variant::MinSig},
    certificate::Signers,
    ed25519::{Signature, certificate::Certificate},
};
use commonware_utils::Participant;
use parity_scale_codec::Encode as _;
use tallow_crypto::{
    Keypair, Secret, consensus_namespace, consented, header_digest, network_id, unsigned_cluster, vouch,
};
use tallow_ledger::{LedgerState, TxError};
use tallow_types::{
    AccountId, BlockDigest, CertifiedHeader, ClusterId, ClusterRecord, Commitments, Genesis, Hash, Header,
    LedgerAction, LedgerPolicy, LedgerTx, Position, ProvenRecord, RegistryKey, WorkerRecord,
};

fn group() -> Private {
    Private::decode(Copying(&[3; 32])).unwrap()
}

/// Owns the cluster and all balance, and is the keyholder.
fn owner() -> Keypair {
    Keypair::ed25519_from_seed(&Secret::new([77; 32]))
}

fn genesis() -> Genesis {
    Genesis {
        group_key: group_key(),
        validators: vec![[1; 32]],
        keyholder: owner().account().0,
        time_ms: 1,
        policy: Hash([2; 32]),
        balances: vec![(owner().account(), 1_000_000_000)],
        ledger: LedgerPolicy { funded_min: 0, ..LedgerPolicy::default() },
    }
}

/// The cluster that is registered.
pub(super) fn cluster_id() -> ClusterId {
    tallow_crypto::cluster_id(&network_id(&genesis()), &owner().account(), 0)
}

/// The encoded key of the validators' group.
pub(super) fn group_key() -> Vec<u8> {
    ops::compute_public::<MinSig>(&group()).encode().to_vec()
}

/// The namespace and the message that are signed to finalise.
fn vote(header: &Header) -> (Vec<u8>, Vec<u8>) {
    let namespace = [consensus_namespace(&header.chain).as_slice(), b"_FINALIZE"].concat();
    let mut proposal = Vec::new();
    for number in [header.epoch, header.view, header.parent_view] {
        proposal.extend_from_slice(&UInt(number).encode());
    }
    proposal.extend_from_slice(&header_digest(header).0);
    (namespace, proposal)
}

/// A ledger header that the validators certify.
pub(super) fn by_validators(header: Header) -> CertifiedHeader {
    let (namespace, proposal) = vote(&header);
    let signature = ops::sign_message::<MinSig>(&group(), &namespace, &proposal);
    let certificate = [proposal.as_slice(), &signature.encode()].concat();
    CertifiedHeader { header, descendants: Vec::new(), certificate }
}

/// A header of a cluster of one replica, which certifies it.
pub(super) fn by_replica(replica: &Keypair, header: Header) -> CertifiedHeader {
    let (namespace, proposal) = vote(&header);
    let signature = replica.sign(&[&[namespace.len() as u8], namespace.as_slice(), &proposal].concat()).0;
    let signers = Signers::new(1, [Participant::new(0)]).unwrap();
    let signature: Signature = Signature::decode(Copying(&signature)).unwrap();
    let certificate = Certificate { signers, signatures: vec![signature.into()] };
    let certificate = [proposal.as_slice(), &certificate.encode()].concat();
    CertifiedHeader { header, descendants: Vec::new(), certificate }
}

/// The ledger: its blocks have one transaction each.
pub(super) struct Ledger {
    pub(super) state: LedgerState,
    pub(super) genesis: Genesis,
}

impl Ledger {
    /// With the cluster registered, whose replica this is, and with these balances.
    pub(super) fn new(replica: &Keypair, balances: Vec<(AccountId, u128)>) -> Self {
        let genesis = genesis();
        let mut this = Self { state: LedgerState::genesis(&genesis), genesis };
        let worker = replica.worker().unwrap();
        let record =
            WorkerRecord { worker, transport: [0; 32], evidence: vec![], endpoint: String::new(), attested_ms: 0 };
        this.send(replica, LedgerAction::RegisterWorker(record)).unwrap();
        let network = network_id(&this.genesis);
        let record = unsigned_cluster(&network, owner().account(), 0, 0, [0; 32]);
        let vouch = vouch(&network, &owner(), &record);
        let record = consented(&network, ClusterRecord { vouch, ..record }, &[replica]);
        this.send(&owner(), LedgerAction::RegisterCluster(record)).unwrap();
        for (to, amount) in balances {
            this.send(&owner(), LedgerAction::Transfer { to, amount }).unwrap();
        }
        this
    }

    pub(super) fn send(&mut self, key: &Keypair, action: LedgerAction) -> Result<(), TxError> {
        let Position { height, time_ms } = self.state.position();
        let at = Position { height: height + 1, time_ms: time_ms + 20 };
        let nonce = self.state.nonce(key.account(), at.time_ms);
        let tx = LedgerTx { network: self.state.network(), signer: key.public(), nonce, action };
        let mut next = self.state.begin(at);
        next.apply(&key.sign_ledger_tx(tx).encode(), &|_, _| Ok(()))?;
        next.check_invariants().unwrap();
        self.state = next;
        Ok(())
    }

    /// A record with its proof, under the id that the fixture's network has.
    pub(super) fn prove(&self, key: RegistryKey) -> ProvenRecord {
        self.state.prove(key, by_validators(self.header()))
    }

    pub(super) fn message(&self, number: u64) -> ProvenRecord {
        self.prove(RegistryKey::Message(cluster_id(), number))
    }

    pub(super) fn header(&self) -> Header {
        let commitments = Commitments { state: self.state.empty_commitments().state, ..Commitments::default() };
        Header { chain: Hash(NETWORK.0), ..header(self.state.position(), BlockDigest([0; 32]), commitments) }
    }
}
