//! Email addresses, compared without case.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::UserId;

/// An email address in the one form that is stored and compared: trimmed and lower-cased.
///
/// The syntax is checked as far as it protects us (one `@`, something on both sides, no white space, no control
/// character, at most 255 characters) and no further: only a delivered message proves an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(Arc<str>);

/// Why a text is no [`EmailAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressError {
    /// More than [`EmailAddress::MAX_CHARS`] characters.
    #[error("the email address is longer than 255 characters")]
    TooLong,
    /// Not of the form `local@domain`, or with white space or control characters in it.
    #[error("the email address is not of the form local@domain")]
    Malformed,
    /// [One that stands in for an address](EmailAddress::placeholder), which nobody has.
    #[error("the email address is what stands in a row without one")]
    Placeholder,
}

/// How every placeholder ends.
const PLACEHOLDERS: &str = "@displaced.invalid";

impl EmailAddress {
    /// Width of the column, in characters.
    pub const MAX_CHARS: usize = 255;

    /// Trims and lower-cases the text, then checks it.
    ///
    /// # Errors
    /// [`EmailAddressError`] names the rule that is broken.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let trimmed = text.trim();
        // Most addresses come as they are stored.
        let is_normal = trimmed.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let normalised = if is_normal { Cow::Borrowed(trimmed) } else { Cow::Owned(trimmed.to_lowercase()) };
        let unprintable = |c: char| c.is_whitespace() || c.is_control();
        let well_formed = normalised
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
        if !well_formed || normalised.contains(unprintable) {
            Err(EmailAddressError::Malformed)
        } else if normalised.chars().count() > Self::MAX_CHARS {
            Err(EmailAddressError::TooLong)
        } else {
            Ok(Self((*normalised).into()))
        }
    }

    /// The same of an address that somebody says is theirs: a browser, a token, Auth0. What stands in a row for an address is
    /// nobody's, and whoever held it would keep that row from being written.
    ///
    /// # Errors
    /// [`EmailAddressError`] names the rule that is broken.
    pub fn from_outside(text: &str) -> Result<Self, EmailAddressError> {
        let address = Self::parse(text)?;
        if address.is_a_placeholder() { Err(EmailAddressError::Placeholder) } else { Ok(address) }
    }

    /// The address of a user who gave theirs up to its verified owner and has no other (rule 4): unique by the id, and
    /// under `.invalid`, where RFC 2606 §2 promises that nobody ever receives mail.
    #[must_use]
    pub fn placeholder(id: UserId) -> Self {
        Self(format!("user-{id}{PLACEHOLDERS}").into())
    }

    /// What to put in the row of this id in place of an address, best first: the next where another program's row has the one
    /// before.
    pub(crate) fn placeholders(id: UserId) -> impl Iterator<Item = Self> {
        let others = (2_u64..).map(move |number| Self(format!("user-{id}-{number}{PLACEHOLDERS}").into()));
        std::iter::once(Self::placeholder(id)).chain(others)
    }

    /// What stands in a new row in place of an address until its id is known. The number is to be another one each time, so
    /// that of any two rows neither keeps the other out.
    #[must_use]
    pub fn placeholder_before_id(number: u64) -> Self {
        Self(format!("new-{number:016x}{PLACEHOLDERS}").into())
    }

    /// Whether this stands in for an address, in whatever row.
    pub(crate) fn is_a_placeholder(&self) -> bool {
        self.0.ends_with(PLACEHOLDERS)
    }

    /// The normalised address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_surrounding_space_do_not_tell_addresses_apart() {
        assert_eq!(EmailAddress::parse(" User@Example.COM "), EmailAddress::parse("user@example.com"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "user", "@example.com", "user@", "a@b@c", "a b@c", "a@b\0", "a@b\nc"] {
            assert_eq!(EmailAddress::parse(text), Err(EmailAddressError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_counted_in_characters_after_lower_casing() {
        let of_length = |chars: usize| format!("{}@b.de", "ü".repeat(chars - 5));
        assert!(EmailAddress::parse(&of_length(255)).is_ok());
        assert_eq!(EmailAddress::parse(&of_length(256)), Err(EmailAddressError::TooLong));
        // One 'İ' becomes two characters in lower case, so the column would not hold what fitted before.
        let grows = format!("{}@b.de", "İ".repeat(250));
        assert_eq!(EmailAddress::parse(&grows), Err(EmailAddressError::TooLong));
    }
}
