//! Anchors: what a cluster finalised, and what it tells the ledger.

use crate::{LedgerState, TxError};
use tallow_crypto::account_of;
use tallow_proof::{ClusterVerifier, VerifyHeader};
use tallow_state::outbox_root;
use tallow_types::{
    Anchor, AnchorRecord, CertifiedHeader, ClusterId, ClusterRecord, ContractRecord, OutboxMessage, PublicKey,
    RegistryKey, WorkerId, limits::OUTBOX_MAX,
};

impl LedgerState {
    pub(crate) fn apply_anchor(&mut self, signer: &PublicKey, anchor: &Anchor) -> Result<(), TxError> {
        let cluster = self.cluster(anchor.cluster).ok_or(TxError::UnknownCluster)?;
        if !may_anchor(signer, &cluster) {
            return Err(TxError::NotAMember);
        }
        let last = self.anchor(anchor.cluster).map(|record| record.header.position.height);
        let header = &anchor.certified.header;
        if let Some(anchored) = last.filter(|last| header.position.height <= *last) {
            return Err(TxError::AnchorTooLow { anchored });
        }
        check(anchor, &cluster, last)?;
        for message in anchor.outbox.iter().flat_map(|(_, messages)| messages) {
            self.apply_message(anchor.cluster, message);
        }
        let record = AnchorRecord { header: header.clone(), ledger_height: self.position.height };
        self.put(RegistryKey::Anchor(anchor.cluster), record);
        Ok(())
    }

    /// A cluster is the authority for its own contracts; the ledger lists what it says.
    fn apply_message(&mut self, cluster: ClusterId, message: &OutboxMessage) {
        match *message {
            OutboxMessage::ContractCreated { contract, code, deployer } => {
                self.put(RegistryKey::Contract(cluster, contract), ContractRecord { cluster, code, deployer });
            }
            OutboxMessage::CodeReplaced { contract, code } => {
                // A contract that its block had no room to list stays unlisted.
                if let Some(record) = self.contract(cluster, contract) {
                    self.put(RegistryKey::Contract(cluster, contract), ContractRecord { code, ..record });
                }
            }
        }
    }
}

/// An anchor could leave out blocks with messages, which the ledger cannot know of; so not everybody may send one.
fn may_anchor(signer: &PublicKey, cluster: &ClusterRecord) -> bool {
    let member = matches!(signer, PublicKey::Ed25519(key) if cluster.members.contains(&WorkerId(*key)));
    member || account_of(signer) == cluster.owner
}

/// Checks certificates, order and messages of an anchor above the height `last`.
fn check(anchor: &Anchor, cluster: &ClusterRecord, last: Option<u64>) -> Result<(), TxError> {
    let height = anchor.certified.header.position.height;
    let verifier = ClusterVerifier::of(cluster).map_err(|reason| TxError::NotFinal { height, reason })?;
    check_final(&verifier, &anchor.certified)?;
    let mut below = last;
    for (certified, messages) in &anchor.outbox {
        let at = certified.header.position.height;
        if at > height || below.is_some_and(|below| at <= below) {
            return Err(TxError::OutboxOutOfOrder { height: at });
        }
        below = Some(at);
        check_messages(certified, messages)?;
        check_final(&verifier, certified)?;
    }
    let has_messages = anchor.certified.header.commitments.outbox != outbox_root(&[]);
    if has_messages && (anchor.outbox.is_empty() || below != Some(height)) {
        return Err(TxError::OutboxMissing);
    }
    Ok(())
}

fn check_messages(certified: &CertifiedHeader, messages: &[OutboxMessage]) -> Result<(), TxError> {
    let height = certified.header.position.height;
    if messages.len() > OUTBOX_MAX {
        return Err(TxError::OutboxTooLong { height });
    }
    if outbox_root(messages) != certified.header.commitments.outbox {
        return Err(TxError::OutboxMismatch { height });
    }
    Ok(())
}

fn check_final(verifier: &impl VerifyHeader, certified: &CertifiedHeader) -> Result<(), TxError> {
    let height = certified.header.position.height;
    verifier.verify(certified).map_err(|reason| TxError::NotFinal { height, reason })
}
