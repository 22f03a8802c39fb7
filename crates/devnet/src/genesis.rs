//! Keys and genesis of a development network, all from the master secret in the data directory.

use anyhow::Context;
use parity_scale_codec::Encode;
use tallow_attest::Policy;
use tallow_chain::Dealt;
use tallow_crypto::{Keypair, Label, Secret, prf, vouching_key};
use tallow_store::DataDir;
use tallow_types::{AccountId, ClusterId, Genesis, LedgerPolicy, NetworkId, decode_exact};

/// Accounts whose keys everybody knows, with balance from the start.
pub(crate) const ACCOUNTS: [&str; 4] = ["//Alice", "//Bob", "//Charlie", "//Dave"];
/// What each of them has on the ledger, and as much in the cluster.
pub(crate) const BALANCE: u128 = 1_000_000_000_000_000_000;

/// The owner's number for the cluster.
pub(crate) const CLUSTER_NONCE: u64 = 0;

/// Keys of a development network.
pub(crate) struct DevKeys {
    master: Secret<[u8; 32]>,
}

impl DevKeys {
    pub(crate) fn open(data: &DataDir) -> anyhow::Result<Self> {
        Ok(Self { master: data.load_or_create_dev_master()? })
    }

    /// The keyholder's secret.
    pub(crate) fn keyholder(&self) -> Secret<[u8; 32]> {
        self.derive(b"keyholder")
    }

    /// Seed of the validator's ed25519 key.
    pub(crate) fn validator(&self) -> Secret<[u8; 32]> {
        self.derive(b"validator")
    }

    /// Seed of the worker's ed25519 key. It stays, since the cluster's membership names it.
    pub(crate) fn worker(&self) -> Secret<[u8; 32]> {
        self.derive(b"worker")
    }

    /// Key of the compile cache.
    pub(crate) fn compile_cache(&self) -> Secret<[u8; 32]> {
        self.derive(b"compile cache")
    }

    /// Key of the ledger's snapshots.
    pub(crate) fn ledger_snapshots(&self) -> Secret<[u8; 32]> {
        self.derive(b"ledger snapshots")
    }

    /// The validators' group key.
    pub(crate) fn deal(&self) -> anyhow::Result<Dealt> {
        Ok(tallow_chain::deal(1, &self.derive(b"dealer"))?)
    }

    fn derive(&self, part: &[u8]) -> Secret<[u8; 32]> {
        Secret::new(prf(&self.master, Label::Development, &[part]))
    }
}

/// The genesis: made at the first start, then read, since it holds the time of that start.
pub(crate) fn load_or_create(
    data: &DataDir,
    keys: &DevKeys,
    group_key: &[u8],
    policy: &Policy,
    now_ms: u64,
) -> anyhow::Result<Genesis> {
    let path = data.keys().join("genesis");
    let found = match std::fs::read(&path) {
        Ok(bytes) => decode_exact::<Genesis>(&bytes).with_context(|| format!("{} is damaged", path.display()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let validator = Keypair::ed25519_from_seed(&keys.validator());
            let validators = vec![validator.account().0];
            let genesis = Genesis {
                group_key: group_key.to_vec(),
                validators,
                time_ms: now_ms,
                keyholder: keyholder_key(keys),
                policy: policy.digest(),
                balances: balances(&Keypair::ed25519_from_seed(&keys.worker()))?,
                ledger: LedgerPolicy::default(),
            };
            write(&path, &genesis.encode())?;
            genesis
        }
        Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
    };
    let same = found.group_key == group_key && found.keyholder == keyholder_key(keys);
    anyhow::ensure!(same, "{} belongs to other keys than this directory's", path.display());
    Ok(found)
}

/// The key by which the keyholder vouches.
fn keyholder_key(keys: &DevKeys) -> [u8; 32] {
    vouching_key(&keys.keyholder()).account().0
}

/// Writes a file that is either whole or not there.
fn write(path: &std::path::Path, bytes: &[u8]) -> anyhow::Result<()> {
    let temporary = path.with_extension("new");
    let context = || format!("writing {}", path.display());
    let mut file = std::fs::File::create(&temporary).with_context(context)?;
    std::io::Write::write_all(&mut file, bytes).with_context(context)?;
    file.sync_all().with_context(context)?;
    std::fs::rename(&temporary, path).with_context(context)?;
    let dir = path.parent().expect("a file has a directory");
    std::fs::File::open(dir).and_then(|dir| dir.sync_all()).with_context(context)
}

/// The network's only cluster: the first of the first well-known account.
pub(crate) fn cluster_id(network: NetworkId) -> anyhow::Result<ClusterId> {
    Ok(tallow_crypto::cluster_id(&network, &Keypair::from_uri(ACCOUNTS[0])?.account(), CLUSTER_NONCE))
}

/// Balances of the well-known accounts on the ledger, of which they deposit half into the cluster; and the worker's, who
/// anchors on his own account, whatever others send.
fn balances(worker: &Keypair) -> anyhow::Result<Vec<(AccountId, u128)>> {
    let accounts: Result<Vec<_>, _> = ACCOUNTS.iter().map(|uri| Keypair::from_uri(uri)).collect();
    let accounts = accounts?;
    Ok(accounts.iter().chain([worker]).map(|key| (key.account(), 2 * BALANCE)).collect())
}
