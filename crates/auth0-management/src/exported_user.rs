//! A line of an export becomes a fact.

use domain::{Auth0Fact, EventId, UnixTime};
use serde_json::{Value, json};

use crate::LineTooLong;
use crate::auth0_user::Auth0User;
use crate::http_answer::object;

/// What an export has to hold for [`read_exported_user`].
pub const EXPORTED_FIELDS: [&str; 8] =
    ["user_id", "email", "email_verified", "name", "picture", "blocked", "created_at", "updated_at"];

/// Why a line of an export is no user. Never says what the line holds.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadExportLine {
    /// No JSON object, or one with a member twice.
    #[error("the line is no JSON object")]
    NotAnObject,
    /// The member `user_id` is missing, no string, or nobody's who could log in.
    #[error("user_id is missing or no subject of a user")]
    UserId,
    /// More than [`MAX_EXPORT_LINE_BYTES`](crate::MAX_EXPORT_LINE_BYTES).
    #[error(transparent)]
    TooLong(#[from] LineTooLong),
}

/// Reads a line of an export with the [`EXPORTED_FIELDS`], which was made at `said_at`. Parts that break their rule are
/// dropped, as in a profile that is read over the Management API.
///
/// # Errors
/// [`BadExportLine`]
pub fn read_exported_user(line: &[u8], said_at: UnixTime) -> Result<Auth0Fact, BadExportLine> {
    let user: Auth0User = object(line).map_err(|_| BadExportLine::NotAnObject)?;
    let subject = user.subject().map_err(|_| BadExportLine::UserId)?;
    Ok(Auth0Fact::alive(subject, user.profile(said_at)))
}

/// What a good line says, in the form of an event of this id, so that it can be kept and taken in like one
/// ([`read_event`](crate::read_event)). None for a line that is no JSON.
#[must_use]
pub fn exported_user_as_event(line: &[u8], id: &EventId, said_at: UnixTime) -> Option<Vec<u8>> {
    let user: Value = serde_json::from_slice(line).ok()?;
    let time = jiff::Timestamp::from_millisecond(said_at.as_millis()).ok()?.to_string();
    let event = json!({ "id": id.as_str(), "type": "user.updated", "time": time, "data": { "object": user } });
    Some(event.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventContent, read_event};

    fn read(line: &str) -> Result<Auth0Fact, BadExportLine> {
        read_exported_user(line.as_bytes(), UnixTime::from_secs(7))
    }

    #[test]
    fn a_line_is_a_fact_about_a_user_who_is_there() {
        let fact = read(
            r#"{"user_id":"auth0|1","email":"a@b.org","email_verified":true,"updated_at":"1970-01-01T00:00:05.000Z"}"#,
        )
        .unwrap();
        assert_eq!((fact.subject.as_str(), fact.deleted_at), ("auth0|1", None));
        let said = fact.profile.unwrap();
        assert_eq!((said.time.updated_at, said.time.said_at), (UnixTime::from_secs(5), UnixTime::from_secs(7)));
        assert!(said.profile.email.unwrap().verified && !said.blocked);
    }

    #[test]
    fn anything_else_is_told_without_what_it_holds() {
        for line in ["", "not json", "[]", "{\"user_id\":\"auth0|cut", "{}x", r#"{"user_id":"a","user_id":"b"}"#] {
            assert_eq!(read(line), Err(BadExportLine::NotAnObject), "{line}");
        }
        for line in [r#"{"user_id":7}"#, "{}", r#"{"email":"a@b.org"}"#, r#"{"user_id":"x@clients"}"#] {
            assert_eq!(read(line), Err(BadExportLine::UserId), "{line}");
        }
        assert_eq!(read_exported_user(b"\xff\xfe", UnixTime::from_secs(7)), Err(BadExportLine::NotAnObject));
    }

    #[test]
    fn a_line_kept_as_an_event_says_the_same() {
        let line = br#"{"user_id":"auth0|1","email":"a@b.org","created_at":"1970-01-01T00:00:01Z","blocked":true}"#;
        let (id, said_at) = (EventId::parse("backfill:job_1:7").unwrap(), UnixTime::from_millis(7_001));
        let event = read_event(&exported_user_as_event(line, &id, said_at).unwrap()).unwrap();
        assert_eq!(event.id, id);
        assert_eq!(event.content, EventContent::Fact(read_exported_user(line, said_at).unwrap()));
        assert_eq!(exported_user_as_event(b"not json", &id, said_at), None);
    }
}
