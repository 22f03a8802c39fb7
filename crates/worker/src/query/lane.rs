//! Where long queries go on: a few threads step them slice by slice, callers in turn, so that one caller's endless
//! queries cost the others no more than their turn.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use tallow_engine::{Execution, HostError, Run, Step};
use tallow_types::{AccountId, ExternalCall};
use tokio::sync::oneshot;

/// What a run came to: its end, or an external call to perform before it goes on.
pub(crate) enum Came {
    Done(Box<Execution>),
    External(Run, ExternalCall),
}

/// What it came to, and the time it ran.
type Stepped = Result<(Came, Duration), HostError>;

/// A run that has more to do.
struct Job {
    run: Run,
    deadline: Instant,
    ran: Duration,
    reply: oneshot::Sender<Stepped>,
}

/// Runs by caller; the front caller is next.
#[derive(Default)]
struct Turns {
    jobs: BTreeMap<AccountId, VecDeque<Job>>,
    order: VecDeque<AccountId>,
    closed: bool,
}

struct Shared {
    turns: Mutex<Turns>,
    ready: Condvar,
}

/// Niceness of the threads: whatever else the worker does, blocks above all, goes before queries that take long.
const NICENESS: i32 = 10;

/// The threads, which end when it is dropped.
pub(crate) struct Lane(Arc<Shared>);

impl Lane {
    /// Starts `threads` threads.
    pub(crate) fn start(threads: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { turns: Mutex::default(), ready: Condvar::new() });
        for index in 0..threads {
            let shared = shared.clone();
            std::thread::Builder::new().name(format!("query-{index}")).spawn(move || {
                // On Linux this is the thread's own niceness. Without it queries are served all the same.
                if let Err(error) = rustix::process::nice(NICENESS) {
                    tracing::warn!(%error, "long queries run at the same priority as everything else");
                }
                work(&shared);
            })?;
        }
        Ok(Self(shared))
    }

    /// Steps a run until it does not yield, or ends it when its time is up. A run whose asker has gone is dropped at its next turn.
    pub(crate) async fn step(&self, caller: AccountId, run: Run, deadline: Instant) -> Stepped {
        let (reply, receiver) = oneshot::channel();
        self.0.push(caller, Job { run, deadline, ran: Duration::ZERO, reply });
        receiver.await.unwrap_or_else(|_| Err(HostError("the worker is shutting down".to_owned())))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.ready.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Turns> {
        self.turns.lock().expect("no code panics while it holds the turns")
    }

    fn push(&self, caller: AccountId, job: Job) {
        self.lock().push(caller, job);
        self.ready.notify_one();
    }

    /// The next job, or `None` when the lane is closed.
    fn next(&self) -> Option<(AccountId, Job)> {
        let mut turns = self.lock();
        loop {
            if turns.closed {
                return None;
            }
            if let Some(next) = turns.pop() {
                return Some(next);
            }
            turns = self.ready.wait(turns).expect("no code panics while it holds the turns");
        }
    }
}

impl Turns {
    fn push(&mut self, caller: AccountId, job: Job) {
        let jobs = self.jobs.entry(caller).or_default();
        if jobs.is_empty() {
            self.order.push_back(caller);
        }
        jobs.push_back(job);
    }

    /// The front caller's oldest job; the caller goes to the back if it has more.
    fn pop(&mut self) -> Option<(AccountId, Job)> {
        let caller = self.order.pop_front()?;
        let jobs = self.jobs.get_mut(&caller).expect("a caller in the order has jobs");
        let job = jobs.pop_front().expect("a caller in the order has jobs");
        if jobs.is_empty() {
            self.jobs.remove(&caller);
        } else {
            self.order.push_back(caller);
        }
        Some((caller, job))
    }
}

fn work(shared: &Shared) {
    while let Some((caller, mut job)) = shared.next() {
        if job.reply.is_closed() {
            continue;
        }
        let began = Instant::now();
        let came = if began >= job.deadline {
            Ok(Came::Done(Box::new(job.run.expire())))
        } else {
            let step = job.run.step(None);
            job.ran += began.elapsed();
            match step {
                Ok(Step::Yield) => {
                    shared.push(caller, job);
                    // Low priority alone does not end a time slice of the system: a thread that wakes for a block would
                    // wait for milliseconds, and a command needs many such wakes.
                    std::thread::yield_now();
                    continue;
                }
                Ok(Step::Done(execution)) => Ok(Came::Done(execution)),
                Ok(Step::External { call, .. }) => Ok(Came::External(job.run, call)),
                Err(error) => Err(error),
            }
        };
        let ran = job.ran;
        let _ = job.reply.send(came.map(|came| (came, ran))); // the asker may have gone
    }
}
