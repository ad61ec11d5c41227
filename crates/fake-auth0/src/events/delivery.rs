//! Deliveries to the webhook: a queue, a thread that works it off, and what became of each.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::event::{Event, UserEvent};
use super::webhook::Webhook;
use crate::lock::lock;
use crate::random;

/// Attempts in all, as Auth0 makes them.
const ATTEMPTS: usize = 4;

/// Finished deliveries that are remembered.
const REMEMBERED: usize = 100_000;

/// One attempt to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The webhook answered with this status.
    Answered(u16),
    /// There was no answer; why not.
    Unanswered(String),
}

/// What became of one delivery.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The event's `id`. Redeliveries and duplicates have the same.
    pub event_id: String,
    /// What the event tells.
    pub kind: UserEvent,
    /// The whole CloudEvent.
    pub event: Value,
    /// One to four; the last one decided.
    pub attempts: Vec<Attempt>,
}

impl Delivery {
    /// Whether the webhook took the event: a status from 200 to 299.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.attempts.last().is_some_and(Attempt::succeeded)
    }
}

impl Attempt {
    fn succeeded(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }

    /// A 4xx ends a delivery, anything else that is no success is tried again.
    fn ends_delivery(&self) -> bool {
        matches!(self, Self::Answered(200..=299 | 400..=499))
    }
}

/// The deliveries of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    webhook: Option<Webhook>,
    controls: Controls,
    queue: VecDeque<Arc<Event>>,
    under_way: bool,
    finished: VecDeque<Finished>,
    /// How many were ever finished.
    count: usize,
    is_running: bool,
    stopped: bool,
}

#[derive(Clone, Debug)]
struct Finished {
    event: Arc<Event>,
    attempts: Vec<Attempt>,
}

/// How deliveries are made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Controls {
    /// Waits between the attempts; none where the list ends.
    pub(crate) waits: Vec<Duration>,
    /// Nothing is sent while this is set.
    pub(crate) held: bool,
    /// The next event is any one that waits, not the first.
    pub(crate) shuffled: bool,
    /// How often each event is sent beyond the first time.
    pub(crate) duplicates: usize,
}

impl Deliveries {
    /// Sends events there from now on; `None`: nowhere, and what waits is forgotten.
    pub(crate) fn set_webhook(self: &Arc<Self>, webhook: Option<Webhook>) {
        let mut state = lock(&self.state);
        if webhook.is_none() {
            state.queue.clear();
        }
        state.webhook = webhook;
        if state.webhook.is_some() && !state.is_running {
            let deliveries = Arc::clone(self);
            let thread = std::thread::Builder::new().name("fake-auth0 events".to_owned());
            state.is_running = thread.spawn(move || deliveries.run()).is_ok();
        }
        drop(state);
        self.changed.notify_all();
    }

    pub(crate) fn control(&self, change: impl FnOnce(&mut Controls)) {
        change(&mut lock(&self.state).controls);
        self.changed.notify_all();
    }

    /// Does nothing while there is no webhook.
    pub(crate) fn enqueue(&self, event: Arc<Event>) {
        let mut state = lock(&self.state);
        if state.webhook.is_some() {
            let copies = state.controls.duplicates + 1;
            state.queue.extend(std::iter::repeat_n(event, copies));
            drop(state);
            self.changed.notify_all();
        }
    }

    /// Sends events once more, those that match by id and by whether their last delivery succeeded; how many.
    pub(crate) fn redeliver(&self, matches: impl Fn(&str, bool) -> bool) -> usize {
        let mut state = lock(&self.state);
        let (mut seen, mut again) = (HashSet::new(), Vec::new());
        for finished in state.finished.iter().rev().filter(|finished| seen.insert(finished.event.id.as_str())) {
            if matches(&finished.event.id, finished.attempts.last().is_some_and(Attempt::succeeded)) {
                again.push(Arc::clone(&finished.event));
            }
        }
        let count = again.len();
        state.queue.extend(again.into_iter().rev());
        drop(state);
        self.changed.notify_all();
        count
    }

    /// The finished ones, in the order in which they were finished.
    pub(crate) fn finished(&self) -> Vec<Delivery> {
        let finished: Vec<Finished> = lock(&self.state).finished.iter().cloned().collect();
        finished.into_iter().map(Finished::shown).collect()
    }

    /// Waits until so many were ever finished. `false`: the time was up first.
    pub(crate) fn wait_for(&self, wanted: usize, timeout: Duration) -> bool {
        self.wait_until(timeout, |state| state.count >= wanted)
    }

    /// Waits until nothing waits and nothing is under way. `false`: the time was up first.
    pub(crate) fn wait_until_idle(&self, timeout: Duration) -> bool {
        self.wait_until(timeout, |state| state.queue.is_empty() && !state.under_way)
    }

    pub(crate) fn waiting(&self) -> usize {
        lock(&self.state).queue.len()
    }

    /// Ends the thread, after the attempt that is under way.
    pub(crate) fn stop(&self) {
        lock(&self.state).stopped = true;
        self.changed.notify_all();
    }

    fn run(&self) {
        loop {
            let mut state = lock(&self.state);
            let (webhook, event) = loop {
                if state.stopped {
                    return;
                }
                if let Some(next) = state.next() {
                    break next;
                }
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            };
            state.under_way = true;
            let waits = state.controls.waits.clone();
            drop(state);
            let attempts = self.attempt(&webhook, &event, &waits);
            let mut state = lock(&self.state);
            state.under_way = false;
            state.count += 1;
            state.finished.push_back(Finished { event, attempts });
            if state.finished.len() > REMEMBERED {
                state.finished.pop_front();
            }
            drop(state);
            self.changed.notify_all();
        }
    }

    fn attempt(&self, webhook: &Webhook, event: &Event, waits: &[Duration]) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        for number in 0..ATTEMPTS {
            let attempt = webhook.send(&event.json);
            let ends = attempt.ends_delivery();
            attempts.push(attempt);
            if ends || number + 1 == ATTEMPTS || !self.pause(waits.get(number).copied().unwrap_or_default()) {
                break;
            }
        }
        attempts
    }

    /// `false`: the tenant ended meanwhile.
    fn pause(&self, wait: Duration) -> bool {
        !self.wait_until(wait, |state| state.stopped)
    }

    fn wait_until(&self, timeout: Duration, reached: impl Fn(&State) -> bool) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state: MutexGuard<'_, State> = lock(&self.state);
        loop {
            if reached(&state) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = match self.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

impl State {
    fn next(&mut self) -> Option<(Webhook, Arc<Event>)> {
        if self.controls.held {
            return None;
        }
        let webhook = self.webhook.clone()?;
        let position = if self.controls.shuffled { random::below(self.queue.len()) } else { 0 };
        Some((webhook, self.queue.remove(position)?))
    }
}

impl Finished {
    fn shown(self) -> Delivery {
        Delivery {
            event_id: self.event.id.clone(),
            kind: self.event.kind,
            event: serde_json::from_str(&self.event.json).unwrap_or_default(),
            attempts: self.attempts,
        }
    }
}
