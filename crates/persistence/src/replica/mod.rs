//! A standby that looks users up in place of the primary.
//!
//! It may be behind, and nobody is to notice more of that than was agreed:
//!
//! - It is asked only while it is *proven* ([`Proof`]): several times a second the primary is asked how far its log has come, and the
//!   standby how far it has replayed. Having come so far, it shows all that was committed before the question. No clock of either
//!   machine is believed, and a standby that is cut off proves nothing.
//! - Only a user who may come in is believed of it. Whoever is unknown to it, blocked or deleted there is looked up at the primary.
//! - Who was written by this process ([`RecentWrites`]) is looked up at the primary until a proof is younger than the write.
//! - What is decided on, and what is kept in memory, is never read from it: that is
//!   [`find`](domain::AsyncUserRepository::find), and goes to the primary as ever.

mod log_position;
mod proof;
mod recent_writes;
mod report;
mod users;
mod watcher;

pub(crate) use self::proof::Proof;
pub(crate) use self::recent_writes::RecentWrites;
pub(crate) use self::report::Counters;
pub use self::report::{ReplicaReport, ReplicaState};
pub(crate) use self::users::{NotedWrites, ReplicatedUsers};
pub(crate) use self::watcher::{Places, Watcher};
