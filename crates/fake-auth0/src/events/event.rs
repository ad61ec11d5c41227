//! One thing that happened to a user, as a CloudEvent.

use serde_json::{Value, json};

use crate::TENANT_NAME;
use crate::random;
use crate::timestamp::iso8601;

/// What happened to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserEvent {
    /// `user.created`
    Created,
    /// `user.updated`
    Updated,
    /// `user.deleted`
    Deleted,
}

/// An event, written once and sent as often as needed.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: UserEvent,
    /// In milliseconds since 1970.
    pub(crate) time: i64,
    /// The whole CloudEvent in JSON.
    pub(crate) json: String,
}

impl UserEvent {
    /// The event's `type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "user.created",
            Self::Updated => "user.updated",
            Self::Deleted => "user.deleted",
        }
    }

    /// The one with this `type`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Created, Self::Updated, Self::Deleted].into_iter().find(|kind| kind.name() == name)
    }
}

impl Event {
    /// `user` is the whole profile; a deletion adds `deleted_at`.
    pub(crate) fn new(kind: UserEvent, user: Value, time: i64, stream: &str) -> Self {
        Self::with(kind, user, time, stream, false)
    }

    /// An event that Auth0 sends to try a stream out.
    pub(crate) fn test(kind: UserEvent, user: Value, time: i64, stream: &str) -> Self {
        Self::with(kind, user, time, stream, true)
    }

    fn with(kind: UserEvent, mut user: Value, time: i64, stream: &str, is_test: bool) -> Self {
        let id = format!("evt_{}", random::alphanumeric(22));
        if let (UserEvent::Deleted, Some(members)) = (kind, user.as_object_mut()) {
            members.insert("deleted_at".to_owned(), json!(iso8601(time)));
        }
        let mut event = json!({
            "specversion": "1.0",
            "type": kind.name(),
            "source": format!("urn:auth0:{TENANT_NAME}.example.test"),
            "id": id,
            "time": iso8601(time),
            "data": { "object": user },
            "a0tenant": TENANT_NAME,
            "a0stream": stream,
        });
        if let (true, Some(members)) = (is_test, event.as_object_mut()) {
            members.insert("a0purpose".to_owned(), json!("test"));
        }
        Self { id, kind, time, json: event.to_string() }
    }
}
