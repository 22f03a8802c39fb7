//! The network of a participant who is alone: nobody to send to, nothing to receive, no socket.

use commonware_actor::{Feedback, Unreliable};
use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::{BlockedSubscription, Blocker, CheckedSender, LimitedSender, Message, Receiver, Recipients};
use commonware_runtime::IoBufs;
use commonware_utils::{NZUsize, channel::ring, ordered::Set};
use std::{convert::Infallible, num::NonZeroUsize, time::SystemTime};

/// Every part of a network, doing nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inert;

impl LimitedSender for Inert {
    type PublicKey = PublicKey;
    type Checked<'a> = Self;

    fn check(&mut self, _: Recipients<PublicKey>) -> Result<Self, SystemTime> {
        Ok(*self)
    }
}

impl CheckedSender for Inert {
    type PublicKey = PublicKey;

    fn recipients(&self) -> Vec<PublicKey> {
        Vec::new()
    }

    fn send(self, _: impl Into<IoBufs> + Send, _: bool) -> Unreliable<Feedback> {
        Unreliable::new(Feedback::Ok)
    }
}

impl Receiver for Inert {
    type Error = Infallible;
    type PublicKey = PublicKey;

    async fn recv(&mut self) -> Result<Message<PublicKey>, Infallible> {
        futures::future::pending().await
    }

    fn capacity(&self) -> NonZeroUsize {
        NZUsize!(1)
    }
}

impl Blocker for Inert {
    type PublicKey = PublicKey;

    fn block(&mut self, _: PublicKey) -> Feedback {
        Feedback::Ok
    }

    fn blocked(&mut self) -> BlockedSubscription<PublicKey> {
        // Nobody is ever blocked, so the subscription may end at once.
        ring::channel::<Set<PublicKey>>(NZUsize!(1)).1
    }
}
