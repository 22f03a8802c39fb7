//! Registration of workers, clusters and code.

use crate::{Judge, LedgerState, TxError};
use tallow_crypto::{account_of, verify_cluster};
use tallow_types::{
    AccountId, ClusterRecord, CodeHash, CodeRecord, Leased, PublicKey, RegistryKey, WorkerId, WorkerRecord,
    limits::{CODE_BYTES_MAX, ENDPOINT_BYTES_MAX, PARTICIPANTS_MAX},
};

impl LedgerState {
    pub(crate) fn register_worker(
        &mut self,
        signer: &PublicKey,
        record: &WorkerRecord,
        judge: Judge<'_>,
    ) -> Result<(), TxError> {
        if *signer != PublicKey::Ed25519(record.worker.0) {
            return Err(TxError::NotTheWorker);
        }
        if record.endpoint.len() > ENDPOINT_BYTES_MAX {
            return Err(TxError::EndpointTooLong);
        }
        let now_ms = self.position.time_ms;
        judge(record, now_ms).map_err(|reason| TxError::EvidenceRefused { reason })?;
        self.lease(Leased::Worker(record.worker), account_of(signer), self.policy.worker_deposit)?;
        let record = WorkerRecord { attested_ms: now_ms, ..record.clone() };
        self.put(RegistryKey::Worker(record.worker), record);
        Ok(())
    }

    pub(crate) fn register_cluster(&mut self, signer: AccountId, record: &ClusterRecord) -> Result<(), TxError> {
        if record.owner != signer {
            return Err(TxError::NotTheOwner);
        }
        if !are_members(&record.members) {
            return Err(TxError::InvalidMembers);
        }
        if let Some(unknown) = record.members.iter().find(|member| self.worker(**member).is_none()) {
            return Err(TxError::UnknownMember(*unknown));
        }
        let expected = match self.cluster(record.cluster) {
            Some(old) => old.epoch.saturating_add(1),
            None => 0,
        };
        if record.epoch != expected {
            return Err(TxError::WrongEpoch { expected, given: record.epoch });
        }
        // After the cheap checks.
        verify_cluster(&self.network, &self.keyholder, record)?;
        self.lease(Leased::Cluster(record.cluster), signer, self.policy.cluster_deposit)?;
        self.set_members(record);
        self.put(RegistryKey::Cluster(record.cluster), record);
        Ok(())
    }

    /// Keeps the workers that are members now, and no longer for this cluster those that were.
    fn set_members(&mut self, record: &ClusterRecord) {
        record.members.iter().for_each(|member| self.hold(Leased::Worker(*member)));
        let before = self.cluster(record.cluster).map(|before| before.members).unwrap_or_default();
        before.into_iter().for_each(|member| self.release(Leased::Worker(member)));
    }

    /// Registering code again renews its lease alone: whoever came first named its size.
    pub(crate) fn register_code(&mut self, signer: AccountId, code: CodeHash, bytes: u32) -> Result<(), TxError> {
        if bytes == 0 || bytes as usize > CODE_BYTES_MAX {
            return Err(TxError::InvalidCodeSize);
        }
        self.lease(Leased::Code(code), signer, self.policy.code_deposit)?;
        if self.code(code).is_none() {
            self.put(RegistryKey::Code(code), CodeRecord { bytes });
        }
        Ok(())
    }
}

/// Whether these can be the members of a cluster: 3f+1, each once, in ascending order.
pub(crate) fn are_members(members: &[WorkerId]) -> bool {
    members.len() % 3 == 1 && members.len() <= PARTICIPANTS_MAX && members.is_sorted_by(|a, b| a < b)
}
