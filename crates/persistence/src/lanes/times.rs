//! How long a question may take.

use std::time::Instant;

use super::Limits;

/// When something was asked.
#[derive(Clone, Copy)]
pub(super) struct Times {
    at: Instant,
    /// When its caller first asked for anything.
    since: Instant,
}

impl Times {
    /// Of something that is asked now, by somebody who first asked for anything at `since`.
    pub(super) fn of(now: Instant, since: Instant) -> Self {
        Self { at: now, since: since.min(now) }
    }

    /// From then on it is too late to begin.
    pub(super) fn begin_by(self, limits: &Limits) -> Instant {
        self.answer_by(limits).min(self.at + limits.patience)
    }

    /// Then its caller has waited for all that there is to wait for.
    pub(super) fn answer_by(self, limits: &Limits) -> Instant {
        self.since + limits.patience + limits.work_time
    }

    /// Then a thread that has not answered it hangs.
    pub(super) fn hangs_from(self, limits: &Limits) -> Instant {
        self.at + limits.patience + limits.work_time
    }
}
