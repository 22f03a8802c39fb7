//! Exchanges its code, or borrows another's for one call.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod upgradeable {
    use ink::env::{
        call::{build_call, ExecutionInput, Selector},
        CallFlags, DefaultEnvironment,
    };

    #[ink(storage)]
    pub struct Upgradeable {
        value: bool,
    }

    impl Upgradeable {
        #[ink(constructor)]
        pub fn new(value: bool) -> Self {
            Self { value }
        }

        #[ink(message)]
        pub fn get(&self) -> bool {
            self.value
        }

        #[ink(message)]
        pub fn upgrade(&mut self, code: Hash) -> bool {
            self.env().set_code_hash(&code).is_ok()
        }

        /// Other code works on this contract's storage, where its layout is the same.
        #[ink(message)]
        pub fn borrow(&mut self, code: Hash, selector: [u8; 4]) -> bool {
            build_call::<DefaultEnvironment>()
                .delegate(code)
                .exec_input(ExecutionInput::new(Selector::new(selector)))
                .returns::<()>()
                .try_invoke()
                .is_ok()
        }

        /// What the other code answers is the answer.
        #[ink(message, selector = _)]
        pub fn other(&mut self) {
            let code = ink::env::get_contract_storage::<u32, Hash>(&0x0de1).ok().flatten();
            build_call::<DefaultEnvironment>()
                .delegate(code.expect("nothing to forward to"))
                .call_flags(CallFlags::default().set_forward_input(true).set_tail_call(true))
                .invoke();
        }

        #[ink(message)]
        pub fn forward_to(&mut self, code: Hash) {
            ink::env::set_contract_storage(&0x0de1u32, &code);
        }
    }
}
