//! Takes bids, pays back who is outbid, and closes: balance in, balance out, and the end.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod auction {
    #[derive(Debug, PartialEq, Eq, Clone, Copy, scale::Encode, scale::Decode)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
    pub enum Error {
        TooLow { least: Balance },
        Closed,
        NotSeller,
        Repay,
    }

    #[ink(event)]
    pub struct Bid {
        #[ink(topic)]
        by: AccountId,
        amount: Balance,
    }

    #[ink(event, anonymous)]
    pub struct Closed {
        winner: Option<AccountId>,
    }

    #[ink(storage)]
    pub struct Auction {
        seller: AccountId,
        highest: Option<(AccountId, Balance)>,
        closed: bool,
    }

    impl Auction {
        /// Refuses to be made with value, since that would be nobody's.
        #[ink(constructor)]
        pub fn new() -> Self {
            Self { seller: Self::env().caller(), highest: None, closed: false }
        }

        #[ink(message)]
        pub fn highest(&self) -> Option<(AccountId, Balance)> {
            self.highest
        }

        #[ink(message, payable)]
        pub fn bid(&mut self) -> Result<(), Error> {
            if self.closed {
                return Err(Error::Closed);
            }
            let (by, amount) = (self.env().caller(), self.env().transferred_value());
            let least = self.highest.map_or(1, |(_, highest)| highest + 1);
            if amount < least {
                return Err(Error::TooLow { least });
            }
            if let Some((loser, paid)) = self.highest.replace((by, amount)) {
                self.env().transfer(loser, paid).map_err(|_| Error::Repay)?;
            }
            self.env().emit_event(Bid { by, amount });
            Ok(())
        }

        #[ink(message)]
        pub fn close(&mut self) -> Result<Option<AccountId>, Error> {
            self.only_seller()?;
            self.closed = true;
            let winner = self.highest.map(|(winner, _)| winner);
            self.env().emit_event(Closed { winner });
            Ok(winner)
        }

        /// Pays the seller and ends.
        #[ink(message)]
        pub fn settle(&mut self) -> Result<(), Error> {
            self.only_seller()?;
            if !self.closed {
                return Err(Error::Closed);
            }
            self.env().terminate_contract(self.seller)
        }

        fn only_seller(&self) -> Result<(), Error> {
            (self.env().caller() == self.seller).then_some(()).ok_or(Error::NotSeller)
        }
    }
}
