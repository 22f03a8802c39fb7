//! Beats at an interval, and tells a service of each beat: what watches for the beats learns when they stop.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod pulse {
    use ink::prelude::{string::String, vec::Vec};
    use tallow_ink::{
        http, log,
        timer::{self, Listed, Timer},
    };

    /// The id of the one timer.
    const BEAT: &str = "beat";
    /// Gas of a beat, of each of its two runs when a service is told.
    const BEAT_GAS: u64 = 20_000_000_000;

    #[derive(Debug)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub enum Error {
        NotOwner,
        NotTimer,
        Timer(timer::Error),
        Http(http::Error),
        BadCode,
    }

    #[ink(storage)]
    pub struct Pulse {
        owner: AccountId,
        url: String,
        beats: u64,
        last_ms: u64,
    }

    impl Pulse {
        /// Tells the service at this URL of each beat, by a POST; nobody if it is empty.
        #[ink(constructor)]
        pub fn new(url: String) -> Self {
            Self { owner: Self::env().caller(), url, beats: 0, last_ms: 0 }
        }

        /// Beats every so many milliseconds from now on; makes good so many beats that the cluster missed.
        #[ink(message)]
        pub fn start(&mut self, period_ms: u64, catch_up: u32) -> Result<(), Error> {
            self.only_owner()?;
            let timer = Timer::every(period_ms).call(ink::selector_bytes!("beat"), &());
            timer.gas_limit(BEAT_GAS).catch_up(catch_up).set(BEAT).map_err(Error::Timer)
        }

        /// Stops beating; tells whether it did beat.
        #[ink(message)]
        pub fn stop(&mut self) -> Result<bool, Error> {
            self.only_owner()?;
            timer::cancel(BEAT).map_err(Error::Timer)
        }

        /// One beat: for the timer, which the contract itself is.
        #[ink(message)]
        pub fn beat(&mut self) -> Result<u64, Error> {
            if self.env().caller() != self.env().account_id() {
                return Err(Error::NotTimer);
            }
            let beat = self.beats.saturating_add(1);
            if !self.url.is_empty() {
                http::post_json(&self.url, &beat).map_err(Error::Http)?;
            }
            self.beats = beat;
            self.last_ms = self.env().block_timestamp();
            log::info!("beat {beat}");
            Ok(beat)
        }

        /// Beats so far, and block time of the last one.
        #[ink(message)]
        pub fn beats(&self) -> (u64, u64) {
            (self.beats, self.last_ms)
        }

        /// The contract's timers.
        #[ink(message)]
        pub fn timers(&self) -> Vec<Listed> {
            timer::list()
        }

        /// Goes on with other code.
        #[ink(message)]
        pub fn upgrade(&mut self, code: Hash) -> Result<(), Error> {
            self.only_owner()?;
            self.env().set_code_hash(&code).map_err(|_| Error::BadCode)
        }

        fn only_owner(&self) -> Result<(), Error> {
            (self.env().caller() == self.owner).then_some(()).ok_or(Error::NotOwner)
        }
    }
}
