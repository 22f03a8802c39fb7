//! A fungible token whose interface is a trait, as standards for tokens define it.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

pub use self::erc20::{Erc20Ref, Error, Result, Token};

#[ink::contract]
mod erc20 {
    use ink::storage::Mapping;

    #[derive(Debug, PartialEq, Eq, scale::Encode, scale::Decode)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
    pub enum Error {
        InsufficientBalance,
        InsufficientAllowance,
    }

    pub type Result<T> = core::result::Result<T, Error>;

    /// What every token can do.
    #[ink::trait_definition]
    pub trait Token {
        #[ink(message)]
        fn total_supply(&self) -> Balance;

        #[ink(message)]
        fn balance_of(&self, owner: AccountId) -> Balance;

        #[ink(message, selector = 0x12345678)]
        fn transfer(&mut self, to: AccountId, value: Balance) -> Result<()>;

        #[ink(message)]
        fn approve(&mut self, spender: AccountId, value: Balance) -> Result<()>;

        #[ink(message)]
        fn transfer_from(&mut self, from: AccountId, to: AccountId, value: Balance) -> Result<()>;
    }

    #[ink(event)]
    pub struct Transfer {
        #[ink(topic)]
        from: Option<AccountId>,
        #[ink(topic)]
        to: Option<AccountId>,
        #[ink(topic)]
        value: Balance,
    }

    #[ink(storage)]
    #[derive(Default)]
    pub struct Erc20 {
        supply: Balance,
        balances: Mapping<AccountId, Balance>,
        allowances: Mapping<(AccountId, AccountId), Balance>,
    }

    impl Erc20 {
        #[ink(constructor)]
        pub fn new(supply: Balance) -> Self {
            let mut token = Self { supply, ..Self::default() };
            let owner = Self::env().caller();
            token.balances.insert(owner, &supply);
            Self::env().emit_event(Transfer { from: None, to: Some(owner), value: supply });
            token
        }

        #[ink(message)]
        pub fn allowance(&self, owner: AccountId, spender: AccountId) -> Balance {
            self.allowances.get((owner, spender)).unwrap_or_default()
        }

        fn shift(&mut self, from: AccountId, to: AccountId, value: Balance) -> Result<()> {
            let left = self.balance_of(from).checked_sub(value).ok_or(Error::InsufficientBalance)?;
            self.balances.insert(from, &left);
            self.balances.insert(to, &(self.balance_of(to) + value));
            self.env().emit_event(Transfer { from: Some(from), to: Some(to), value });
            Ok(())
        }
    }

    impl Token for Erc20 {
        #[ink(message)]
        fn total_supply(&self) -> Balance {
            self.supply
        }

        #[ink(message)]
        fn balance_of(&self, owner: AccountId) -> Balance {
            self.balances.get(owner).unwrap_or_default()
        }

        #[ink(message)]
        fn transfer(&mut self, to: AccountId, value: Balance) -> Result<()> {
            self.shift(self.env().caller(), to, value)
        }

        #[ink(message)]
        fn approve(&mut self, spender: AccountId, value: Balance) -> Result<()> {
            self.allowances.insert((self.env().caller(), spender), &value);
            Ok(())
        }

        #[ink(message)]
        fn transfer_from(&mut self, from: AccountId, to: AccountId, value: Balance) -> Result<()> {
            let spender = self.env().caller();
            let left = self.allowance(from, spender).checked_sub(value).ok_or(Error::InsufficientAllowance)?;
            self.shift(from, to, value)?;
            self.allowances.insert((from, spender), &left);
            Ok(())
        }
    }
}
