//! What is said on a socket, both ways: one JSON object in one text frame.

use std::fmt;

use domain::{AccessToken, UnixTime, User};
use serde::{Deserialize, Serialize};

use crate::http::user_answer::UserAnswer;

/// What a client may say. Members beyond these are ignored.
#[derive(Debug)]
pub(super) enum ClientMessage {
    /// `{"type":"auth","token":"…"}`: here is a newer token.
    Auth(AccessToken),
}

/// The same as it stands in the frame. Without `Debug`: it holds the token.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Wire {
    #[serde(rename = "auth")]
    Auth { token: String },
}

impl ClientMessage {
    /// `None` for everything else: no JSON, no object, another type, a member that is missing or of the wrong kind.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // serde would take a list of the members' values, too.
        if !text.trim_start().starts_with('{') {
            return None;
        }
        match serde_json::from_str(text) {
            Ok(Wire::Auth { token }) => Some(Self::Auth(AccessToken::new(token))),
            // Its message quotes the text.
            Err(_) => None,
        }
    }
}

/// What we say.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum ServerMessage<'a> {
    /// The first message.
    #[serde(rename = "ready")]
    Ready {
        user: UserAnswer<'a>,
        /// In whole seconds since 1970.
        expires_at: i64,
    },
    /// The row is another one now.
    #[serde(rename = "user.updated")]
    UserUpdated { user: UserAnswer<'a> },
    /// The token ends soon.
    #[serde(rename = "expiring")]
    Expiring { expires_at: i64 },
    /// The newer token counts from now on.
    #[serde(rename = "renewed")]
    Renewed { expires_at: i64 },
    /// A message was not followed; nothing has changed.
    #[serde(rename = "error")]
    Error { code: &'static str, message: &'static str },
}

impl<'a> ServerMessage<'a> {
    pub(super) fn ready(user: &'a User, expires_at: UnixTime) -> Self {
        Self::Ready { user: user.into(), expires_at: expires_at.as_secs() }
    }

    pub(super) fn updated(user: &'a User) -> Self {
        Self::UserUpdated { user: user.into() }
    }

    pub(super) fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

impl fmt::Debug for ServerMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerMessage(…)")
    }
}

/// Why a message of the client was not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not a message of ours.
    BadMessage,
    /// A token that is not good.
    Unauthorized,
    /// A good token of somebody else.
    Forbidden,
    /// Our own trouble; the token may be good.
    Unavailable,
}

impl Refusal {
    /// Every reason there is.
    pub(crate) const ALL: [Self; 4] = [Self::BadMessage, Self::Unauthorized, Self::Forbidden, Self::Unavailable];

    /// The code, as clients compare it and metrics count it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::BadMessage => "bad_message",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Unavailable => "unavailable",
        }
    }

    pub(super) fn message(self) -> ServerMessage<'static> {
        let message = match self {
            Self::BadMessage => "Invalid message",
            Self::Unauthorized => "Invalid or expired token",
            Self::Forbidden => "Token of another user",
            Self::Unavailable => "Temporarily unavailable",
        };
        ServerMessage::Error { code: self.code(), message }
    }
}

#[cfg(test)]
mod tests {
    use domain::{DisplayName, EmailAddress, Subject, UserId};

    use super::*;

    fn token_in(text: &str) -> Option<String> {
        ClientMessage::parse(text).map(|ClientMessage::Auth(token)| token.reveal().to_owned())
    }

    #[test]
    fn a_token_is_read_wherever_it_stands_and_whatever_stands_beside_it() {
        for text in [
            r#"{"type":"auth","token":"a.b.c"}"#,
            r#" { "token" : "a.b.c" , "type" : "auth" } "#,
            r#"{"type":"auth","token":"a.b.c","at":1,"more":{"type":"auth"}}"#,
            r#"{"type":"\u0061uth","token":"a.b.\u0063"}"#,
        ] {
            assert_eq!(token_in(text).as_deref(), Some("a.b.c"), "{text}");
        }
    }

    #[test]
    fn everything_else_is_no_message() {
        for text in [
            "",
            " ",
            "auth",
            "null",
            "{}",
            "[]",
            "1",
            r#""auth""#,
            r#"["auth","a.b.c"]"#,
            r#"{"type":"auth"}"#,
            r#"{"type":"auth","token":null}"#,
            r#"{"type":"auth","token":1}"#,
            r#"{"type":"auth","token":["a.b.c"]}"#,
            r#"{"type":"AUTH","token":"a.b.c"}"#,
            r#"{"type":"ready","token":"a.b.c"}"#,
            r#"{"type":null,"token":"a.b.c"}"#,
            r#"{"token":"a.b.c"}"#,
            r#"{"type":"auth","token":"a.b.c"}{}"#,
            r#"{"type":"auth","token":"a.b.c""#,
            r#"{"type":"auth","token":"a.b.c","token":"d.e.f"}"#,
            r#"{"type":"auth","type":"auth","token":"a.b.c"}"#,
            r#"{"type":"auth","token":"\ud800"}"#,
        ] {
            assert!(ClientMessage::parse(text).is_none(), "{text}");
        }
        assert!(ClientMessage::parse(&"[".repeat(32_768)).is_none());
    }

    #[test]
    fn debug_of_a_message_hides_the_token() {
        let debug = format!("{:?}", ClientMessage::parse(r#"{"type":"auth","token":"hunter2"}"#));
        assert!(debug.contains("Auth") && !debug.contains("hunter2"), "{debug}");
    }

    #[test]
    fn every_message_of_ours_is_written_as_documented() {
        let user = User {
            id: UserId::new(1),
            subject: Subject::parse("auth0|1").expect("a subject"),
            email: EmailAddress::parse("user@example.com").expect("an address"),
            email_verified: true,
            name: DisplayName::parse("User Name").ok(),
            picture: None,
            standing: domain::Standing::Active,
        };
        let json = |message: ServerMessage<'_>| message.to_json().expect("JSON");
        assert_eq!(
            json(ServerMessage::ready(&user, UnixTime::from_millis(1_999_999_999_900))),
            r#"{"type":"ready","user":{"id":1,"email":"user@example.com","name":"User Name"},"expires_at":1999999999}"#
        );
        let nameless = User { name: None, ..user };
        assert_eq!(
            json(ServerMessage::updated(&nameless)),
            r#"{"type":"user.updated","user":{"id":1,"email":"user@example.com","name":null}}"#
        );
        assert_eq!(json(ServerMessage::Expiring { expires_at: 7 }), r#"{"type":"expiring","expires_at":7}"#);
        assert_eq!(json(ServerMessage::Renewed { expires_at: 7 }), r#"{"type":"renewed","expires_at":7}"#);
        assert_eq!(
            Refusal::ALL.map(|refusal| json(refusal.message())),
            [
                r#"{"type":"error","code":"bad_message","message":"Invalid message"}"#,
                r#"{"type":"error","code":"unauthorized","message":"Invalid or expired token"}"#,
                r#"{"type":"error","code":"forbidden","message":"Token of another user"}"#,
                r#"{"type":"error","code":"unavailable","message":"Temporarily unavailable"}"#,
            ]
        );
    }
}
