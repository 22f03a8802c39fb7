//! Prints the metadata of the contract that was chosen as a feature.

#[cfg(feature = "ink5-accumulator")]
use ink5_accumulator as _;
#[cfg(feature = "ink5-allocator")]
use ink5_allocator as _;
#[cfg(feature = "ink5-calls")]
use ink5_calls as _;
#[cfg(feature = "ink5-erc20")]
use ink5_erc20 as _;
#[cfg(feature = "ink5-erc721")]
use ink5_erc721 as _;
#[cfg(feature = "ink5-errors")]
use ink5_errors as _;
#[cfg(feature = "ink5-events")]
use ink5_events as _;
#[cfg(feature = "ink5-factory")]
use ink5_factory as _;
#[cfg(feature = "ink5-flipper")]
use ink5_flipper as _;
#[cfg(feature = "ink5-host")]
use ink5_host as _;
#[cfg(feature = "ink5-multisig")]
use ink5_multisig as _;
#[cfg(feature = "ink5-proxy")]
use ink5_proxy as _;
#[cfg(feature = "ink5-storage")]
use ink5_storage as _;
#[cfg(feature = "ink5-types")]
use ink5_types as _;
#[cfg(feature = "ink5-upgradeable")]
use ink5_upgradeable as _;
#[cfg(feature = "ink5-upgraded")]
use ink5_upgraded as _;
#[cfg(feature = "ink5-wallet")]
use ink5_wallet as _;

extern "Rust" {
    fn __ink_generate_metadata() -> ink::metadata::InkProject;
}

fn main() -> Result<(), serde_json::Error> {
    // SAFETY: `#[ink::contract]` defines the function with this signature in the contract linked here.
    println!("{}", serde_json::to_string(&unsafe { __ink_generate_metadata() })?);
    Ok(())
}
