//! Where long queries go on: a few threads step them slice by slice, client addresses in turn, and the callers of one
//! address in turn, so that one client's endless queries cost the others no more than their turn, with however many keys
//! he asks.

use super::Asker;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
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

/// Jobs by whose turn it is: keys in a row, and a queue of each.
struct Turns<K, Q> {
    queues: BTreeMap<K, Q>,
    order: VecDeque<K>,
}

impl<K, Q> Default for Turns<K, Q> {
    fn default() -> Self {
        Self { queues: BTreeMap::new(), order: VecDeque::new() }
    }
}

/// Callers of one client, each with its jobs.
type Callers = Turns<AccountId, VecDeque<(Asker, Job)>>;

/// Clients in turn, and whether there are turns at all.
#[derive(Default)]
struct Clients {
    turns: Turns<IpAddr, Callers>,
    closed: bool,
}

struct Shared {
    turns: Mutex<Clients>,
    ready: Condvar,
}

/// The threads, which end when it is dropped.
pub(crate) struct Lane(Arc<Shared>);

impl Lane {
    /// Starts `threads` threads.
    pub(crate) fn start(threads: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { turns: Mutex::default(), ready: Condvar::new() });
        for index in 0..threads {
            let shared = shared.clone();
            std::thread::Builder::new().name(format!("query-{index}")).spawn(move || {
                give_way();
                work(&shared);
            })?;
        }
        Ok(Self(shared))
    }

    /// Steps a run until it does not yield, or ends it when its time is up. A run whose asker has gone is dropped at its next turn.
    pub(crate) async fn step(&self, asker: Asker, run: Run, deadline: Instant) -> Stepped {
        let (reply, receiver) = oneshot::channel();
        self.0.push(asker, Job { run, deadline, ran: Duration::ZERO, reply });
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
    fn lock(&self) -> std::sync::MutexGuard<'_, Clients> {
        self.turns.lock().expect("no code panics while it holds the turns")
    }

    fn push(&self, asker: Asker, job: Job) {
        self.lock().push(asker, job);
        self.ready.notify_one();
    }

    /// The next job, or `None` when the lane is closed.
    fn next(&self) -> Option<(Asker, Job)> {
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

impl<K: Copy + Ord, Q: Default> Turns<K, Q> {
    /// The queue of a key, which stands behind the others if it is new.
    fn queue(&mut self, key: K) -> &mut Q {
        let order = &mut self.order;
        self.queues.entry(key).or_insert_with(|| {
            order.push_back(key);
            Q::default()
        })
    }

    /// Takes of the front queue, which goes to the back unless it is empty then.
    fn pop<T>(&mut self, take: impl FnOnce(&mut Q) -> (Option<T>, bool)) -> Option<T> {
        let key = self.order.pop_front()?;
        let (taken, is_empty) = self.queues.get_mut(&key).map_or((None, true), take);
        if is_empty {
            self.queues.remove(&key);
        } else {
            self.order.push_back(key);
        }
        taken
    }
}

impl Clients {
    fn push(&mut self, asker: Asker, job: Job) {
        self.turns.queue(asker.client).queue(asker.caller).push_back((asker, job));
    }

    /// The oldest job of the front client's front caller.
    fn pop(&mut self) -> Option<(Asker, Job)> {
        self.turns.pop(|callers| {
            let job = callers.pop(|jobs| (jobs.pop_front(), jobs.is_empty()));
            (job, callers.queues.is_empty())
        })
    }
}

/// Lets whatever else the worker does, blocks above all, go before queries that take long. Niceness would not do: a nice
/// thread keeps its processor until its time slice ends, milliseconds later, and a command needs many wakes of other
/// threads. A thread of the policy `SCHED_IDLE` loses it to the first of them. Without that, queries are served all the same.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{
            NormalThreadSchedulePolicy::Idle, ThreadPriority, ThreadSchedulePolicy::Normal,
            set_thread_priority_and_policy, thread_native_id,
        };
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, Normal(Idle)) {
            tracing::warn!(%error, "long queries run at the same priority as everything else");
        }
    }
}

/// How long a thread runs contracts before it rests.
const STRETCH: Duration = Duration::from_millis(1);
/// How long it rests: long enough to leave its processor.
const REST: Duration = Duration::from_micros(50);

/// Steps jobs. The kernel has threads of its own that a sync of the disk needs, and where a process is scheduled as a group
/// (`autogroup`, or a control group as services have), they wait until all of the group has left the processor or its time
/// slice is over, whatever the policy of the thread that runs: milliseconds, several times for a block (ADR 0018).
fn work(shared: &Shared) {
    let mut stretch = Duration::ZERO;
    while let Some((asker, job)) = shared.next() {
        if job.reply.is_closed() {
            continue;
        }
        let began = Instant::now();
        if let Some(job) = advance(job, began) {
            shared.push(asker, job);
        }
        if needs_rest(&mut stretch, began.elapsed()) {
            std::thread::sleep(REST);
        }
    }
}

/// Whether a thread has run long enough, after `ran` more; then it begins anew.
fn needs_rest(stretch: &mut Duration, ran: Duration) -> bool {
    *stretch += ran;
    let enough = *stretch >= STRETCH;
    if enough {
        *stretch = Duration::ZERO;
    }
    enough
}

/// Runs one slice of a job, and gives it back when it has more to do; ends it when its time is up.
fn advance(mut job: Job, began: Instant) -> Option<Job> {
    let came = if began >= job.deadline {
        Ok(Came::Done(Box::new(job.run.expire())))
    } else {
        let step = job.run.step(None);
        job.ran += began.elapsed();
        match step {
            Ok(Step::Yield) => return Some(job),
            Ok(Step::Done(execution)) => Ok(Came::Done(execution)),
            Ok(Step::External { call, .. }) => Ok(Came::External(job.run, call)),
            Err(error) => Err(error),
        }
    };
    let _ = job.reply.send(came.map(|came| (came, job.ran))); // the asker may have gone
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_rests_after_each_stretch_and_only_then() {
        let mut stretch = Duration::ZERO;
        let rests =
            [STRETCH / 2, STRETCH / 4, STRETCH / 4, STRETCH / 2, STRETCH].map(|ran| needs_rest(&mut stretch, ran));
        assert_eq!(rests, [false, false, true, false, true]);
        assert_eq!(stretch, Duration::ZERO);
    }

    #[test]
    fn one_client_with_many_keys_has_one_turn() {
        let mut turns: Turns<u8, Turns<u8, VecDeque<u8>>> = Turns::default();
        let mut push = |client, caller, job| turns.queue(client).queue(caller).push_back(job);
        (0..4).for_each(|caller| push(1, caller, 10 + caller));
        push(1, 0, 20);
        (0..3).for_each(|job| push(2, 9, 30 + job));
        let pop = || {
            turns.pop(|callers| (callers.pop(|jobs| (jobs.pop_front(), jobs.is_empty())), callers.queues.is_empty()))
        };
        let order: Vec<u8> = std::iter::from_fn(pop).collect();
        assert_eq!(order, [10, 30, 11, 31, 12, 32, 13, 20]);
        assert!(turns.queues.is_empty() && turns.order.is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn its_threads_give_way_to_all_others() {
        use thread_priority::{NormalThreadSchedulePolicy::Idle, ThreadSchedulePolicy, thread_schedule_policy};
        let policy = std::thread::spawn(|| {
            give_way();
            thread_schedule_policy().unwrap()
        });
        assert_eq!(policy.join().unwrap(), ThreadSchedulePolicy::Normal(Idle));
    }
}
