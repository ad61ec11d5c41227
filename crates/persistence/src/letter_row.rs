//! From the columns of a dead letter to a letter.

use domain::{DeadLetter, EventId, Letter, LetterBody, LetterId, Subject, UnixTime};

/// What both databases select: `id`, `source`, `event_id`, `auth0_id`, `reason`, `body`, `parked_at`, `attempts`.
pub(crate) type LetterColumns = (i32, String, Option<String>, Option<String>, String, String, i64, i32);

/// A letter is there to be looked at, so an id in it that another program spoilt is left out rather than the letter.
pub(crate) fn letter_from(columns: LetterColumns) -> DeadLetter {
    let (id, source, event, subject, reason, body, parked_at, attempts) = columns;
    let letter = Letter {
        source,
        event: event.and_then(|event| EventId::parse(&event).ok()),
        subject: subject.and_then(|subject| Subject::parse(&subject).ok()),
        reason,
        body: LetterBody::keep(body.as_bytes()),
    };
    DeadLetter {
        id: LetterId::new(id),
        letter,
        parked_at: UnixTime::from_millis(parked_at),
        attempts: u32::try_from(attempts).unwrap_or(0),
    }
}
