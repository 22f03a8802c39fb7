//! Which contracts were deployed from a project, on each network.

use super::Project;
use crate::local::read_bounded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use tallow_types::{AccountId, CodeHash, NetworkId};

/// Bytes of the file; what is larger was not written here.
const BYTES_MAX: u64 = 1 << 20;

/// A contract that was deployed.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Deployment {
    pub(crate) contract: AccountId,
    pub(crate) code: CodeHash,
}

/// By network, then by name.
type Deployments = BTreeMap<String, BTreeMap<String, Deployment>>;

impl Project {
    /// What was last deployed under a name on a network.
    pub(crate) fn deployment(&self, network: NetworkId, name: &str) -> Option<Deployment> {
        self.deployments().get(&network.to_string())?.get(name).copied()
    }

    /// Whether anything was deployed under a name, on any network.
    pub(crate) fn knows(&self, name: &str) -> bool {
        name == self.name() || self.deployments().values().any(|of_network| of_network.contains_key(name))
    }

    /// Remembers a contract in place of the one before.
    pub(crate) fn remember(&self, network: NetworkId, name: &str, deployment: Deployment) -> io::Result<()> {
        let mut deployments = self.deployments();
        deployments.entry(network.to_string()).or_default().insert(name.to_owned(), deployment);
        let path = self.deployments_path();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let draft = path.with_extension("tmp");
        std::fs::write(&draft, serde_json::to_vec_pretty(&deployments)?)?;
        std::fs::rename(&draft, &path)
    }

    /// A damaged file counts as none: the contracts are on the network, and can be named by address.
    fn deployments(&self) -> Deployments {
        let bytes = read_bounded(&self.deployments_path(), BYTES_MAX).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    fn deployments_path(&self) -> PathBuf {
        self.root.join(".tallow/deployments.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Settings;

    #[test]
    fn contracts_are_remembered_by_network_and_name() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project { root: folder.path().to_owned(), settings: Settings::default() };
        let (one, other) = (NetworkId([1; 32]), NetworkId([2; 32]));
        let deployment = |byte| Deployment { contract: AccountId([byte; 32]), code: CodeHash([byte; 32]) };
        assert_eq!(project.deployment(one, "a"), None);
        for (network, byte) in [(one, 3), (other, 4), (one, 5)] {
            project.remember(network, "a", deployment(byte)).unwrap();
        }
        assert_eq!(project.deployment(one, "a"), Some(deployment(5)));
        assert_eq!(project.deployment(other, "a"), Some(deployment(4)));
        assert!(project.knows("a") && !project.knows("b"));
        std::fs::write(project.deployments_path(), b"{").unwrap();
        assert_eq!(project.deployment(one, "a"), None);
    }
}
