//! Messages of the ledger: judged, taken in their order, told of.

use super::Run;
use crate::Cluster;
use tallow_proof::verify_record;
use tallow_types::limits::INBOX_PER_BLOCK_MAX;
use tallow_types::{InboxMessage, OutboxMessage, ProvenRecord, RegistryKey, decode_exact};

impl Run<'_> {
    /// Takes the next message. Any other than that makes the block invalid: its proposer knew the state.
    pub(super) fn inbox(&mut self, record: &ProvenRecord) -> Result<(), &'static str> {
        if self.taken >= INBOX_PER_BLOCK_MAX {
            return Err("more messages of the inbox than a block takes");
        }
        let number = self.state.next_message();
        let InboxMessage::Deposit { to, amount, .. } = self.cluster.message(number, record)?;
        self.state.take_deposit(&to, amount);
        self.taken += 1;
        Ok(())
    }

    /// Tells the ledger what it need not keep.
    pub(super) fn tell_taken(&mut self) {
        if self.taken > 0 {
            let next = self.state.next_message();
            self.output.outbox.push(OutboxMessage::InboxTaken { next });
        }
    }
}

impl Cluster {
    /// What the ledger told this cluster under a number, if the record proves it. How old the proof is does not matter: a
    /// message never changes.
    fn message(&self, number: u64, record: &ProvenRecord) -> Result<InboxMessage, &'static str> {
        let key = RegistryKey::Message(self.genesis.cluster, number);
        let ledger = self.ledger.as_ref().map_err(|_| "this cluster knows no ledger")?;
        if record.key != key {
            return Err("not the next message of this cluster's inbox");
        }
        verify_record(&key, record, &self.genesis.network, ledger).map_err(|_| "message of the inbox is not proven")?;
        let value = record.value.as_deref().ok_or("there is no such message in the inbox")?;
        decode_exact(value).map_err(|_| "malformed message of the inbox")
    }
}
