//! Registration of workers, clusters and code.

use crate::{Judge, LedgerState, TxError};
use tallow_types::{
    AccountId, ClusterRecord, CodeHash, CodeRecord, PublicKey, RegistryKey, WorkerId, WorkerRecord,
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
        let record = WorkerRecord { attested_ms: now_ms, ..record.clone() };
        self.put(RegistryKey::Worker(record.worker), record);
        Ok(())
    }

    pub(crate) fn register_cluster(&mut self, signer: AccountId, record: &ClusterRecord) -> Result<(), TxError> {
        if !are_members(&record.members) {
            return Err(TxError::InvalidMembers);
        }
        if let Some(unknown) = record.members.iter().find(|member| self.worker(**member).is_none()) {
            return Err(TxError::UnknownMember(*unknown));
        }
        let expected = match self.cluster(record.cluster) {
            Some(old) if old.owner != signer => return Err(TxError::NotTheOwner),
            Some(old) => old.epoch.saturating_add(1),
            None => 0,
        };
        if record.epoch != expected {
            return Err(TxError::WrongEpoch { expected, given: record.epoch });
        }
        self.put(RegistryKey::Cluster(record.cluster), ClusterRecord { owner: signer, ..record.clone() });
        Ok(())
    }

    /// Registering code again changes nothing: whoever came first named its size.
    pub(crate) fn register_code(&mut self, code: CodeHash, bytes: u32) -> Result<(), TxError> {
        if bytes == 0 || bytes as usize > CODE_BYTES_MAX {
            return Err(TxError::InvalidCodeSize);
        }
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
