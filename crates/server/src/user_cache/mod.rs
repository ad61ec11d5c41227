//! Users in memory, for as long as the word of changes proves that they are still what the table says.
//!
//! Three rules make an answer from memory as good as one from the table:
//!
//! - *Tickets* (`generations.rs`): before a row is read a ticket is drawn. Word of a change makes the tickets worthless
//!   that were drawn before it, so a read that was under way then is never believed; and a row that is in memory is void
//!   from then on (`validity.rs`).
//! - *A lease* (`lease.rs`): the feed of changes proves several times a second that it misses nothing. Without a proof that
//!   is younger than [`LEASE`] nothing is answered from memory, whatever the cause.
//! - *Own writes*: whoever saves through this process has the entry dropped before the outcome is known to them.
//!
//! Only users who may come in are kept; the blocked, the deleted and the unknown are always looked up.

#[cfg(test)]
pub(crate) mod bench;
mod cache;
mod generations;
mod known_users;
mod last_unchanged;
mod lease;
mod newcomers;
mod ready_user;
#[cfg(test)]
mod tests;
mod told_users;
mod validity;

pub use self::cache::UserCache;
pub use self::known_users::KnownUsers;
pub use self::lease::LEASE;
pub use self::told_users::ToldUsers;
