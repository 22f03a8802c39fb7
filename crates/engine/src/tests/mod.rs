//! Tests of the engine on small modules written in the text format.

pub(crate) mod wat;
pub(crate) mod world;

mod authority;
mod calls;
mod compiled;
mod held;
mod info;
mod ink;
mod limits;
mod pink;
mod pointers;
mod prices;
mod secrets;
mod steps;
mod storage;
mod timers;
