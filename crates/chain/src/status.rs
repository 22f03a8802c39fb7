//! What the outside sees of a running chain.

use crate::{Tip, finalizer::Goal};
use commonware_utils::channel::watch;

/// Progress of a chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Status {
    pub(crate) tip: Tip,
    pub(crate) ready: bool,
}

/// The finaliser's side.
pub(crate) struct StatusSender {
    sender: watch::Sender<Status>,
    goal: Goal,
}

impl StatusSender {
    /// `goal`: the newest block that was final on this disk when the process started.
    pub(crate) const fn new(sender: watch::Sender<Status>, goal: Goal) -> Self {
        Self { sender, goal }
    }

    /// Whether a block of this view was final before the process started.
    pub(crate) fn is_replay(&self, view: u64) -> bool {
        self.goal.is_some_and(|(goal, _)| view <= goal.get())
    }

    /// Publishes a new tip.
    pub(crate) fn advance(&self, tip: Tip, view: u64) {
        self.sender.send_modify(|status| {
            status.tip = tip;
            status.ready |= self.goal.is_none_or(|(goal, _)| view >= goal.get());
        });
    }

    /// Publishes the tip from which replay starts.
    pub(crate) fn start(&self, tip: Tip) {
        self.sender.send_modify(|status| {
            status.tip = tip;
            status.ready = self.goal.is_none_or(|(_, digest)| digest == tip.digest);
        });
    }
}
