//! Waiting that tells why.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use auth0_management::{Waiter, Waiting};

use crate::progress::{Screen, Span};

/// Says what is waited for, and leaves the waiting to another.
pub(super) struct TellingWaiter {
    pub(super) screen: Screen,
    pub(super) waiter: Arc<dyn Waiter>,
}

impl Waiter for TellingWaiter {
    fn wait(&self, span: Duration, reason: Waiting<'_>) -> ControlFlow<()> {
        match reason {
            Waiting::RateLimit => {
                self.screen.say(&format!("import: auth0 takes no more for now; again in {}", Span(span)));
            }
            Waiting::Outage(error) => {
                let cause = domain::in_one_line(error);
                self.screen.say(&format!("import: {cause}; again in {}", Span(span)));
            }
            _ => {}
        }
        self.waiter.wait(span, reason)
    }
}

impl std::fmt::Debug for TellingWaiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TellingWaiter").finish_non_exhaustive()
    }
}
