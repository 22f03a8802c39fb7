//! Identifiers and signing bytes of the vocabulary types.
//!
//! What is signed is a label's text followed by a labelled digest, and so bound to its use twice. Callers' wallets have
//! further forms of it: [`crate::Statement`].

use crate::{Label, hash::labelled_hash};
use parity_scale_codec::Encode;
use tallow_types::{
    BlockDigest, ClusterId, Command, CommandId, FeedItem, Genesis, Hash, Header, NetworkId, QueryAnswer, SealedAnswer,
    SessionFrame,
};

fn signing_bytes(label: Label, digest: &Hash) -> Vec<u8> {
    [label.text().as_bytes(), &digest.0].concat()
}

/// Id of a command: digest of its content, whatever its signature.
pub fn command_id(command: &Command) -> CommandId {
    CommandId(labelled_hash(Label::Command, &[&command.encode()]).0)
}

/// Digest of a block header: what replicas and validators vote on.
pub fn header_digest(header: &Header) -> BlockDigest {
    BlockDigest(labelled_hash(Label::Header, &[&header.encode()]).0)
}

/// Base namespace of the consensus signatures of a chain (a ledger or a cluster log): no vote counts on another chain.
pub fn consensus_namespace(chain: &Hash) -> Vec<u8> {
    signing_bytes(Label::Consensus, chain)
}

/// Leaf of a results tree: a command and its sealed outcome.
pub fn result_leaf(command: &CommandId, sealed: &[u8]) -> Hash {
    labelled_hash(Label::ResultLeaf, &[&command.0, sealed])
}

/// Hash over the encoded entries of a block, in their order.
pub fn entries_root(entries: &[Vec<u8>]) -> Hash {
    let parts: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    labelled_hash(Label::Entries, &parts)
}

/// What the replica that performed an external call signs.
pub fn answer_signing_bytes(cluster: &ClusterId, answer: &SealedAnswer) -> Vec<u8> {
    signing_bytes(Label::Answer, &labelled_hash(Label::Answer, &[&cluster.0, &answer.encode()]))
}

/// What a replica signs under the answer to a query.
pub fn query_answer_signing_bytes(answer: &QueryAnswer) -> Vec<u8> {
    signing_bytes(Label::QueryAnswer, &labelled_hash(Label::QueryAnswer, &[&answer.encode()]))
}

/// What a replica signs under an item of its feed.
pub fn feed_item_signing_bytes(cluster: &ClusterId, item: &FeedItem) -> Vec<u8> {
    signing_bytes(Label::FeedItem, &labelled_hash(Label::FeedItem, &[&cluster.0, &item.encode()]))
}

/// Digest of a query as it travels, by which the answer names it.
pub fn request_digest(frame: &SessionFrame) -> Hash {
    labelled_hash(Label::QueryRequest, &[&frame.session.0, &frame.number.to_le_bytes(), &frame.ciphertext])
}

/// Id of the network that starts from `genesis`.
pub fn network_id(genesis: &Genesis) -> NetworkId {
    NetworkId(labelled_hash(Label::Network, &[&genesis.encode()]).0)
}
