//! What all frames of a run share; it travels from store to store as calls nest.

use crate::{ContractInfo, Environment, Mode, World, exchange::Exchange, held::Held, overlay::Overlay, stop::Abort};
use smallvec::SmallVec;
use std::sync::Arc;
use tallow_types::{AccountId, CallError, CodeHash, Compat, limits::CALL_DEPTH_MAX};

/// Frames of most calls, which need no allocation.
const FRAMES_USUAL: usize = 1;

/// The state of a run.
pub(crate) struct Session {
    pub(crate) world: Arc<dyn World>,
    pub(crate) env: Environment,
    pub(crate) mode: Mode,
    pub(crate) overlay: Overlay,
    /// Open frames, the outermost first.
    pub(crate) frames: SmallVec<[Activation; FRAMES_USUAL]>,
    /// Who called from outside.
    pub(crate) origin: AccountId,
    /// Whose runtime a contract made from outside expects.
    pub(crate) compat: Compat,
    /// Whether a contract that an account makes has public events.
    pub(crate) public_events: bool,
    pub(crate) exchange: Arc<Exchange>,
    /// Random draws so far.
    pub(crate) draws: u64,
    /// Instantiations so far.
    pub(crate) instantiations: u64,
    /// What the overlay holds of the host's memory.
    pub(crate) writes: Held,
}

/// A frame as the others see it.
#[derive(Clone, Debug)]
pub(crate) struct Activation {
    /// Whose storage and balance it works on.
    pub(crate) contract: AccountId,
    /// Who called it.
    pub(crate) caller: AccountId,
    /// Balance that came with the call.
    pub(crate) value: u128,
    /// Whether it runs other code on its caller's storage.
    pub(crate) delegated: bool,
    /// Whether other code decides what happens in it: it is delegated, or a frame of the same contract below it is.
    pub(crate) lent: bool,
    /// Whether it is a constructor.
    pub(crate) constructor: bool,
    /// Whether others may call into the contract while this frame waits for them.
    pub(crate) reentrant: bool,
    /// Whether nothing may be changed.
    pub(crate) read_only: bool,
    /// Number of the instantiation, in a constructor.
    pub(crate) nonce: u64,
}

impl Activation {
    /// A frame of a call of a contract's own code, in which all is allowed.
    pub(crate) const fn plain(contract: AccountId, caller: AccountId, value: u128) -> Self {
        let (delegated, lent, constructor, reentrant, read_only) = (false, false, false, true, false);
        Self { contract, caller, value, delegated, lent, constructor, reentrant, read_only, nonce: 0 }
    }
}

impl Session {
    /// Counts what the overlay has come to hold.
    pub(crate) fn count_writes(&mut self) -> Result<(), Abort> {
        self.writes.set(self.overlay.bytes())
    }

    /// The running frame.
    pub(crate) fn top(&self) -> &Activation {
        self.frames.last().expect("a host function runs in a frame")
    }

    /// As [`Session::top`].
    pub(crate) fn top_mut(&mut self) -> &mut Activation {
        self.frames.last_mut().expect("a host function runs in a frame")
    }

    /// The running contract.
    pub(crate) fn contract(&self) -> AccountId {
        self.top().contract
    }

    /// Whether effects outlive the run only as the driver's snapshot, and the world outside may be asked.
    pub(crate) fn is_query(&self) -> bool {
        matches!(self.mode, Mode::Query { .. })
    }

    /// Whether it lets others run after each time slice. Commands alone run without a pause: nobody waits for more than
    /// one of them.
    pub(crate) fn yields(&self) -> bool {
        !matches!(self.mode, Mode::Command { .. })
    }

    /// Whether the chain extension behaves as Phala's did in transactions.
    pub(crate) fn is_compat(&self) -> bool {
        !self.is_query() && self.expects_phala()
    }

    /// Whether the running contract expects Phala's runtime.
    pub(crate) fn expects_phala(&self) -> bool {
        let asked = || self.info(&self.contract()).is_some_and(|info| info.compat == Compat::Phala);
        self.env.compat == Compat::Phala || asked()
    }

    /// A contract as the running frame sees it.
    pub(crate) fn info(&self, address: &AccountId) -> Option<ContractInfo> {
        self.overlay.contract(&*self.world, address)
    }

    /// As [`Session::info`], for whom a contract does not exist before its constructor has returned.
    pub(crate) fn finished(&self, address: &AccountId) -> Option<ContractInfo> {
        let open = self.frames.iter().any(|frame| frame.constructor && frame.contract == *address);
        if open { None } else { self.info(address) }
    }

    /// Whether no further frame can be opened.
    pub(crate) fn is_full(&self) -> bool {
        self.frames.len() >= CALL_DEPTH_MAX
    }

    /// An account's balance as the running frame sees it.
    pub(crate) fn balance(&self, account: &AccountId) -> u128 {
        self.overlay.balance(&*self.world, account)
    }

    /// Moves balance.
    pub(crate) fn transfer(&mut self, from: AccountId, to: AccountId, value: u128) -> Result<(), CallError> {
        self.overlay.transfer(&*self.world, from, to, value)
    }

    /// What is left to do when the outermost frame has closed.
    pub(crate) fn settle(&mut self) -> Result<(), CallError> {
        self.overlay.pay_heirs(&*self.world)
    }

    /// Whether code can be instantiated.
    pub(crate) fn has_code(&self, hash: &CodeHash) -> bool {
        self.world.code(hash).is_some()
    }

    /// Whether a contract may be called: none of its open frames forbids it.
    pub(crate) fn may_enter(&self, contract: &AccountId) -> bool {
        !self.frames.iter().any(|frame| frame.contract == *contract && !frame.reentrant)
    }

    /// Whether a contract's storage is lent to other code just now, so that whoever calls it may be that code.
    pub(crate) fn has_lent(&self, contract: &AccountId) -> bool {
        self.frames.iter().any(|frame| frame.lent && frame.contract == *contract)
    }

    /// Whether the running frame may use what a contract does not lend with its storage: secrets, keys, timers, its code.
    ///
    /// What counts is who decides what happens in the frame, not whose code runs in it: code that has the storage can
    /// call the contract with any input, so those frames have no more than it has. Under Phala's runtime all of a
    /// contract was its delegates' (`Compat::Phala`; docs/concepts.md, "What code may do").
    pub(crate) fn has_authority(&self) -> bool {
        !self.top().lent || self.expects_phala()
    }

    /// Open frames of a contract that are not delegated.
    pub(crate) fn entries(&self, contract: &AccountId) -> u32 {
        self.frames.iter().filter(|frame| !frame.delegated && frame.contract == *contract).count() as u32
    }

    /// Whether another open frame works on the running contract's storage.
    pub(crate) fn is_recursive(&self) -> bool {
        let contract = self.contract();
        self.frames.iter().filter(|frame| frame.contract == contract).count() > 1
    }
}
