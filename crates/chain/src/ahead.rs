//! Makes the files of votes before they are needed.
//!
//! Consensus keeps the votes of each view in a file of their own, a section of its journal. To make one durably takes
//! three syncs, and the first vote of a view would wait for them. A file that is there is only opened. An empty one is
//! what a crash after its making leaves, so the journal reads it as such.
//!
//! It is done after busy blocks, when the next one waits for entries to gather. At other times it would be in the way:
//! the storage makes and opens one file at a time.
//!
//! For a participant alone. Consensus must not find a file open here, which would be fatal to it: it is several views
//! away from a file that is made, and cannot do them, each with several writes that it waits for, before this task, on
//! the same thread, has closed the file. With peers, views can be skipped.

use commonware_consensus::types::View;
use commonware_runtime::Storage;
use commonware_utils::channel::mpsc;

/// Views between a decided one and the first for which a file is made.
const DISTANCE: u64 = 4;
/// Views for which there are files after the newest decided one.
const LEAD: u64 = 32;
/// Files made for each decided view, until the lead is there.
const FILES: usize = 2;

/// Makes files in `partition` as views are decided by busy blocks, until the sender is gone. A file that could not be
/// made is left to consensus, which reports what is wrong.
pub(crate) async fn run(storage: impl Storage, partition: String, mut decided: mpsc::UnboundedReceiver<View>) {
    let mut made = 0;
    while let Some(view) = decided.recv().await {
        let first = view.get().saturating_add(DISTANCE).max(made + 1);
        let last = view.get().saturating_add(LEAD);
        for view in (first..=last).take(FILES) {
            if let Err(error) = storage.open(&partition, &view.to_be_bytes()).await {
                tracing::debug!(%error, view, "no file for votes ahead of its view");
            }
            made = view;
        }
    }
}
