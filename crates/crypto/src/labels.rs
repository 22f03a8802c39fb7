//! The one table of domain-separation labels.

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What a hash, signature or key is for. No two uses share a label, so no value made for one use can pass for
        /// another.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Label { $($(#[$doc])* $name,)* }

        impl Label {
            /// Every label.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            const KEYS: &'static [[u8; 32]] = &[$(padded($text)),*];

            /// The text that enters the hash.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

impl Label {
    /// The text padded with zeros: the key under which fixed-size inputs are hashed.
    pub(crate) const fn key(self) -> &'static [u8; 32] {
        &Self::KEYS[self as usize]
    }
}

/// A label's text, padded with zeros; does not compile if it is longer than a key.
const fn padded(text: &str) -> [u8; 32] {
    assert!(text.len() <= 32, "a label fits a BLAKE3 key");
    let bytes = text.as_bytes();
    let mut key = [0; 32];
    let mut i = 0;
    while i < bytes.len() {
        key[i] = bytes[i];
        i += 1;
    }
    key
}

labels! {
    /// Id of a command and its caller's signature.
    Command = "tallow/command/v1";
    /// Header digest.
    Header = "tallow/header/v1";
    /// Network id.
    Network = "tallow/network/v1";
    /// Cluster id.
    Cluster = "tallow/cluster/v1";
    /// Signature of the keyholders under a cluster's key.
    Vouch = "tallow/vouch/v1";
    /// Signature of a worker under its membership of a cluster.
    Consent = "tallow/consent/v1";
    /// Derivation of the key by which a keyholder vouches.
    VouchingKey = "tallow/vouching-key/v1";
    /// Hash over a block's entries.
    Entries = "tallow/entries/v1";
    /// Leaf of a general Merkle tree.
    Leaf = "tallow/leaf/v1";
    /// Leaf of a results tree.
    ResultLeaf = "tallow/result-leaf/v1";
    /// Inner node of a results tree.
    ResultNode = "tallow/result-node/v1";
    /// Leaf of a state map.
    StateLeaf = "tallow/state-leaf/v1";
    /// A key's place in a state map.
    StateKey = "tallow/state-key/v1";
    /// Commitment to a value of a state map.
    StateValue = "tallow/state-value/v1";
    /// Inner node of a state map.
    StateNode = "tallow/state-node/v1";
    /// An empty tree.
    Empty = "tallow/empty/v1";
    /// The hiding commitment to a state root.
    StateCommitment = "tallow/state-commitment/v1";
    /// Hash over the messages of an outbox.
    Outbox = "tallow/outbox/v1";
    /// Head of a cluster's chain of outboxes.
    OutboxHead = "tallow/outbox-head/v1";
    /// Signature of the replica that performed an external call.
    Answer = "tallow/answer/v1";
    /// Signature of a ledger transaction.
    LedgerTx = "tallow/ledger-tx/v1";
    /// Signature of a session's terms.
    SessionTerms = "tallow/session-terms/v1";
    /// Signature of a caller's certificate for a delegate.
    Delegation = "tallow/delegation/v1";
    /// Signature of a replica under the answer to a query.
    QueryAnswer = "tallow/query-answer/v1";
    /// Signature of a replica under an item of its feed.
    FeedItem = "tallow/feed-item/v1";
    /// Digest of a query as it travels.
    QueryRequest = "tallow/query-request/v1";
    /// HPKE info of sealed commands.
    SealCommand = "tallow/seal-command/v1";
    /// HPKE info of session openings.
    SealSession = "tallow/seal-session/v1";
    /// Exported session id.
    SessionId = "tallow/session-id/v1";
    /// Exported key from client to replica.
    SessionToReplica = "tallow/session-to-replica/v1";
    /// Exported key from replica to client.
    SessionToClient = "tallow/session-to-client/v1";
    /// Key of a sealed outcome.
    SealOutcome = "tallow/seal-outcome/v1";
    /// Nonce of a sealed outcome.
    OutcomeNonce = "tallow/outcome-nonce/v1";
    /// Key of a sealed answer in the log.
    SealAnswer = "tallow/seal-answer/v1";
    /// Key of a sealed blob.
    SealBlob = "tallow/seal-blob/v1";
    /// Authentication of compiled code.
    CompiledCode = "tallow/compiled-code/v1";
    /// Sealing of snapshots.
    Snapshot = "tallow/snapshot/v1";
    /// Sealing of what a replica writes to its own disk.
    LocalStore = "tallow/local-store/v1";
    /// Epoch transport key.
    EpochTransport = "tallow/epoch-transport/v1";
    /// Epoch key that seals answers in the log.
    EpochLog = "tallow/epoch-log/v1";
    /// Epoch key that seals snapshots.
    EpochSnapshots = "tallow/epoch-snapshots/v1";
    /// Cluster's contract key.
    ContractKey = "tallow/contract-key/v1";
    /// Cluster's random key.
    RandomKey = "tallow/random-key/v1";
    /// A draw of randomness in a command.
    Random = "tallow/random/v1";
    /// Cluster's blinding of state commitments.
    StateBlinding = "tallow/state-blinding/v1";
    /// Idempotency keys of external calls.
    IdempotencyKey = "tallow/idempotency-key/v1";
    /// Cluster's key for idempotency keys and for the choice of executors.
    CallsKey = "tallow/calls-key/v1";
    /// Choice of the replica that performs an external call.
    Executor = "tallow/executor/v1";
    /// Id of a timer's firing, as a command.
    Firing = "tallow/firing/v1";
    /// Cluster's key behind the keys of firings' outcomes.
    FiringKey = "tallow/firing-key/v1";
    /// Key of the outcomes of a contract's firings.
    FiringOutcome = "tallow/firing-outcome/v1";
    /// Digest of an external call.
    ExternalCall = "tallow/external-call/v1";
    /// What attestation evidence binds.
    Evidence = "tallow/evidence/v1";
    /// Signature of simulated attestation evidence.
    SimEvidence = "tallow/sim-evidence/v1";
    /// Digest of an attestation policy.
    Policy = "tallow/policy/v1";
    /// Namespace of consensus signatures.
    Consensus = "tallow/consensus/v1";
    /// Derivation of a cluster's identity secret from the master secret.
    ClusterIdentity = "tallow/cluster-identity/v1";
    /// Derivation of a cluster's epoch secret from the master secret.
    ClusterEpoch = "tallow/cluster-epoch/v1";
    /// HPKE info of cluster secrets on their way to a worker.
    SealGrant = "tallow/seal-grant/v1";
    /// Key of what a password protects.
    Keystore = "tallow/keystore/v1";
    /// Keys of development networks, which protect nothing.
    Development = "tallow/development/v1";
}
