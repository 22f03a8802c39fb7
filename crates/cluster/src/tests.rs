//! The state machine by value: blocks in, receipts and state out.

mod commands;
mod delegates;
mod external;
mod fixture;
mod gas;
mod ledger;
mod money;
mod owners;
mod pool;
mod prices;
mod restore;
mod timers;
