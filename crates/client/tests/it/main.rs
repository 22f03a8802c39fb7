//! The client against a worker that is honest, and against the same worker with one answer altered.

mod certificates;
mod commands;
mod connect;
mod hostile;
mod queries;
mod server;
mod world;
