//! Listens to what consensus and the block store report, for the finaliser.

use crate::{
    block::{Block, Digest},
    finalizer::Event,
};
use commonware_actor::Feedback;
use commonware_consensus::{Reporter, Viewable as _, marshal::Update, simplex::types::Activity};
use commonware_cryptography::certificate::Scheme;
use commonware_utils::channel::mpsc::UnboundedSender;

/// Passes what consensus reports on to the store, after telling the finaliser.
pub(crate) struct Tee<S: Scheme, R> {
    pub(crate) inner: R,
    pub(crate) events: UnboundedSender<Event<S>>,
    /// Whether there are peers. The store keeps notarizations for those who ask it for them, and no block is certified
    /// before they are synced; consensus has its own in its journal.
    pub(crate) peers: bool,
}

impl<S: Scheme, R: Clone> Clone for Tee<S, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), events: self.events.clone(), peers: self.peers }
    }
}

impl<S: Scheme, R: Reporter<Activity = Activity<S, Digest>>> Reporter for Tee<S, R> {
    type Activity = Activity<S, Digest>;

    fn report(&mut self, activity: Self::Activity) -> Feedback {
        // A closed channel means that the finaliser has failed, which ends the chain by itself.
        match &activity {
            Activity::Certification(certified) => {
                let _ = self.events.send(Event::Certified(certified.view(), certified.proposal.payload));
            }
            Activity::Finalization(finalization) => {
                let _ = self.events.send(Event::Final(finalization.clone()));
            }
            Activity::Notarization(_) if !self.peers => return Feedback::Ok,
            _ => {}
        }
        self.inner.report(activity)
    }
}

/// Receives the blocks the store hands out.
pub(crate) struct Archived<S: Scheme> {
    pub(crate) events: UnboundedSender<Event<S>>,
}

impl<S: Scheme> Clone for Archived<S> {
    fn clone(&self) -> Self {
        Self { events: self.events.clone() }
    }
}

impl<S: Scheme> Reporter for Archived<S> {
    type Activity = Update<Block>;

    fn report(&mut self, update: Self::Activity) -> Feedback {
        let Update::Block(block, ack) = update else { return Feedback::Ok };
        self.events.send(Event::Archived(block, ack)).map_or(Feedback::Closed, |()| Feedback::Ok)
    }
}
