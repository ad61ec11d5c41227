//! How a command waits.

use std::fmt::Debug;
use std::ops::ControlFlow;
use std::time::Duration;

use super::Job;
use crate::ManagementError;

/// What is waited for.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub enum Waiting<'a> {
    /// Our own budget of requests.
    Budget,
    /// Auth0's rate limit, or its limit of two imports at once.
    RateLimit,
    /// The end of an outage.
    Outage(&'a ManagementError),
    /// The end of a job.
    Job(&'a Job),
}

/// Lets time pass. The clock of the [`JobClient`](super::JobClient) has to move meanwhile.
pub trait Waiter: Debug + Send + Sync {
    /// Returns when the time is over, or earlier to make an end: then with [`ControlFlow::Break`], and the client's method
    /// returns [`JobError::Interrupted`](super::JobError::Interrupted).
    fn wait(&self, span: Duration, reason: Waiting<'_>) -> ControlFlow<()>;
}

/// Sleeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct SleepingWaiter;

impl Waiter for SleepingWaiter {
    #[expect(clippy::disallowed_methods, reason = "this is the place where commands wait for time")]
    fn wait(&self, span: Duration, _reason: Waiting<'_>) -> ControlFlow<()> {
        std::thread::sleep(span);
        ControlFlow::Continue(())
    }
}
