//! Who is told of changes.

use std::sync::{Mutex, PoisonError};

use domain::{ChangeListener, UserChange};

/// Everybody who wants to know.
#[derive(Default)]
pub(crate) struct Listeners(Mutex<Vec<ChangeListener>>);

impl Listeners {
    pub(super) fn add(&self, listener: ChangeListener) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Tells all of them. Not under the lock, so that a listener may bring another one.
    pub(crate) fn tell(&self, change: &UserChange) {
        let listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners {
            listener(change.clone());
        }
    }
}
