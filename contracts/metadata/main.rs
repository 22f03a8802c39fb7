//! Prints the metadata of the contract that was chosen as a feature.

#[cfg(feature = "btc-bot")]
use btc_bot as _;
#[cfg(feature = "evm-oracle")]
use evm_oracle as _;
#[cfg(feature = "flipper")]
use flipper as _;
#[cfg(feature = "probe")]
use probe as _;
#[cfg(feature = "pulse")]
use pulse as _;
#[cfg(feature = "system")]
use system as _;

extern "Rust" {
    fn __ink_generate_metadata() -> ink::metadata::InkProject;
}

fn main() -> Result<(), serde_json::Error> {
    // SAFETY: `#[ink::contract]` defines the function with this signature in the contract linked here.
    println!("{}", serde_json::to_string(&unsafe { __ink_generate_metadata() })?);
    Ok(())
}
