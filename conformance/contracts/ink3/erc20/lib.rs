//! A fungible token.
#![cfg_attr(not(feature = "std"), no_std)]

use ink_lang as ink;

pub use self::erc20::{Erc20, Erc20Ref, Error};

#[ink::contract]
mod erc20 {
    use ink_storage::{traits::SpreadAllocate, Mapping};

    #[derive(Debug, PartialEq, Eq, scale::Encode, scale::Decode)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
    pub enum Error {
        InsufficientBalance,
        InsufficientAllowance,
    }

    #[ink(event)]
    pub struct Transfer {
        #[ink(topic)]
        from: Option<AccountId>,
        #[ink(topic)]
        to: Option<AccountId>,
        value: Balance,
    }

    #[ink(event)]
    pub struct Approval {
        #[ink(topic)]
        owner: AccountId,
        #[ink(topic)]
        spender: AccountId,
        value: Balance,
    }

    #[ink(storage)]
    #[derive(SpreadAllocate)]
    pub struct Erc20 {
        supply: Balance,
        balances: Mapping<AccountId, Balance>,
        allowances: Mapping<(AccountId, AccountId), Balance>,
    }

    impl Erc20 {
        #[ink(constructor)]
        pub fn new(supply: Balance) -> Self {
            ink_lang::utils::initialize_contract(|token: &mut Self| {
                let owner = Self::env().caller();
                token.supply = supply;
                token.balances.insert(owner, &supply);
                Self::env().emit_event(Transfer { from: None, to: Some(owner), value: supply });
            })
        }

        #[ink(message)]
        pub fn total_supply(&self) -> Balance {
            self.supply
        }

        #[ink(message)]
        pub fn balance_of(&self, owner: AccountId) -> Balance {
            self.balances.get(owner).unwrap_or_default()
        }

        #[ink(message)]
        pub fn allowance(&self, owner: AccountId, spender: AccountId) -> Balance {
            self.allowances.get((owner, spender)).unwrap_or_default()
        }

        #[ink(message)]
        pub fn transfer(&mut self, to: AccountId, value: Balance) -> Result<(), Error> {
            self.shift(self.env().caller(), to, value)
        }

        #[ink(message)]
        pub fn approve(&mut self, spender: AccountId, value: Balance) -> Result<(), Error> {
            let owner = self.env().caller();
            self.allowances.insert((owner, spender), &value);
            self.env().emit_event(Approval { owner, spender, value });
            Ok(())
        }

        #[ink(message)]
        pub fn transfer_from(&mut self, from: AccountId, to: AccountId, value: Balance) -> Result<(), Error> {
            let spender = self.env().caller();
            let left = self.allowance(from, spender).checked_sub(value).ok_or(Error::InsufficientAllowance)?;
            self.shift(from, to, value)?;
            self.allowances.insert((from, spender), &left);
            Ok(())
        }

        fn shift(&mut self, from: AccountId, to: AccountId, value: Balance) -> Result<(), Error> {
            let left = self.balance_of(from).checked_sub(value).ok_or(Error::InsufficientBalance)?;
            self.balances.insert(from, &left);
            self.balances.insert(to, &(self.balance_of(to) + value));
            self.env().emit_event(Transfer { from: Some(from), to: Some(to), value });
            Ok(())
        }
    }
}
