//! The port that tells when rows of the users table change, whoever changed them.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use crate::Subject;

/// Whose row may look different from now on. It says no more: whoever wants to know what changed reads the row, by the
/// same rule as ever, so that there is one truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserChange {
    /// The row of this identity was changed or deleted. Of a new one nothing need be said: nobody has read it before.
    Of(Subject),
    /// Any row may have changed: changes went by unseen, or nobody can say whose they were.
    Any,
    /// No change, but a proof: every change that was committed before this moment has been told by now. It comes several
    /// times a second while changes are seen, and not at all while they are not. Whoever keeps a row may believe it for
    /// as long after the moment as they are ready to be behind.
    ToldUntil(Instant),
}

/// What is done about a change. Called on a thread of the feed, so it must neither wait nor panic.
pub type ChangeListener = Arc<dyn Fn(UserChange) + Send + Sync>;

/// A feed of changes to the users table: of this process, of other nodes, of other programs.
pub trait UserChanges: Send + Sync {
    /// Tells the listener of every change from now on, as long as the feed lives. A change may be told twice or with
    /// others as [`UserChange::Any`], but none is passed over: after an interruption comes [`UserChange::Any`], and only
    /// then another [`UserChange::ToldUntil`].
    ///
    /// Auth0's word on a user ([`KnownUser::record`](crate::KnownUser::record)) counts as part of the row.
    ///
    /// # Errors
    /// When the machine gives no thread.
    fn listen(&self, listener: ChangeListener) -> io::Result<()>;
}
