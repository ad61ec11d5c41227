//! One connection to the events API: server-sent events.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::time::{Sleep, sleep};
use actix_web::web::Bytes;
use serde_json::json;

use super::event::UserEvent;
use super::feed::{Feed, State};
use super::offset::OffsetProblem;

/// What a connection begins with: a comment, and how long to wait before coming again.
const GREETING: &str = ":connected\n\nretry: 2000\n\n";

/// Where a listener begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// With what happens from now on.
    Now,
    /// Behind an offset.
    Offset(String),
    /// With the first event of this time (milliseconds since 1970) or later.
    Time(i64),
}

/// What a listener asked for.
#[derive(Clone, Debug)]
pub(crate) struct Listening {
    pub(crate) from: From,
    /// `None`: events of every kind.
    pub(crate) kinds: Option<Vec<UserEvent>>,
}

/// The body of the answer.
pub(crate) struct EventConnection {
    feed: Arc<Feed>,
    kinds: Option<Vec<UserEvent>>,
    /// The number of the event to be looked at next.
    next: u64,
    messages: u64,
    events_since_mark: u64,
    /// Whether events were passed over that no message told of.
    passed_over: bool,
    closings: u64,
    progress_marks: u64,
    failures: u64,
    heartbeat: Option<Pin<Box<Sleep>>>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    Serving,
    Over,
}

impl EventConnection {
    pub(crate) fn open(feed: &Arc<Feed>, listening: Listening) -> Result<Self, OffsetProblem> {
        let mut state = feed.state();
        let next = match listening.from {
            From::Now => state.next,
            From::Offset(offset) => state.behind(&offset)?,
            From::Time(time) => state.first_since(time),
        };
        state.connections += 1;
        Ok(Self {
            feed: Arc::clone(feed),
            kinds: listening.kinds,
            next,
            messages: 0,
            events_since_mark: 0,
            passed_over: false,
            closings: state.closings,
            progress_marks: state.progress_marks,
            failures: state.failure.map_or(0, |(number, _)| number),
            heartbeat: None,
            stage: Stage::Greeting,
        })
    }

    /// The next message, if there is one to send. May end the connection.
    fn message(&mut self, state: &State) -> Option<String> {
        if state.closings != self.closings {
            self.stage = Stage::Over;
            return None;
        }
        if let Some((number, code)) = state.failure.filter(|(number, _)| *number != self.failures) {
            self.failures = number;
            return Some(self.error(state, code));
        }
        if self.next < state.first() {
            return Some(self.error(state, "cursor_expired"));
        }
        if self.events_since_mark >= state.settings.mark_every {
            return Some(self.mark(state));
        }
        while let Some(event) = state.event(self.next) {
            self.next += 1;
            if self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&event.kind)) {
                self.passed_over = false;
                self.events_since_mark += 1;
                let offset = state.offset(self.next - 1);
                let data = format!("{{\"offset\":{},\"event\":{}}}", json!(offset), event.json);
                return Some(self.counted(state, event.kind.name(), Some(&offset), &data));
            }
            self.passed_over = true;
        }
        if self.passed_over || state.progress_marks != self.progress_marks {
            return Some(self.mark(state));
        }
        None
    }

    /// Tells how far the listener is, without an event.
    fn mark(&mut self, state: &State) -> String {
        self.passed_over = false;
        self.events_since_mark = 0;
        self.progress_marks = state.progress_marks;
        let offset = state.offset(self.next.saturating_sub(1));
        self.counted(state, "offset-only", Some(&offset), &json!({ "offset": offset }).to_string())
    }

    fn error(&mut self, state: &State, code: &str) -> String {
        self.stage = Stage::Over;
        let message = "The stream ends here.";
        self.counted(state, "error", None, &json!({ "error": { "code": code, "message": message } }).to_string())
    }

    fn counted(&mut self, state: &State, name: &str, offset: Option<&str>, data: &str) -> String {
        self.messages += 1;
        if state.settings.close_after.is_some_and(|most| self.messages >= most) {
            self.stage = Stage::Over;
        }
        let id = offset.map(|offset| format!("id: {offset}\n")).unwrap_or_default();
        format!("event: {name}\n{id}data: {data}\n\n")
    }
}

impl MessageBody for EventConnection {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match self.stage {
            Stage::Greeting => {
                self.stage = Stage::Serving;
                return Poll::Ready(Some(Ok(Bytes::from_static(GREETING.as_bytes()))));
            }
            Stage::Over => return Poll::Ready(None),
            Stage::Serving => (),
        }
        let feed = Arc::clone(&self.feed);
        let mut state = feed.state();
        if let Some(message) = self.message(&state) {
            self.heartbeat = None;
            return Poll::Ready(Some(Ok(message.into())));
        }
        if self.stage == Stage::Over {
            return Poll::Ready(None);
        }
        let interval = state.settings.heartbeat;
        let heartbeat = self.heartbeat.get_or_insert_with(|| Box::pin(sleep(interval)));
        if heartbeat.as_mut().poll(cx).is_ready() {
            self.heartbeat = None;
            let mark = self.mark(&state);
            return Poll::Ready(Some(Ok(format!(": heartbeat\n\n{mark}").into())));
        }
        state.wake_later(cx.waker());
        Poll::Pending
    }
}

impl Drop for EventConnection {
    fn drop(&mut self) {
        self.feed.change(|state| state.connections = state.connections.saturating_sub(1));
    }
}
