//! How far a step has come, told while it goes on.

use std::ops::ControlFlow;

use super::error::LegacyError;

/// What is about to be done.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The part of the step, for a person to read.
    pub step: String,
    /// How many rows of this part are done.
    pub done: u64,
    /// How many rows there are in all, where that is known and means something.
    pub total: Option<u64>,
}

/// Hears of [`Progress`], and may stop the step by saying [`ControlFlow::Break`]: the work at hand is rolled back, what
/// was committed stays, and the step can be run again.
///
/// Some calls come in the middle of a transaction that has the users table to itself, so a listener must not wait for
/// anybody who wants the table.
pub type ProgressListener<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

/// Tells a listener and remembers the part at hand, so that an error can name it.
pub(crate) struct Pace<'a> {
    listener: ProgressListener<'a>,
    step: String,
}

impl<'a> Pace<'a> {
    pub(crate) fn telling(listener: ProgressListener<'a>) -> Self {
        Self { listener, step: String::new() }
    }

    /// Before a part without a count.
    pub(crate) fn begin(&mut self, step: &str) -> Result<(), LegacyError> {
        self.tell(step, 0, None)
    }

    /// Before the next rows of a part.
    pub(super) fn tell(&mut self, step: &str, done: u64, total: Option<u64>) -> Result<(), LegacyError> {
        step.clone_into(&mut self.step);
        match (self.listener)(&Progress { step: self.step.clone(), done, total }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(LegacyError::Stopped { step: self.step.clone() }),
        }
    }

    /// The same error, with the name of the part at hand.
    pub(crate) fn named(&self, error: LegacyError) -> LegacyError {
        match error {
            LegacyError::Failed { reason, .. } if !self.step.is_empty() => {
                LegacyError::Failed { step: self.step.clone(), reason }
            }
            other => other,
        }
    }
}
