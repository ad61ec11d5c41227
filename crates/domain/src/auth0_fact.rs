//! What Auth0 itself says of a user, and when it was so.

use crate::{Profile, Subject, UnixTime};

/// When Auth0's record of a user was as it is said to be. Later ones win, whatever order they arrive in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordTime {
    /// The profile's `updated_at`.
    pub updated_at: UnixTime,
    /// When it was said: an event's `time`, the moment of a read. Decides between two profiles of one `updated_at`.
    pub said_at: UnixTime,
}

/// Auth0's record of a user at one moment: a read over the Management API, the object of an event, a line of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth0Profile {
    /// Email, name and picture; a part that is missing says nothing.
    pub profile: Profile,
    /// Whether the user is barred from signing in.
    pub blocked: bool,
    /// When the user came to be; missing in partial answers.
    pub created_at: Option<UnixTime>,
    /// When all this was so.
    pub time: RecordTime,
}

/// One statement of Auth0's about one user. The rules of the users table do not care how it came or how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth0Fact {
    /// Whom it is about.
    pub subject: Subject,
    /// The user's record; missing where a deletion says no more than that.
    pub profile: Option<Auth0Profile>,
    /// When the user was deleted, if that is what is said.
    pub deleted_at: Option<UnixTime>,
}

impl Auth0Profile {
    /// A record of a moment that has nothing but a profile in it.
    #[must_use]
    pub fn of(profile: Profile, at: UnixTime) -> Self {
        let time = RecordTime { updated_at: at, said_at: at };
        Self { profile, blocked: false, created_at: None, time }
    }
}

impl Auth0Fact {
    /// The user is there, and is this.
    #[must_use]
    pub fn alive(subject: Subject, profile: Auth0Profile) -> Self {
        Self { subject, profile: Some(profile), deleted_at: None }
    }

    /// The user was deleted by this moment, and that is all that is said.
    #[must_use]
    pub fn gone(subject: Subject, by: UnixTime) -> Self {
        Self { subject, profile: None, deleted_at: Some(by) }
    }
}
