//! A clock that ticks by itself: the cluster calls the contract at an interval.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod ticker {
    use tallow_ink::{
        log,
        timer::{self, Timer},
    };

    /// The id of the contract's timer.
    const TICK: &str = "tick";

    #[derive(Debug, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        /// Only the account that deployed the contract may do this.
        NotOwner,
        /// Only the timer may do this.
        NotTimer,
        /// The timer cannot be set or cancelled.
        Timer(timer::Error),
    }

    #[ink(storage)]
    pub struct Ticker {
        owner: AccountId,
        ticks: u64,
        last_ms: u64,
    }

    impl Ticker {
        /// A clock that stands still.
        #[ink(constructor)]
        pub fn new() -> Self {
            Self { owner: Self::env().caller(), ticks: 0, last_ms: 0 }
        }

        /// Ticks every so many milliseconds from now on. The timer is kept in the state: it survives restarts.
        #[ink(message)]
        pub fn start(&mut self, period_ms: u64) -> Result<(), Error> {
            self.only_owner()?;
            Timer::every(period_ms).call(ink::selector_bytes!("tick"), &()).set(TICK).map_err(Error::Timer)
        }

        /// Stands still again; tells whether it ticked.
        #[ink(message)]
        pub fn stop(&mut self) -> Result<bool, Error> {
            self.only_owner()?;
            timer::cancel(TICK).map_err(Error::Timer)
        }

        /// One tick. When a timer fires, the contract is its own caller.
        #[ink(message)]
        pub fn tick(&mut self) -> Result<(), Error> {
            if self.env().caller() != self.env().account_id() {
                return Err(Error::NotTimer);
            }
            self.ticks = self.ticks.saturating_add(1);
            self.last_ms = self.env().block_timestamp();
            log::info!("tick {}", self.ticks);
            Ok(())
        }

        /// Ticks so far, and the block time of the last one in milliseconds since the Unix epoch.
        #[ink(message)]
        pub fn ticks(&self) -> (u64, u64) {
            (self.ticks, self.last_ms)
        }

        fn only_owner(&self) -> Result<(), Error> {
            if self.env().caller() == self.owner {
                Ok(())
            } else {
                Err(Error::NotOwner)
            }
        }
    }

    impl Default for Ticker {
        fn default() -> Self {
            Self::new()
        }
    }
}
