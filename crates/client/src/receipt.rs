//! Receipts and anchors, verified and opened.

use crate::command::receipt_answer;
use crate::{Client, ClientError, Rejection};
use std::time::{Duration, Instant};
use tallow_api::{AnchorProof, ReceiptAnswer};
use tallow_crypto::{header_digest, open_outcome};
use tallow_proof::{verify_anchored, verify_receipt};
use tallow_types::{CommandId, Outcome, Receipt, decode_exact};

/// A receipt that the cluster's members certified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvenReceipt {
    /// The command.
    pub id: CommandId,
    /// Height of its block in the cluster log.
    pub height: u64,
    /// The receipt, for whoever wants to check it again.
    pub receipt: Receipt,
    /// Where it is anchored, if the worker has shown that.
    pub anchored: Option<Anchored>,
}

/// A receipt with its outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedReceipt {
    /// The command.
    pub id: CommandId,
    /// What came of it.
    pub outcome: Outcome,
    /// Height of its block in the cluster log.
    pub height: u64,
    /// The receipt, for whoever wants to check it again.
    pub receipt: Receipt,
    /// Where it is anchored, if the worker has shown that.
    pub anchored: Option<Anchored>,
}

/// Where a receipt is anchored: proven by the ledger's certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Anchored {
    /// Height of the anchored block of the cluster log: the receipt's own, or a later one.
    pub height: u64,
    /// Height of the ledger at which it was anchored.
    pub ledger_height: u64,
}

impl ProvenReceipt {
    /// Opens the outcome with the command's response key.
    pub fn open(self, response_key: &[u8; 32]) -> Result<VerifiedReceipt, ClientError> {
        let Self { id, height, receipt, anchored } = self;
        let outcome = open(response_key, &id, &receipt)?;
        Ok(VerifiedReceipt { id, outcome, height, receipt, anchored })
    }
}

/// The outcome in a receipt.
pub(crate) fn open(response_key: &[u8; 32], id: &CommandId, receipt: &Receipt) -> Result<Outcome, ClientError> {
    let bytes = open_outcome(response_key, id, &receipt.sealed).map_err(Rejection::Outcome)?;
    Ok(decode_exact(&bytes)?)
}

impl Client {
    /// The receipt of any command, verified; its outcome stays sealed. Waits for it as [`crate::Patience`] says.
    ///
    /// # Errors
    /// As [`Client::receipt_within`].
    pub async fn receipt(&self, id: CommandId) -> Result<ProvenReceipt, ClientError> {
        self.receipt_within(id, self.patience().receipt).await
    }

    /// As [`Client::receipt`], waiting as long as `after`.
    ///
    /// # Errors
    /// [`ClientError::NoReceipt`] when there is none: the command is not known to the worker, not ordered yet, or waits
    /// for an external answer.
    pub async fn receipt_within(&self, id: CommandId, after: Duration) -> Result<ProvenReceipt, ClientError> {
        let answer = self.fetch_receipt(id, after).await?;
        self.prove(id, answer)
    }

    /// A receipt as the worker serves it.
    pub(crate) async fn fetch_receipt(&self, id: CommandId, after: Duration) -> Result<ReceiptAnswer, ClientError> {
        let deadline = Instant::now() + after;
        loop {
            let answer = self.poll(id, false, deadline).await?.ok_or(ClientError::NoReceipt { id, after })?;
            if let Some(answer) = receipt_answer(answer, id)? {
                return Ok(answer);
            }
        }
    }

    /// Waits until the ledger has anchored a receipt, and proves it.
    pub async fn wait_anchored(&self, receipt: &Receipt) -> Result<Anchored, ClientError> {
        let (id, after) = (receipt.command, self.patience().anchor);
        let deadline = Instant::now() + after;
        loop {
            let answer = self.poll(id, true, deadline).await?.ok_or(ClientError::NotAnchored { id, after })?;
            let Some(answer) = receipt_answer(answer, id)? else { continue };
            if header_digest(&answer.receipt.certified.header) != header_digest(&receipt.certified.header) {
                return Err(Rejection::ChangedReceipt.into());
            }
            if let Some(anchored) = self.prove(id, answer)?.anchored {
                return Ok(anchored);
            }
        }
    }

    /// Checks and opens the receipt of a command of this client, and takes note of its height.
    pub(crate) fn believe(
        &self,
        id: CommandId,
        response_key: &[u8; 32],
        answer: ReceiptAnswer,
    ) -> Result<VerifiedReceipt, ClientError> {
        self.prove(id, answer)?.open(response_key)
    }

    fn prove(&self, id: CommandId, answer: ReceiptAnswer) -> Result<ProvenReceipt, ClientError> {
        let ReceiptAnswer { receipt, anchor } = answer;
        verify_receipt(&id, &receipt, &self.known().cluster)?;
        let anchored = anchor.map(|anchor| self.prove_anchor(&receipt, anchor)).transpose()?;
        let height = receipt.certified.header.position.height;
        self.saw(height);
        Ok(ProvenReceipt { id, height, receipt, anchored })
    }

    /// The worker shows the anchor it knows, which may be older than what this client has seen of the ledger since.
    pub(crate) fn prove_anchor(&self, receipt: &Receipt, anchor: AnchorProof) -> Result<Anchored, ClientError> {
        let (registry, cluster) = (self.registry(), self.cluster_id());
        let record = registry.check(registry.snapshot(), |light| light.past_anchor(cluster, &anchor.record))?;
        let record = record.ok_or(Rejection::NoAnchor)?;
        let link = anchor.history.as_ref().map(|(opening, proof)| (opening, proof.clone()));
        verify_anchored(&receipt.certified.header, &record.header, link)?;
        let height = record.header.position.height;
        self.saw(height);
        Ok(Anchored { height, ledger_height: record.ledger_height })
    }
}
