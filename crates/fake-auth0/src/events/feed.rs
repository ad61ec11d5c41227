//! Everything that happened, kept for those who ask for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;
use std::time::Duration;

use super::event::Event;
use super::offset::{OffsetProblem, Offsets};
use crate::lock::lock;
use crate::random;

/// Events that are kept; the oldest go first, and offsets before them have expired.
const KEPT: usize = 100_000;

/// The events of a tenant in the order in which they happened, numbered from 1.
#[derive(Debug)]
pub(crate) struct Feed(Mutex<State>);

#[derive(Debug)]
pub(super) struct State {
    events: VecDeque<Arc<Event>>,
    /// The number of the next event.
    pub(super) next: u64,
    offsets: Offsets,
    pub(super) settings: Settings,
    /// Counted up by every order to all connections.
    pub(super) closings: u64,
    pub(super) progress_marks: u64,
    pub(super) failure: Option<(u64, &'static str)>,
    pub(super) connections: usize,
    wakers: Vec<Waker>,
}

/// How connections are served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// A connection ends after so many messages.
    pub(crate) close_after: Option<u64>,
    /// A progress mark comes after so many events.
    pub(crate) mark_every: u64,
    /// A connection on which nothing happens gets a comment and a progress mark in this interval.
    pub(crate) heartbeat: Duration,
}

impl Feed {
    pub(super) fn add(&self, event: Arc<Event>) {
        self.change(|state| {
            state.events.push_back(event);
            state.next += 1;
            if state.events.len() > KEPT {
                state.events.pop_front();
            }
        });
    }

    /// Changes something and lets every connection look at it.
    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = lock(&self.0);
        change(&mut state);
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Settings)) {
        self.change(|state| change(&mut state.settings));
    }

    /// Ends every connection.
    pub(crate) fn close_connections(&self) {
        self.change(|state| state.closings += 1);
    }

    /// Sends every connection a progress mark.
    pub(crate) fn mark_progress(&self) {
        self.change(|state| state.progress_marks += 1);
    }

    /// Ends every connection with an error message of this code.
    pub(crate) fn fail_connections(&self, code: &'static str) {
        self.change(|state| {
            let number = state.failure.map_or(0, |(number, _)| number);
            state.failure = Some((number + 1, code));
        });
    }

    /// Makes every offset given so far an expired one. The events are still there.
    pub(crate) fn expire_offsets(&self) {
        self.change(|state| state.offsets.generation += 1);
    }

    pub(crate) fn connections(&self) -> usize {
        self.state().connections
    }
}

impl Default for Feed {
    fn default() -> Self {
        let settings = Settings { close_after: None, mark_every: 5, heartbeat: Duration::from_secs(15) };
        Self(Mutex::new(State {
            events: VecDeque::new(),
            next: 1,
            offsets: Offsets::new(random::alphanumeric(8)),
            settings,
            closings: 0,
            progress_marks: 0,
            failure: None,
            connections: 0,
            wakers: Vec::new(),
        }))
    }
}

impl State {
    /// The event of this number; `None`: it is not kept, or has not happened.
    pub(super) fn event(&self, number: u64) -> Option<&Arc<Event>> {
        self.events.get(usize::try_from(number.checked_sub(self.first())?).ok()?)
    }

    /// The number of the oldest event that is kept.
    pub(super) fn first(&self) -> u64 {
        self.next.saturating_sub(u64::try_from(self.events.len()).unwrap_or(u64::MAX))
    }

    /// The number of the first kept event of this time or later; of the next event if there is none.
    pub(super) fn first_since(&self, time: i64) -> u64 {
        let before = self.events.iter().take_while(|event| event.time < time).count();
        self.first().saturating_add(u64::try_from(before).unwrap_or(u64::MAX))
    }

    /// The offset of the place behind an event.
    pub(super) fn offset(&self, number: u64) -> String {
        self.offsets.write(number)
    }

    /// The number of the event behind an offset.
    pub(super) fn behind(&self, offset: &str) -> Result<u64, OffsetProblem> {
        let next = self.offsets.read(offset)?.saturating_add(1);
        if next < self.first() {
            return Err(OffsetProblem::Expired);
        }
        if next > self.next {
            return Err(OffsetProblem::Malformed);
        }
        Ok(next)
    }

    /// Wakes this task at the next change.
    pub(super) fn wake_later(&mut self, waker: &Waker) {
        if !self.wakers.iter().any(|known| known.will_wake(waker)) {
            self.wakers.push(waker.clone());
        }
    }
}
