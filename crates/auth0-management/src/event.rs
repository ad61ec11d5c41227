//! Auth0's events: CloudEvents about users, as Event Streams deliver them and the Events API streams them.
//!
//! What is not needed may be anything (Auth0's schema and its examples differ, and both change); what is needed is read
//! exactly.

use domain::{Auth0Fact, EventId, Subject, UnixTime};
use serde::Deserialize;
use serde_json::Value;

use crate::auth0_user::{Auth0User, time};
use crate::http_answer::object;

/// An event, as far as it concerns us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same in every delivery of one event.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// When it happened; missing where Auth0 says nothing about it and nobody needs it.
    pub time: Option<UnixTime>,
    /// What it says.
    pub content: EventContent,
}

/// What happened, as the member `type` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// `user.created`
    UserCreated,
    /// `user.updated`
    UserUpdated,
    /// `user.deleted`
    UserDeleted,
    /// Something else.
    Other,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventContent {
    /// Something about a user (`user.created`, `user.updated`, `user.deleted`).
    Fact(Auth0Fact),
    /// Nothing: Auth0 tries out whether it is heard (`"a0purpose": "test"`).
    Test,
    /// Nothing about a user's row.
    OtherType,
}

/// Why something is no event that can be taken in. Says which member, and never its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct EventProblem {
    /// What is wrong.
    pub fault: EventFault,
    /// Which event, if that much can be told.
    pub event: Option<EventId>,
}

/// What is wrong with an event.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventFault {
    /// Nothing that could be an event.
    #[error("it is no JSON object")]
    NoObject,
    /// The member `id`.
    #[error("id is missing or no string of 1 to 255 characters")]
    Id,
    /// The member `type`.
    #[error("type is missing or no string")]
    Type,
    /// The member `data.object`.
    #[error("data.object is missing or no object")]
    Object,
    /// The member `data.object.user_id`.
    #[error("data.object.user_id is missing or no subject of a user")]
    UserId,
    /// The member `time`, and what could stand in for it.
    #[error("time is missing or no RFC 3339 time, and data.object has no updated_at or deleted_at in its place")]
    Time,
}

/// The envelope (CloudEvents 1.0, with Auth0's own members).
#[derive(Deserialize)]
struct Envelope {
    id: Option<Value>,
    #[serde(rename = "type")]
    kind: Option<Value>,
    time: Option<Value>,
    a0purpose: Option<Value>,
    data: Option<Value>,
}

/// Reads an event.
///
/// # Errors
/// [`EventProblem`]
pub fn read_event(bytes: &[u8]) -> Result<Event, EventProblem> {
    let nameless = |fault| EventProblem { fault, event: None };
    let envelope: Envelope = object(bytes).map_err(|_| nameless(EventFault::NoObject))?;
    let id = envelope.id.as_ref().and_then(Value::as_str).and_then(|id| EventId::parse(id).ok());
    let id = id.ok_or_else(|| nameless(EventFault::Id))?;
    let said_at = time(&envelope.time);
    match envelope.read(said_at) {
        Ok((kind, content)) => Ok(Event { id, kind, time: said_at, content }),
        Err(fault) => Err(EventProblem { fault, event: Some(id) }),
    }
}

impl EventKind {
    /// The word for it; `other` for what is none of ours.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UserCreated => "user.created",
            Self::UserUpdated => "user.updated",
            Self::UserDeleted => "user.deleted",
            Self::Other => "other",
        }
    }

    fn of(name: &str) -> Self {
        let all = [Self::UserCreated, Self::UserUpdated, Self::UserDeleted];
        all.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Other)
    }
}

impl Envelope {
    fn read(self, said_at: Option<UnixTime>) -> Result<(EventKind, EventContent), EventFault> {
        let kind = self.kind.as_ref().and_then(Value::as_str).map(EventKind::of).ok_or(EventFault::Type)?;
        if self.a0purpose.as_ref().and_then(Value::as_str) == Some("test") {
            return Ok((kind, EventContent::Test));
        }
        if kind == EventKind::Other {
            return Ok((kind, EventContent::OtherType));
        }
        let user = self.data.as_ref().and_then(|data| data.get("object")).filter(|object| object.is_object());
        let user = Auth0User::deserialize(user.ok_or(EventFault::Object)?).map_err(|_| EventFault::Object)?;
        let subject: Subject = user.subject().map_err(|_| EventFault::UserId)?;
        let said_at = said_at.or(user.updated_at()).or(user.deleted_at()).ok_or(EventFault::Time)?;
        let profile = user.profile(said_at);
        // Nothing that the object says of the user is later than their deletion.
        let is_deletion = kind == EventKind::UserDeleted;
        let deleted_at = is_deletion.then(|| user.deleted_at().unwrap_or(said_at).max(profile.time.updated_at));
        Ok((kind, EventContent::Fact(Auth0Fact { subject, profile: Some(profile), deleted_at })))
    }
}
