//! Prints the metadata of the contract that was chosen as a feature.

#[cfg(feature = "ink3-ballot")]
use ink3_ballot as _;
#[cfg(feature = "ink3-broker")]
use ink3_broker as _;
#[cfg(feature = "ink3-erc20")]
use ink3_erc20 as _;
#[cfg(feature = "ink3-flipper")]
use ink3_flipper as _;
#[cfg(feature = "ink3-host")]
use ink3_host as _;
#[cfg(feature = "ink3-registry")]
use ink3_registry as _;
#[cfg(feature = "ink3-shapes")]
use ink3_shapes as _;
#[cfg(feature = "ink3-upgradeable")]
use ink3_upgradeable as _;

extern "Rust" {
    fn __ink_generate_metadata() -> ink_metadata::MetadataVersioned;
}

fn main() -> Result<(), serde_json::Error> {
    // SAFETY: `#[ink::contract]` defines the function with this signature in the contract linked here.
    println!("{}", serde_json::to_string(&unsafe { __ink_generate_metadata() })?);
    Ok(())
}
