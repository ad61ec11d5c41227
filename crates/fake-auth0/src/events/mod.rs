//! Events out: what happens to users, told to a webhook and to whoever listens at the events API.

mod connection;
mod delivery;
mod event;
mod feed;
mod offset;
mod webhook;

use std::sync::Arc;

use serde_json::Value;

pub(crate) use connection::{EventConnection, From, Listening};
pub(crate) use delivery::Deliveries;
pub use delivery::{Attempt, Delivery};
pub(crate) use event::Event;
pub use event::UserEvent;
pub(crate) use feed::Feed;
pub(crate) use offset::OffsetProblem;
pub(crate) use webhook::Webhook;
pub use webhook::WebhookError;

use crate::random;

/// Both ways that events go out, and the stream that they are of.
#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) stream: String,
    pub(crate) feed: Arc<Feed>,
    pub(crate) deliveries: Arc<Deliveries>,
}

impl Events {
    /// Remembers what happened, and sends it if there is somewhere to send it to.
    pub(crate) fn record(&self, kind: UserEvent, user: Value, time: i64) {
        let event = Arc::new(Event::new(kind, user, time, &self.stream));
        self.feed.add(Arc::clone(&event));
        self.deliveries.enqueue(event);
    }
}

impl Default for Events {
    fn default() -> Self {
        let stream = format!("est_{}", random::alphanumeric(22));
        Self { stream, feed: Arc::default(), deliveries: Arc::default() }
    }
}
