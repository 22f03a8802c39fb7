//! Makes a token of its own and sells it for balance: calls another contract by its reference, its trait, and bare.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod exchange {
    use ink::{
        codegen::TraitCallBuilder,
        env::{
            call::{build_call, build_create, ExecutionInput, Selector},
            DefaultEnvironment,
        },
        ToAccountId,
    };
    use ink4_erc20::{Erc20Ref, Error as TokenError, Token};

    #[derive(Debug, PartialEq, Eq, scale::Encode, scale::Decode)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
    pub enum Error {
        NothingPaid,
        Token(TokenError),
        /// The call itself failed.
        Call,
    }

    #[ink(storage)]
    pub struct Exchange {
        token: Erc20Ref,
        price: Balance,
    }

    impl Exchange {
        /// Makes the token; all of it belongs to this contract.
        #[ink(constructor)]
        pub fn new(code: Hash, supply: Balance, price: Balance, salt: [u8; 2]) -> Self {
            assert!(price > 0, "nothing is free");
            let token = Erc20Ref::new(supply).code_hash(code).endowment(0).salt_bytes(salt).instantiate();
            Self { token, price }
        }

        #[ink(message)]
        pub fn token(&self) -> AccountId {
            self.token.to_account_id()
        }

        #[ink(message)]
        pub fn stock(&self) -> Balance {
            self.token.balance_of(self.env().account_id())
        }

        #[ink(message, payable)]
        pub fn buy(&mut self) -> Result<Balance, Error> {
            let amount = self.env().transferred_value() / self.price;
            if amount == 0 {
                return Err(Error::NothingPaid);
            }
            self.token.transfer(self.env().caller(), amount).map_err(Error::Token)?;
            Ok(amount)
        }

        /// The seller must have approved it.
        #[ink(message)]
        pub fn sell(&mut self, amount: Balance) -> Result<(), Error> {
            let (seller, own) = (self.env().caller(), self.env().account_id());
            self.token.call_mut().transfer_from(seller, own, amount).invoke().map_err(Error::Token)?;
            self.env().transfer(seller, amount * self.price).map_err(|_| Error::Call)
        }

        /// By selector, with arguments one after another, and a limit of gas.
        #[ink(message)]
        pub fn give(&mut self, to: AccountId, amount: Balance, gas: u64) -> Result<(), Error> {
            build_call::<DefaultEnvironment>()
                .call(self.token.to_account_id())
                .gas_limit(gas)
                .exec_input(ExecutionInput::new(Selector::new([0x12, 0x34, 0x56, 0x78])).push_arg(to).push_arg(amount))
                .returns::<Result<(), TokenError>>()
                .try_invoke()
                .map_err(|_| Error::Call)?
                .map_err(|_| Error::Call)?
                .map_err(Error::Token)
        }

        /// Makes another token for the caller, with value that its constructor does not take.
        #[ink(message, payable)]
        pub fn overpay(&mut self, code: Hash) -> Result<AccountId, Error> {
            let made = build_create::<Erc20Ref>()
                .code_hash(code)
                .gas_limit(0)
                .endowment(self.env().transferred_value())
                .exec_input(ExecutionInput::new(Selector::new(ink::selector_bytes!("new"))).push_arg(1u128))
                .salt_bytes([0u8; 0])
                .returns::<Erc20Ref>()
                .try_instantiate();
            match made {
                Ok(Ok(token)) => Ok(token.to_account_id()),
                _ => Err(Error::Call),
            }
        }
    }
}
