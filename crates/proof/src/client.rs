//! The light client: one network, pinned by its genesis, and the newest of its ledger that was seen.

use crate::{
    CertificateError, ClusterVerifier, LedgerVerifier, ReceiptError, RecordError, VerifyHeader, verify_receipt,
    verify_record,
};
use parity_scale_codec::Decode;
use tallow_crypto::{ClusterFault, verify_cluster};
use tallow_types::{
    AccountId, AnchorRecord, CertifiedHeader, ClusterId, ClusterRecord, CodeHash, CodeRecord, CommandId,
    ContractRecord, Genesis, Hash, InboxRecord, NetworkId, NonceRecord, ProvenRecord, Receipt, RegistryKey, WorkerId,
    WorkerRecord, decode_exact,
};

impl ClusterVerifier {
    /// A verifier under the members that a registry record names.
    ///
    /// # Errors
    /// [`CertificateError::MalformedKey`], as [`ClusterVerifier::new`].
    pub fn of(record: &ClusterRecord) -> Result<Self, CertificateError> {
        Self::new(Hash(record.cluster.0), record.epoch, &record.members)
    }
}

/// Believes registry records of one network, and never an older one after a newer one.
///
/// The group key of the validators is the same in every epoch, so validators of the past could still certify a header
/// of the past; that is why the client remembers the newest epoch and height it has seen. Whoever restarts one should
/// [`LightClient::resume`] it from where it was.
#[derive(Clone, Debug)]
pub struct LightClient<V = LedgerVerifier> {
    network: NetworkId,
    /// `Genesis::keyholder`.
    keyholder: [u8; 32],
    verifier: V,
    seen: Seen,
    /// The header that was verified last: several records of one block cost one verification.
    verified: Option<CertifiedHeader>,
}

/// The newest of a ledger that was seen: to be kept where it cannot be rolled back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, parity_scale_codec::Encode, Decode)]
pub struct Seen {
    /// Its epoch.
    pub epoch: u64,
    /// Its height.
    pub height: u64,
}

impl LightClient {
    /// A client of the network that `genesis` makes. Fails when its group key is none.
    pub fn new(genesis: &Genesis) -> Result<Self, CertificateError> {
        let network = tallow_crypto::network_id(genesis);
        let verifier = LedgerVerifier::new(Hash(network.0), &genesis.group_key)?;
        Ok(Self::with_verifier(network, genesis.keyholder, verifier))
    }
}

impl<V: VerifyHeader> LightClient<V> {
    /// A client that judges the ledger's headers by `verifier`, and believes the keys of clusters that `keyholder`
    /// (`Genesis::keyholder`) vouches for.
    pub fn with_verifier(network: NetworkId, keyholder: [u8; 32], verifier: V) -> Self {
        Self { network, keyholder, verifier, seen: Seen::default(), verified: None }
    }

    /// The network.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    #[cfg(test)]
    pub(crate) fn verifier(&self) -> &V {
        &self.verifier
    }

    /// The newest epoch and height seen.
    pub fn seen(&self) -> Seen {
        self.seen
    }

    /// Goes on from what an earlier client of this network had seen; never backwards.
    pub fn resume(&mut self, seen: Seen) {
        self.seen = Seen { epoch: self.seen.epoch.max(seen.epoch), height: self.seen.height.max(seen.height) };
    }

    /// Takes note of a ledger header: what is older will not be believed any more.
    pub fn observe(&mut self, certified: &CertifiedHeader) -> Result<(), RecordError> {
        if certified.header.chain.0 != self.network.0 {
            return Err(RecordError::WrongNetwork);
        }
        self.check_fresh(certified)?;
        self.known().verify(certified).map_err(RecordError::NotFinal)?;
        self.note(certified);
        Ok(())
    }

    /// The encoded record of `key`, or `None` when the registry proves to have none.
    pub fn record(&mut self, key: &RegistryKey, record: &ProvenRecord) -> Result<Option<Vec<u8>>, RecordError> {
        self.check_fresh(&record.certified)?;
        verify_record(key, record, &self.network, &self.known())?;
        self.note(&record.certified);
        Ok(record.value.clone())
    }

    /// A cluster, for which its owner, its members and the keyholders vouch.
    pub fn cluster(&mut self, id: ClusterId, record: &ProvenRecord) -> Result<Option<ClusterRecord>, RecordError> {
        let Some(found) = self.typed::<ClusterRecord>(&RegistryKey::Cluster(id), record)? else { return Ok(None) };
        if found.cluster != id {
            return Err(RecordError::NotVouched(ClusterFault::WrongId(id)));
        }
        verify_cluster(&self.network, &self.keyholder, &found)?;
        Ok(Some(found))
    }

    /// A worker.
    pub fn worker(&mut self, id: WorkerId, record: &ProvenRecord) -> Result<Option<WorkerRecord>, RecordError> {
        self.typed(&RegistryKey::Worker(id), record)
    }

    /// A contract.
    pub fn contract(
        &mut self,
        cluster: ClusterId,
        address: AccountId,
        record: &ProvenRecord,
    ) -> Result<Option<ContractRecord>, RecordError> {
        self.typed(&RegistryKey::Contract(cluster, address), record)
    }

    /// Code.
    pub fn code(&mut self, hash: CodeHash, record: &ProvenRecord) -> Result<Option<CodeRecord>, RecordError> {
        self.typed(&RegistryKey::Code(hash), record)
    }

    /// An anchor of a cluster as of any block of the ledger, also one older than what was seen: what was anchored once
    /// stays so. It is proven to be an anchor, not to be the newest.
    pub fn past_anchor(&mut self, id: ClusterId, record: &ProvenRecord) -> Result<Option<AnchorRecord>, RecordError> {
        verify_record(&RegistryKey::Anchor(id), record, &self.network, &self.known())?;
        let header = &record.certified.header;
        self.resume(Seen { epoch: header.epoch, height: header.position.height });
        Ok(record.value.as_deref().map(decode_exact).transpose()?)
    }

    /// A cluster's newest anchor.
    pub fn anchor(&mut self, id: ClusterId, record: &ProvenRecord) -> Result<Option<AnchorRecord>, RecordError> {
        self.typed(&RegistryKey::Anchor(id), record)
    }

    /// What the ledger remembers of an account that sent transactions.
    pub fn nonce(&mut self, account: AccountId, record: &ProvenRecord) -> Result<Option<NonceRecord>, RecordError> {
        self.typed(&RegistryKey::Nonce(account), record)
    }

    /// What an account has on the ledger.
    pub fn balance(&mut self, account: AccountId, record: &ProvenRecord) -> Result<u128, RecordError> {
        Ok(self.typed(&RegistryKey::Balance(account), record)?.unwrap_or_default())
    }

    /// What the ledger still keeps of a cluster's inbox.
    pub fn inbox(&mut self, cluster: ClusterId, record: &ProvenRecord) -> Result<InboxRecord, RecordError> {
        Ok(self.typed(&RegistryKey::Inbox(cluster), record)?.unwrap_or_default())
    }

    /// Checks a receipt of `command` under the members of `cluster`, which [`LightClient::cluster`] gave.
    pub fn receipt(&self, cluster: &ClusterRecord, receipt: &Receipt, command: &CommandId) -> Result<(), ReceiptError> {
        let verifier = ClusterVerifier::of(cluster).map_err(ReceiptError::NotFinal)?;
        verify_receipt(command, receipt, &verifier)
    }

    fn typed<T: Decode>(&mut self, key: &RegistryKey, record: &ProvenRecord) -> Result<Option<T>, RecordError> {
        let value = self.record(key, record)?;
        Ok(value.map(|bytes| decode_exact(&bytes)).transpose()?)
    }

    fn check_fresh(&self, certified: &CertifiedHeader) -> Result<(), RecordError> {
        let header = &certified.header;
        if header.position.height < self.seen.height || header.epoch < self.seen.epoch {
            return Err(RecordError::Stale { height: header.position.height, seen: self.seen.height });
        }
        Ok(())
    }

    fn note(&mut self, certified: &CertifiedHeader) {
        self.seen = Seen { epoch: certified.header.epoch, height: certified.header.position.height };
        if self.verified.as_ref() != Some(certified) {
            self.verified = Some(certified.clone());
        }
    }

    fn known(&self) -> Known<'_, V> {
        Known { verifier: &self.verifier, verified: self.verified.as_ref() }
    }
}

/// A verifier that knows the outcome for one header with its certificate.
struct Known<'a, V> {
    verifier: &'a V,
    verified: Option<&'a CertifiedHeader>,
}

impl<V: VerifyHeader> VerifyHeader for Known<'_, V> {
    fn verify(&self, certified: &CertifiedHeader) -> Result<(), CertificateError> {
        // All of it is compared: another certificate for the same header has to prove itself.
        if self.verified == Some(certified) { Ok(()) } else { self.verifier.verify(certified) }
    }
}
