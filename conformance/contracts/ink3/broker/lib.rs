//! Makes a token and moves it for others: calls by reference and by selector.
#![cfg_attr(not(feature = "std"), no_std)]

use ink_lang as ink;

#[ink::contract]
mod broker {
    use ink3_erc20::{Erc20Ref, Error as TokenError};
    use ink_env::{
        call::{build_call, Call, ExecutionInput, Selector},
        CallFlags, DefaultEnvironment,
    };
    use ink_lang::ToAccountId;
    use ink_storage::traits::SpreadAllocate;

    #[ink(storage)]
    #[derive(SpreadAllocate)]
    pub struct Broker {
        token: AccountId,
        calls: u32,
    }

    impl Broker {
        #[ink(constructor, payable)]
        pub fn new(code: Hash, supply: Balance, salt: [u8; 4]) -> Self {
            let token = Erc20Ref::new(supply).endowment(0).code_hash(code).salt_bytes(salt).instantiate();
            let token = token.expect("the token can be made");
            ink_lang::utils::initialize_contract(|broker: &mut Self| broker.token = token.to_account_id())
        }

        #[ink(message)]
        pub fn token(&self) -> AccountId {
            self.token
        }

        #[ink(message)]
        pub fn calls(&self) -> u32 {
            self.calls
        }

        #[ink(message)]
        pub fn stock(&self) -> Balance {
            self.reference().balance_of(self.env().account_id())
        }

        #[ink(message)]
        pub fn give(&mut self, to: AccountId, value: Balance) -> Result<(), TokenError> {
            self.calls += 1;
            self.reference().transfer(to, value)
        }

        /// By selector and with flags; an error of the host is `None`.
        #[ink(message, payable)]
        pub fn ask(&mut self, whom: AccountId, selector: [u8; 4], owner: AccountId, value: Balance) -> Option<Balance> {
            self.calls += 1;
            build_call::<DefaultEnvironment>()
                .call_type(Call::new().callee(whom).gas_limit(0).transferred_value(value))
                .call_flags(CallFlags::default().set_allow_reentry(true))
                .exec_input(ExecutionInput::new(Selector::new(selector)).push_arg(owner))
                .returns::<Balance>()
                .fire()
                .ok()
        }

        fn reference(&self) -> Erc20Ref {
            ink_env::call::FromAccountId::from_account_id(self.token)
        }
    }
}
