//! The port to what is remembered of Auth0's events: which were taken in, which wait for a person, how far a stream has
//! been read.

use std::fmt;
use std::time::Duration;

use crate::{RepositoryError, Subject, UnixTime};

/// Remembers events. Every call stands alone and is atomic.
pub trait EventInbox: Send + Sync {
    /// Whether the event is dealt with.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn has_seen(&self, event: &EventId) -> Result<bool, RepositoryError>;

    /// The event is dealt with: it is remembered, and a letter about it goes. In passing, events are forgotten that were
    /// seen more than [`SEEN_FOR`] ago; a call forgets no more than a hundred, so that it takes milliseconds.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn mark_seen(&self, event: &EventId, now: UnixTime) -> Result<(), RepositoryError>;

    /// Keeps what could not be taken in. An event has one letter: parked again, it keeps its id and its first time, counts
    /// one attempt more and gets the new reason. Letters that name no event are kept one by one.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn park(&self, letter: &Letter, now: UnixTime) -> Result<(), RepositoryError>;

    /// At most so many letters in the order of their ids, those behind `after`.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn dead_letters(&self, after: Option<LetterId>, limit: usize) -> Result<Vec<DeadLetter>, RepositoryError>;

    /// Lets go of a letter, if it is still there.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn discard(&self, letter: LetterId) -> Result<(), RepositoryError>;

    /// How far something that goes on for long has come, if it has begun.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn load_cursor(&self, name: &str) -> Result<Option<Cursor>, RepositoryError>;

    /// Keeps how far it has come. A name has up to 64 characters.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] or [`RepositoryError::Failed`].
    fn store_cursor(&self, name: &str, cursor: &Cursor) -> Result<(), RepositoryError>;
}

/// For how long an event is known that was taken in. Auth0 delivers again within minutes, and by hand within days.
pub const SEEN_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The `id` of an event: 1 to 255 characters and no control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(Box<str>);

/// A text is no [`EventId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event's id has 1 to 255 characters, none of them a control character")]
pub struct EventIdError;

/// The local id of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LetterId(i32);

/// What could not be taken in, for a person to look at and to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// How it came: a word of at most 32 characters.
    pub source: String,
    /// Which event, as far as that can be told.
    pub event: Option<EventId>,
    /// Whom it is about, as far as that can be told.
    pub subject: Option<Subject>,
    /// What stood in the way, in words that hold no value of the body.
    pub reason: String,
    /// What came.
    pub body: LetterBody,
}

/// A letter as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id.
    pub id: LetterId,
    /// What it says.
    pub letter: Letter,
    /// Since when it waits.
    pub parked_at: UnixTime,
    /// How often it was tried.
    pub attempts: u32,
}

/// A body as it came, as far as a database can hold it: bytes that are no UTF-8 and NUL become U+FFFD, and what is over
/// [`LetterBody::MAX_BYTES`] is cut off. `Debug` shows none of it, because it is somebody's profile.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterBody(Box<str>);

/// How far something has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Where it goes on, in the words of whoever moves it.
    pub position: String,
    /// When it was moved.
    pub moved_at: UnixTime,
}

impl EventId {
    /// The most characters.
    pub const MAX_CHARS: usize = 255;

    /// Takes the text as it stands.
    ///
    /// # Errors
    /// [`EventIdError`]
    pub fn parse(text: &str) -> Result<Self, EventIdError> {
        let fits = !text.is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.into())) } else { Err(EventIdError) }
    }

    /// The text as Auth0 wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LetterId {
    /// Takes the number that the database gave.
    #[must_use]
    pub fn new(id: i32) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl LetterBody {
    /// The most bytes that are kept.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// Keeps a body.
    #[must_use]
    pub fn keep(body: &[u8]) -> Self {
        let read = body.get(..Self::MAX_BYTES).unwrap_or(body);
        let mut text = String::from_utf8_lossy(read).replace('\0', "\u{fffd}");
        text.truncate(text.floor_char_boundary(Self::MAX_BYTES));
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LetterBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LetterBody({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_an_id_of_1_to_255_characters() {
        assert!(EventId::parse(&"ü".repeat(255)).is_ok());
        for text in [String::new(), "ü".repeat(256), "evt_\0".to_owned(), "evt\n1".to_owned()] {
            assert_eq!(EventId::parse(&text), Err(EventIdError), "{text:?}");
        }
    }

    #[test]
    fn a_body_of_text_is_kept_as_it_came() {
        let text = "{\"name\": \"Zoë\"}\n";
        assert_eq!(LetterBody::keep(text.as_bytes()).as_str(), text);
    }

    #[test]
    fn what_no_database_holds_is_replaced_and_what_is_too_long_is_cut() {
        assert_eq!(LetterBody::keep(b"a\0b\xffc").as_str(), "a\u{fffd}b\u{fffd}c");
        let long = "é".repeat(LetterBody::MAX_BYTES);
        assert_eq!(LetterBody::keep(long.as_bytes()).as_str().len(), LetterBody::MAX_BYTES);
        let odd = format!("a{long}");
        assert!(LetterBody::keep(odd.as_bytes()).as_str().len() <= LetterBody::MAX_BYTES);
        assert!(LetterBody::keep(&[0xff; LetterBody::MAX_BYTES]).as_str().len() <= LetterBody::MAX_BYTES);
    }

    #[test]
    fn debug_of_a_body_hides_it() {
        assert_eq!(format!("{:?}", LetterBody::keep(b"ada@example.com")), "LetterBody(15 bytes)");
    }
}
