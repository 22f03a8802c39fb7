//! Prints the metadata of the contract that was chosen as a feature.

#[cfg(feature = "ink4-auction")]
use ink4_auction as _;
#[cfg(feature = "ink4-book")]
use ink4_book as _;
#[cfg(feature = "ink4-crypto")]
use ink4_crypto as _;
#[cfg(feature = "ink4-erc20")]
use ink4_erc20 as _;
#[cfg(feature = "ink4-exchange")]
use ink4_exchange as _;
#[cfg(feature = "ink4-flipper")]
use ink4_flipper as _;
#[cfg(feature = "ink4-gate")]
use ink4_gate as _;
#[cfg(feature = "ink4-phat")]
use ink4_phat as _;
#[cfg(feature = "ink4-upgradeable")]
use ink4_upgradeable as _;

extern "Rust" {
    fn __ink_generate_metadata() -> ink::metadata::InkProject;
}

fn main() -> Result<(), serde_json::Error> {
    // SAFETY: `#[ink::contract]` defines the function with this signature in the contract linked here.
    println!("{}", serde_json::to_string(&unsafe { __ink_generate_metadata() })?);
    Ok(())
}
