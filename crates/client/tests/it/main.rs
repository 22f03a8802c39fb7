//! The client against a worker that is honest, and against the same worker with one answer altered.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod certificates;
mod commands;
mod connect;
mod explain;
mod hostile;
mod queries;
mod server;
mod vectors;
mod world;
