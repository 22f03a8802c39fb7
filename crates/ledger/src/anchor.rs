//! Anchors: what a cluster finalised, and what it tells the ledger.

use crate::{LedgerState, TxError};
use tallow_crypto::account_of;
use tallow_proof::{ClusterVerifier, VerifyHeader};
use tallow_state::outbox_head;
use tallow_types::{
    AccountId, Anchor, AnchorRecord, ClusterId, ClusterRecord, ContractRecord, Hash, Leased, OutboxMessage, PublicKey,
    RegistryKey, WorkerId, limits::OUTBOX_MAX,
};

impl LedgerState {
    pub(crate) fn apply_anchor(&mut self, signer: &PublicKey, anchor: &Anchor) -> Result<(), TxError> {
        let cluster = self.cluster(anchor.cluster).ok_or(TxError::UnknownCluster)?;
        if !may_anchor(signer, &cluster) {
            return Err(TxError::NotAMember);
        }
        let last = self.anchor(anchor.cluster).map(|record| record.header);
        let header = &anchor.certified.header;
        if let Some(anchored) = last.as_ref().map(|last| last.position.height)
            && header.position.height <= anchored
        {
            return Err(TxError::AnchorTooLow { anchored });
        }
        check(anchor, &cluster, &last.map_or(Hash::default(), |last| last.commitments.outbox))?;
        for message in anchor.outbox.iter().flatten() {
            self.apply_message(anchor.cluster, message);
        }
        let record = AnchorRecord { header: header.clone(), ledger_height: self.position.height };
        self.put(RegistryKey::Anchor(anchor.cluster), record);
        self.set_uses(Leased::Cluster(anchor.cluster), 1);
        Ok(())
    }

    /// A cluster is the authority for its own contracts; the ledger lists what it says.
    fn apply_message(&mut self, cluster: ClusterId, message: &OutboxMessage) {
        match *message {
            OutboxMessage::ContractCreated { contract, code, deployer } => {
                self.list(contract, ContractRecord { cluster, code, deployer });
            }
            OutboxMessage::CodeReplaced { contract, code } => {
                // A contract that its block had no room to list stays unlisted.
                if let Some(record) = self.contract(cluster, contract) {
                    self.list(contract, ContractRecord { code, ..record });
                }
            }
            OutboxMessage::Withdrawal { to, amount } => self.withdraw(cluster, to, amount),
            OutboxMessage::InboxTaken { next } => self.inbox_taken(cluster, next),
        }
    }

    /// Lists a contract, and keeps its code for as long as it does.
    fn list(&mut self, contract: AccountId, record: ContractRecord) {
        self.hold(Leased::Code(record.code));
        if let Some(before) = self.contract(record.cluster, contract) {
            self.release(Leased::Code(before.code));
        }
        self.put(RegistryKey::Contract(record.cluster, contract), record);
    }
}

/// A stranger's anchor would be as well proven as a member's; but it would cost the validators work that nobody pays.
fn may_anchor(signer: &PublicKey, cluster: &ClusterRecord) -> bool {
    let member = matches!(signer, PublicKey::Ed25519(key) if cluster.members.contains(&WorkerId(*key)));
    member || account_of(signer) == cluster.owner
}

/// Checks the certificate, and that the messages are all that the cluster said since its outbox had the head `said`.
fn check(anchor: &Anchor, cluster: &ClusterRecord, said: &Hash) -> Result<(), TxError> {
    let height = anchor.certified.header.position.height;
    if anchor.outbox.iter().any(|messages| messages.len() > OUTBOX_MAX) {
        return Err(TxError::OutboxTooLong);
    }
    let head = anchor.outbox.iter().fold(*said, |head, messages| outbox_head(&head, messages));
    if head != anchor.certified.header.commitments.outbox {
        return Err(TxError::OutboxMismatch);
    }
    let not_final = |reason| TxError::NotFinal { height, reason };
    ClusterVerifier::of(cluster).and_then(|verifier| verifier.verify(&anchor.certified)).map_err(not_final)
}
