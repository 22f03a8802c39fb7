//! Exchanges its code, or borrows another's for one call.
#![cfg_attr(not(feature = "std"), no_std)]

use ink_lang as ink;

#[ink::contract]
mod upgradeable {
    use ink_env::{
        call::{build_call, DelegateCall, ExecutionInput, Selector},
        DefaultEnvironment,
    };

    #[ink(storage)]
    pub struct Upgradeable {
        value: bool,
    }

    impl Upgradeable {
        #[ink(constructor)]
        pub fn new() -> Self {
            Self { value: false }
        }

        #[ink(message)]
        pub fn get(&self) -> bool {
            self.value
        }

        #[ink(message)]
        pub fn upgrade(&mut self, code: Hash) -> bool {
            ink_env::set_code_hash(code.as_ref().try_into().expect("a hash has 32 bytes")).is_ok()
        }

        /// Other code works on this contract's storage. Its changes stay, since this message only reads.
        #[ink(message)]
        pub fn borrow(&self, code: Hash, selector: [u8; 4]) -> bool {
            build_call::<DefaultEnvironment>()
                .call_type(DelegateCall::new().code_hash(code))
                .exec_input(ExecutionInput::new(Selector::new(selector)))
                .returns::<()>()
                .fire()
                .is_ok()
        }
    }
}
