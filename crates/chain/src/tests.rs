//! Tests of the shell: on disk with one participant, and with several on the deterministic runtime.

mod certificates;
mod codec;
mod counter;
mod crash;
mod group;
mod solo;
