//! Locking that outlives a panicking test.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. What a panicking holder left is whole, because every change here is a single step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
