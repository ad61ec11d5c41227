//! Questions that many callers ask at once, answered many at a time by a few threads.
//!
//! A caller leaves its question in a bounded [`Lane`] and waits for a future. A thread takes whatever has gathered while it
//! was busy with the batch before: alone, a question waits for nobody, and under load the batches grow by themselves.
//! Nobody waits for longer than they can, whatever becomes of the thread, and a thread that hangs gives way to another one: see
//! [`Overseer`].

mod answer;
mod lane;
mod lateness;
mod overseer;
mod refusal;
mod report;
mod seat;
#[cfg(test)]
mod settled;
#[cfg(test)]
mod tests;
mod times;
mod worker;

pub(crate) use lane::{Asked, Lane, Limits};
pub(crate) use overseer::{Overseen, Overseer};
pub use report::{LaneReport, QueueReport};
pub(crate) use worker::{Batch, Worker, start};
