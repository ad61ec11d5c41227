//! Auth0's identity of a caller.

use std::fmt;
use std::sync::Arc;

use crate::UserId;

/// The `sub` of an Auth0 token and the `auth0_id` of a row: `auth0|…`, `google-oauth2|…`, `…@clients`.
///
/// 1 to 255 characters (the column's width) and no control characters. Compared byte for byte: RFC 7519 §4.1.2 makes
/// `sub` a case-sensitive string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(Arc<str>);

/// Why a text is no [`Subject`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// Nothing there.
    #[error("the subject is empty")]
    Empty,
    /// More than [`Subject::MAX_CHARS`] characters.
    #[error("the subject is longer than 255 characters")]
    TooLong,
    /// A control character, which no Auth0 identifier holds and PostgreSQL (for NUL) cannot store.
    #[error("the subject holds a control character")]
    ControlCharacter,
}

/// Who stands behind a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A person with an Auth0 profile: the only one that has a row in the users table.
    User,
    /// A machine-to-machine client: Auth0 writes `<client id>@clients`.
    Machine,
    /// An anonymous session: Auth0 writes `anon@…`.
    Anonymous,
}

impl Subject {
    /// Width of the column, in characters.
    pub const MAX_CHARS: usize = 255;

    /// Takes the text as it stands, without trimming.
    ///
    /// # Errors
    /// [`SubjectError`] names the rule that is broken.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        if text.is_empty() {
            Err(SubjectError::Empty)
        } else if text.chars().count() > Self::MAX_CHARS {
            Err(SubjectError::TooLong)
        } else if text.chars().any(char::is_control) {
            Err(SubjectError::ControlCharacter)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// The text as Auth0 wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The subject of a row from the password era that has not been linked to an Auth0 user yet: `legacy|<id>`.
    #[must_use]
    pub fn legacy(id: UserId) -> Self {
        Self(format!("legacy|{id}").into())
    }

    /// Whether this is the subject of such a row. Auth0 has no connection of this name, so no token speaks for one.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.0.starts_with("legacy|")
    }

    /// The row of the password era whose user Auth0 would know by this subject, had it been imported under its own id:
    /// the import puts `auth0|` before the id.
    #[must_use]
    pub fn as_imported(&self) -> Option<UserId> {
        let digits = self.0.strip_prefix("auth0|")?;
        let id = digits.parse().ok().filter(|id: &i32| id.to_string() == digits)?;
        Some(UserId::new(id))
    }

    /// Whether a person who logged in can have this subject: a machine, an anonymous session and a row that waits to be
    /// linked are nobody's.
    #[must_use]
    pub fn is_a_users(&self) -> bool {
        self.principal() == Principal::User && !self.is_legacy()
    }

    /// Tells people from machines and anonymous sessions by the forms that Auth0 reserves for them.
    #[must_use]
    pub fn principal(&self) -> Principal {
        if self.0.ends_with("@clients") {
            Principal::Machine
        } else if self.0.starts_with("anon@") {
            Principal::Anonymous
        } else {
            Principal::User
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!(Subject::parse(&"ü".repeat(255)).is_ok());
        assert_eq!(Subject::parse(&"ü".repeat(256)), Err(SubjectError::TooLong));
    }

    #[test]
    fn empty_and_control_characters_are_refused() {
        assert_eq!(Subject::parse(""), Err(SubjectError::Empty));
        assert_eq!(Subject::parse("auth0|a\0b"), Err(SubjectError::ControlCharacter));
    }

    #[test]
    fn only_a_plain_number_is_an_imported_id() {
        let imported = |text| Subject::parse(text).ok().and_then(|subject| subject.as_imported()).map(UserId::get);
        assert_eq!(imported("auth0|42"), Some(42));
        for text in ["auth0|042", "auth0|+42", "auth0|4294967296", "auth0|507f1f77bcf86cd799439011", "google-oauth2|42"]
        {
            assert_eq!(imported(text), None, "{text}");
        }
        assert!(Subject::legacy(UserId::new(42)).is_legacy());
    }

    #[test]
    fn machines_and_anonymous_sessions_are_told_from_people() {
        let principal = |text| Subject::parse(text).map(|subject| subject.principal());
        assert_eq!(principal("auth0|1"), Ok(Principal::User));
        assert_eq!(principal("8sBz2@clients"), Ok(Principal::Machine));
        assert_eq!(principal("anon@4f1"), Ok(Principal::Anonymous));
        assert_eq!(principal("clients@example.com"), Ok(Principal::User));
    }
}
