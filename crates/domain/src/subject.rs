//! Auth0's identity of a caller.

use std::fmt;

/// The `sub` of an Auth0 token and the `auth0_id` of a row: `auth0|…`, `google-oauth2|…`, `…@clients`.
///
/// 1 to 255 characters (the column's width) and no control characters. Compared byte for byte: RFC 7519 §4.1.2 makes
/// `sub` a case-sensitive string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(Box<str>);

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
    fn machines_and_anonymous_sessions_are_told_from_people() {
        let principal = |text| Subject::parse(text).map(|subject| subject.principal());
        assert_eq!(principal("auth0|1"), Ok(Principal::User));
        assert_eq!(principal("8sBz2@clients"), Ok(Principal::Machine));
        assert_eq!(principal("anon@4f1"), Ok(Principal::Anonymous));
        assert_eq!(principal("clients@example.com"), Ok(Principal::User));
    }
}
