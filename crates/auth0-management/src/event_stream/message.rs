//! What a message of the Events API says.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::StreamError;
use super::sse::SseMessage;
use crate::http_answer::object;

/// A message of the stream.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamMessage {
    /// Where to go on behind it.
    pub offset: Option<String>,
    /// What it brings.
    pub content: StreamContent,
}

/// What a message brings.
#[derive(Clone, PartialEq, Eq)]
pub enum StreamContent {
    /// An event, for [`read_event`](crate::read_event).
    Event {
        /// The event as it came.
        body: Vec<u8>,
        /// Whether that is all of it: what is longer than half a mebibyte is cut.
        is_whole: bool,
    },
    /// Nothing but the offset.
    OffsetOnly,
}

/// The data of every message.
#[derive(Default, Deserialize)]
struct Data {
    offset: Option<Value>,
    event: Option<Box<RawValue>>,
    error: Option<Value>,
}

impl StreamMessage {
    /// Reads a message.
    ///
    /// # Errors
    /// The message is the stream's last: [`StreamError::PositionExpired`], [`StreamError::PositionRefused`] or
    /// [`StreamError::Ended`].
    pub(super) fn read(message: SseMessage) -> Result<Self, StreamError> {
        let data: Data = object(&message.data).unwrap_or_default();
        let told = || data.offset.as_ref().and_then(Value::as_str).map(str::to_owned);
        let offset = message.id.clone().or_else(told).filter(|offset| !offset.is_empty());
        match message.event.as_str() {
            "offset-only" => return Ok(Self { offset, content: StreamContent::OffsetOnly }),
            "error" => return Err(ended(data.error.as_ref())),
            _ if message.data.is_empty() => return Ok(Self { offset, content: StreamContent::OffsetOnly }),
            _ => {}
        }
        let event = data.event.map(|event| event.get().as_bytes().to_vec());
        let body = event.unwrap_or(message.data);
        Ok(Self { offset, content: StreamContent::Event { body, is_whole: message.is_whole } })
    }
}

fn ended(error: Option<&Value>) -> StreamError {
    let code = error.and_then(|error| error.get("code")).and_then(Value::as_str).unwrap_or("no code");
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-. ".contains(c);
    match code {
        "cursor_expired" => StreamError::PositionExpired,
        "invalid_cursor" => StreamError::PositionRefused,
        _ => StreamError::Ended { code: code.chars().filter(|c| is_word(*c)).take(64).collect() },
    }
}

impl std::fmt::Debug for StreamMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamMessage").field("offset", &self.offset).field("content", &self.content).finish()
    }
}

impl std::fmt::Debug for StreamContent {
    /// Without the event: it is somebody's profile.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event { body, is_whole } => write!(f, "Event({} bytes, whole: {is_whole})", body.len()),
            Self::OffsetOnly => f.write_str("OffsetOnly"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(event: &str, id: Option<&str>, data: &str) -> Result<StreamMessage, StreamError> {
        let message = SseMessage {
            event: event.to_owned(),
            data: data.as_bytes().to_vec(),
            id: id.map(str::to_owned),
            is_whole: true,
        };
        StreamMessage::read(message)
    }

    fn body(message: Result<StreamMessage, StreamError>) -> (Option<String>, String) {
        match message.unwrap() {
            StreamMessage { offset, content: StreamContent::Event { body, .. } } => {
                (offset, String::from_utf8(body).unwrap())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_event_is_taken_out_of_its_wrapping_as_it_came() {
        let message = read("user.created", Some("MTI="), r#"{"offset":"MTI=", "event" : {"id": "evt_1",  "x":1e999}}"#);
        assert_eq!(body(message), (Some("MTI=".to_owned()), r#"{"id": "evt_1",  "x":1e999}"#.to_owned()));
    }

    #[test]
    fn an_event_without_wrapping_or_in_none_that_can_be_read_is_given_whole() {
        for data in [r#"{"id":"evt_1","type":"user.created"}"#, "nonsense", r#"[{"event":{}}]"#] {
            assert_eq!(body(read("user.created", Some("7"), data)), (Some("7".to_owned()), data.to_owned()));
        }
    }

    #[test]
    fn the_offset_is_the_message_s_id_or_the_one_in_the_data() {
        let offset = |id, data| read("offset-only", id, data).unwrap().offset;
        assert_eq!(offset(Some("7"), r#"{"offset":"8"}"#).as_deref(), Some("7"));
        assert_eq!(offset(None, r#"{"offset":"8"}"#).as_deref(), Some("8"));
        assert_eq!(offset(None, r#"{"offset":8}"#), None);
        assert_eq!(offset(Some(""), "{}"), None);
        assert_eq!(read("", Some("7"), "").unwrap().content, StreamContent::OffsetOnly);
    }

    #[test]
    fn an_error_ends_the_stream_and_says_why_in_harmless_words() {
        let ended = |data| read("error", None, data).unwrap_err().to_string();
        assert!(matches!(
            read("error", None, r#"{"error":{"code":"cursor_expired","message":"x"}}"#),
            Err(StreamError::PositionExpired)
        ));
        assert_eq!(
            ended(r#"{"error":{"code":"internal_\u001b[31merror"}}"#),
            "auth0 ended the stream: internal_31merror"
        );
        assert_eq!(ended("nonsense"), "auth0 ended the stream: no code");
    }
}
