//! Performs the external calls that fall to this replica, and writes snapshots: what the state machine asks of its
//! shell.

use crate::context::Context;
use crate::final_state::{Event, Extras, Final};
use parity_scale_codec::{Decode, Encode};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tallow_cluster::{PendingCall, Snapshot};
use tallow_crypto::answer_signing_bytes;
use tallow_store::{Snapshots, StoreError};
use tallow_types::limits::ANSWER_BYTES_MAX;
use tallow_types::{Answer, CommandId, HttpError, SealedAnswer, SignedAnswer};
use tokio::sync::mpsc;
use tracing::Instrument;

/// Pause after which an answer is offered again that there was no room for.
const ROOM_PAUSE: Duration = Duration::from_millis(50);

/// Calls under way: (command, call, attempt).
type InFlight = Arc<Mutex<BTreeSet<(CommandId, u32, u32)>>>;

/// Handles events until the channel closes. Starts with the calls that were pending when the replica stopped.
pub(crate) async fn run(context: Arc<Context>, mut events: mpsc::UnboundedReceiver<Event>, snapshots: Arc<Snapshots>) {
    let in_flight = InFlight::default();
    for call in context.cluster.pending_calls(&context.published.state()) {
        begin(&context, &in_flight, call);
    }
    while let Some(event) = events.recv().await {
        match event {
            Event::Call(call) => begin(&context, &in_flight, call),
            Event::Snapshot => {
                if let Err(error) = save_if_room(&context, &snapshots).await {
                    tracing::error!(%error, "no snapshot written; the log still holds everything");
                }
            }
        }
    }
}

/// Writes a snapshot, but not into the reserve: the log needs it more.
async fn save_if_room(context: &Context, snapshots: &Arc<Snapshots>) -> anyhow::Result<()> {
    let snapshot = encode(&context.published).await;
    context.disk.room_for(snapshot.bytes.len() as u64)?;
    Ok(snapshots.save(snapshot.height, snapshot.digest, &snapshot.bytes).await?)
}

/// Performs a call in a task of its own, unless another replica is to, or it is under way.
fn begin(context: &Arc<Context>, in_flight: &InFlight, call: PendingCall) {
    let place = (call.command, call.index, call.attempt);
    let begun = |set: &InFlight| set.lock().expect("no code panics while it holds the set").insert(place);
    if call.executor != context.worker || !begun(in_flight) {
        return;
    }
    // The answer to an earlier attempt waits for its block, and will be taken: no reason to call again.
    if context.app.has_answer(place) {
        in_flight.lock().expect("no code panics while it holds the set").remove(&place);
        return;
    }
    let (context, in_flight) = (context.clone(), in_flight.clone());
    let span = context.app.traces.call(&call.command);
    let performing = async move {
        let began = Instant::now();
        let answer = context.egress.perform(&call.account, &call.call, Some(&call.idempotency_key)).await;
        context.metrics.call(&answer, began.elapsed());
        context.app.traces.answered(&call.command);
        submit(&context, signed(&context, &call, bounded(answer))).await;
        in_flight.lock().expect("no code panics while it holds the set").remove(&place);
    };
    tokio::spawn(performing.instrument(span));
}

/// Queues an answer for a block, when there is room for it.
async fn submit(context: &Context, answer: SignedAnswer) {
    let mut answer = Box::new(answer);
    while let Err(refused) = context.app.add_answer(answer) {
        answer = refused;
        tokio::time::sleep(ROOM_PAUSE).await;
    }
}

/// An answer has to fit a block; what does not is an answer too.
fn bounded(answer: Answer) -> Answer {
    if answer.encoded_size() <= ANSWER_BYTES_MAX {
        return answer;
    }
    let Answer::Http(results) = answer;
    Answer::Http(vec![Err(HttpError::ResponseTooLarge); results.len()])
}

fn signed(context: &Context, call: &PendingCall, answer: Answer) -> SignedAnswer {
    let sealed = context.cluster.seal_answer(&call.command, call.index, call.attempt, &answer);
    let answer = SealedAnswer { command: call.command, call: call.index, attempt: call.attempt, sealed };
    let bytes = answer_signing_bytes(&context.cluster.genesis().cluster, &answer);
    SignedAnswer { answer, worker: context.worker, signature: context.key.sign(&bytes) }
}

/// A snapshot as it is sealed and written.
#[derive(Encode, Decode)]
pub(crate) struct Saved {
    pub(crate) snapshot: Snapshot,
    pub(crate) extras: Extras,
}

/// Writes a snapshot of the tip.
pub(crate) async fn save(published: &Arc<Final>, snapshots: &Snapshots) -> Result<(), StoreError> {
    let snapshot = encode(published).await;
    snapshots.save(snapshot.height, snapshot.digest, &snapshot.bytes).await
}

/// A snapshot of the tip, in bytes.
async fn encode(published: &Arc<Final>) -> tallow_store::Snapshot {
    let published = published.clone();
    let tip = published.tip();
    let (height, digest) = (tip.state.position().height, tip.digest);
    let encode = move || Saved { snapshot: tip.state.snapshot(), extras: published.extras(height) }.encode();
    let bytes = tokio::task::spawn_blocking(encode).await.expect("encoding does not panic");
    tallow_store::Snapshot { height, digest, bytes }
}
