//! Receipts explained: every link of the chain of proofs from an outcome to the network, judged by itself.

use crate::receipt::open;
use crate::{Anchored, Client, ClientError, Rejection};
use std::time::Duration;
use tallow_api::{AnchorProof, ReceiptAnswer};
use tallow_crypto::{header_digest, result_leaf};
use tallow_proof::{CertificateError, ReceiptError, RecordError, verify_result};
use tallow_types::{CommandId, Outcome, Receipt};

/// A link of the chain of proofs, from the outcome upwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkKind {
    /// The sealed outcome opens with the command's response key.
    Outcome,
    /// The sealed outcome is the command's: both make the leaf.
    Leaf,
    /// The leaf is among the results of a block.
    Path,
    /// The block is one of the cluster's, in this epoch, and stands before the certified one.
    Header,
    /// A quorum of the cluster's replicas signed.
    Certificate,
    /// The ledger lists the cluster with these replicas.
    ClusterRecord,
    /// The validators signed the ledger's header.
    LedgerCertificate,
    /// The ledger has anchored the block, or a later one that names it.
    Anchor,
}

impl LinkKind {
    /// Its name, for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Leaf => "leaf",
            Self::Path => "path",
            Self::Header => "header",
            Self::Certificate => "certificate",
            Self::ClusterRecord => "cluster_record",
            Self::LedgerCertificate => "ledger_certificate",
            Self::Anchor => "anchor",
        }
    }
}

/// What was found of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It holds.
    Proven,
    /// There is nothing to judge: no key to open the outcome, no anchor yet, or a link before it is broken.
    Missing,
    /// It does not hold.
    Failed,
}

/// One link, judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Which.
    pub kind: LinkKind,
    /// What was found.
    pub verdict: Verdict,
    /// In words: what it links, or why it does not.
    pub detail: String,
}

/// A receipt with all its links.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The command.
    pub id: CommandId,
    /// The receipt as it was served.
    pub receipt: Receipt,
    /// The outcome, when a key opened it. To be believed if [`Explanation::is_proven`].
    pub outcome: Option<Outcome>,
    /// Where it is anchored, when that is proven.
    pub anchored: Option<Anchored>,
    /// The links, from the outcome upwards.
    pub links: Vec<Link>,
}

impl Explanation {
    /// Whether the receipt proves its outcome: no link failed. It may still be sealed, or not anchored yet.
    pub fn is_proven(&self) -> bool {
        self.links.iter().all(|link| link.verdict != Verdict::Failed)
    }

    /// Height of its block in the cluster log.
    pub fn height(&self) -> u64 {
        self.receipt.certified.header.position.height
    }
}

impl Link {
    fn proven(kind: LinkKind, detail: String) -> Self {
        Self { kind, verdict: Verdict::Proven, detail }
    }

    fn missing(kind: LinkKind, detail: &str) -> Self {
        Self { kind, verdict: Verdict::Missing, detail: detail.to_owned() }
    }

    fn failed(kind: LinkKind, error: &dyn std::error::Error) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        let detail = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
        Self { kind, verdict: Verdict::Failed, detail }
    }
}

impl Client {
    /// Fetches a receipt and judges every link of its proof, also behind one that is broken: to be shown, and to find
    /// out what is wrong with a receipt. Who only wants the outcome uses [`Client::receipt`].
    ///
    /// # Errors
    /// As [`Client::receipt_within`], but for what the receipt's own links say.
    pub async fn explain(
        &self,
        id: CommandId,
        response_key: Option<&[u8; 32]>,
        after: Duration,
    ) -> Result<Explanation, ClientError> {
        let ReceiptAnswer { receipt, anchor } = self.fetch_receipt(id, after).await?;
        let (outcome, link) = outcome_link(response_key, &id, &receipt);
        let mut links = vec![link];
        links.extend(result_links(&id, &receipt));
        links.extend(self.final_links(&receipt));
        links.extend(self.ledger_links().await?);
        let (anchored, link) = self.anchor_link(&receipt, anchor);
        links.push(link);
        let explanation = Explanation { id, receipt, outcome, anchored, links };
        if explanation.is_proven() {
            self.saw(explanation.height());
        }
        Ok(explanation)
    }

    /// The block and its certificate.
    fn final_links(&self, receipt: &Receipt) -> [Link; 2] {
        use CertificateError as Error;
        let (known, certified) = (self.known(), &receipt.certified);
        let header = &certified.header;
        let described = format!(
            "block {} of cluster {}, height {}, epoch {}, {} header(s) up to the certified one",
            header_digest(header),
            header.chain,
            header.position.height,
            header.epoch,
            certified.descendants.len()
        );
        match known.cluster.judge(certified) {
            Ok(()) => {
                let signers = known.cluster.signers(certified).unwrap_or_default();
                let (count, members) = (signers.len(), known.cluster.record.members.len());
                let names: Vec<_> = signers.iter().map(ToString::to_string).collect();
                let certificate = format!("signed by {count} of {members} replica(s): {}", names.join(", "));
                [Link::proven(LinkKind::Header, described), Link::proven(LinkKind::Certificate, certificate)]
            }
            Err(error @ (Error::InvalidCertificate | Error::MalformedCertificate | Error::MalformedKey)) => {
                [Link::proven(LinkKind::Header, described), Link::failed(LinkKind::Certificate, &error)]
            }
            Err(error) => {
                let unjudged =
                    Link::missing(LinkKind::Certificate, "not judged, since the header is not the right one");
                [Link::failed(LinkKind::Header, &error), unjudged]
            }
        }
    }

    /// The ledger's record of the cluster.
    async fn ledger_links(&self) -> Result<[Link; 2], ClientError> {
        let (cluster, network) = (self.cluster_id(), self.network());
        Ok(match self.registry().cluster(cluster).await {
            Ok(record) => {
                let members = record.members.len();
                let listed =
                    format!("the ledger lists {members} replica(s) of cluster {cluster} in epoch {}", record.epoch);
                let signed = format!("validators of network {network} signed, at ledger height {}", self.seen().height);
                [Link::proven(LinkKind::ClusterRecord, listed), Link::proven(LinkKind::LedgerCertificate, signed)]
            }
            Err(ClientError::Rejected(rejection @ Rejection::Record(RecordError::NotFinal(_)))) => {
                let unjudged =
                    Link::missing(LinkKind::ClusterRecord, "not judged, since the ledger's header is not final");
                [unjudged, Link::failed(LinkKind::LedgerCertificate, &rejection)]
            }
            Err(ClientError::Rejected(rejection)) => {
                let unjudged = Link::missing(LinkKind::LedgerCertificate, "not judged, since the record is not proven");
                [Link::failed(LinkKind::ClusterRecord, &rejection), unjudged]
            }
            Err(error) => return Err(error),
        })
    }

    fn anchor_link(&self, receipt: &Receipt, anchor: Option<AnchorProof>) -> (Option<Anchored>, Link) {
        let Some(anchor) = anchor else {
            return (None, Link::missing(LinkKind::Anchor, "not anchored yet: ask again in a moment"));
        };
        match self.prove_anchor(receipt, anchor) {
            Ok(anchored) => {
                let Anchored { height, ledger_height } = anchored;
                let detail = format!("anchored by the block at height {height}, at ledger height {ledger_height}");
                (Some(anchored), Link::proven(LinkKind::Anchor, detail))
            }
            Err(error) => (None, Link::failed(LinkKind::Anchor, &error)),
        }
    }
}

fn outcome_link(key: Option<&[u8; 32]>, id: &CommandId, receipt: &Receipt) -> (Option<Outcome>, Link) {
    let bytes = receipt.sealed.len();
    let Some(key) = key else {
        return (None, Link::missing(LinkKind::Outcome, "sealed: only who sent the command has the key"));
    };
    match open(key, id, receipt) {
        Ok(outcome) => (Some(outcome), Link::proven(LinkKind::Outcome, format!("{bytes} sealed bytes opened"))),
        Err(error) => (None, Link::failed(LinkKind::Outcome, &error)),
    }
}

/// The outcome's place among the results of its block.
fn result_links(id: &CommandId, receipt: &Receipt) -> [Link; 2] {
    let leaf = format!("{} of command {id} and its sealed outcome", result_leaf(id, &receipt.sealed));
    let root = receipt.certified.header.commitments.results;
    let path = format!("{} step(s) lead to the results root {root}", receipt.path.len());
    match verify_result(id, receipt) {
        Ok(()) => [Link::proven(LinkKind::Leaf, leaf), Link::proven(LinkKind::Path, path)],
        Err(error @ ReceiptError::NotInBlock) => {
            [Link::proven(LinkKind::Leaf, leaf), Link::failed(LinkKind::Path, &error)]
        }
        Err(error) => {
            let unjudged = Link::missing(LinkKind::Path, "not judged, since the receipt is another command's");
            [Link::failed(LinkKind::Leaf, &error), unjudged]
        }
    }
}
