//! The thread a chain runs on, and the handle to it.

use crate::{Application, ChainError, Tip, machine::Machine, status::Status};
use commonware_utils::channel::{oneshot, watch};
use std::{future::Future, sync::Arc, thread::JoinHandle};

/// A running chain. Dropping it stops the chain without waiting for the end.
pub struct Handle {
    wake: Arc<dyn Fn() + Send + Sync>,
    status: watch::Receiver<Status>,
    failure: watch::Receiver<Option<ChainError>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    pub(crate) fn new<A: Application>(
        machine: Arc<Machine<A>>,
        status: watch::Receiver<Status>,
        failure: watch::Receiver<Option<ChainError>>,
        stop: oneshot::Sender<()>,
        thread: JoinHandle<()>,
    ) -> Self {
        let wake = Arc::new(move || machine.wake());
        Self { wake, status, failure, stop: Some(stop), thread: Some(thread) }
    }

    /// There is something to propose: the leader proposes at once instead of at the next heartbeat. Cheap.
    pub fn wake(&self) {
        (self.wake)();
    }

    /// [`Handle::wake`] as a function that outlives the borrow.
    pub fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        self.wake.clone()
    }

    /// The newest block handed to [`Application::finalized`], or the one the chain started from.
    pub fn tip(&self) -> Tip {
        self.status.borrow().tip
    }

    /// Resolves when every block that was final at the start has been replayed.
    ///
    /// # Errors
    /// Why the chain stopped before.
    pub fn ready(&self) -> impl Future<Output = Result<(), ChainError>> + Send + 'static {
        let mut status = self.status.clone();
        let failed = self.failed();
        async move {
            let reached = status.wait_for(|status| status.ready).await.map(drop);
            // The status ends with the chain; then the reason is on its way.
            if reached.is_ok() { Ok(()) } else { Err(failed.await) }
        }
    }

    /// Resolves when the chain has stopped, with the reason.
    pub fn failed(&self) -> impl Future<Output = ChainError> + Send + 'static {
        let mut failure = self.failure.clone();
        async move {
            let reason = failure.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
            reason.unwrap_or_else(|| ChainError::Engine("the chain's thread ended without a reason".into()))
        }
    }

    /// Stops the chain and waits until it has released its data directory. Blocks the calling thread.
    pub fn shutdown(mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread is reported by `failed`.
            let _ = thread.join();
        }
    }
}
