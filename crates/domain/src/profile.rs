//! What a source says about a person: email, name, picture.

use std::fmt;
use std::sync::Arc;

use crate::EmailAddress;

/// The name that Auth0 or the frontend shows for a person: at most 255 characters, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DisplayName(Arc<str>);

/// Why a text is no [`DisplayName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisplayNameError {
    /// More than [`DisplayName::MAX_CHARS`] characters.
    #[error("the name is longer than 255 characters")]
    TooLong,
    /// A control character, which no name holds and PostgreSQL (for NUL) cannot store.
    #[error("the name holds a control character")]
    ControlCharacter,
}

impl DisplayName {
    /// Width of the column, in characters.
    pub const MAX_CHARS: usize = 255;

    /// Takes a name that somebody typed or a frontend sent; nothing is trimmed or cut.
    ///
    /// # Errors
    /// [`DisplayNameError`] names the rule that is broken.
    pub fn parse(text: &str) -> Result<Self, DisplayNameError> {
        if text.chars().count() > Self::MAX_CHARS {
            Err(DisplayNameError::TooLong)
        } else if text.chars().any(char::is_control) {
            Err(DisplayNameError::ControlCharacter)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// Takes a name from Auth0, which allows 300 characters where the column holds 255: what is over is cut at a
    /// character boundary and control characters are dropped, because a login must not fail on them.
    #[must_use]
    pub fn from_auth0(text: &str) -> Self {
        let kept: String = text.chars().filter(|c| !c.is_control()).take(Self::MAX_CHARS).collect();
        Self(kept.into())
    }

    /// The same, where something is left of it: a name without a character says nothing, and takes no other one's place.
    #[must_use]
    pub fn said_by_auth0(text: &str) -> Option<Self> {
        Some(Self::from_auth0(text)).filter(|name| !name.as_str().is_empty())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a picture of the person is: an absolute `http` or `https` URL of at most 2,048 characters.
///
/// Other schemes (`javascript:`, `data:`) are refused because a frontend puts this into a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PictureUrl(Arc<str>);

/// Why a text is no [`PictureUrl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureUrlError {
    /// More than [`PictureUrl::MAX_CHARS`] characters.
    #[error("the picture's URL is longer than 2048 characters")]
    TooLong,
    /// Not an absolute `http` or `https` URL, or with white space or control characters in it.
    #[error("the picture is not an absolute http or https URL")]
    Malformed,
}

impl PictureUrl {
    /// The longest URL that is kept.
    pub const MAX_CHARS: usize = 2048;

    /// Takes the URL as it stands.
    ///
    /// # Errors
    /// [`PictureUrlError`] names the rule that is broken.
    pub fn parse(text: &str) -> Result<Self, PictureUrlError> {
        let after_scheme = text.split_once("://").and_then(|(scheme, rest)| {
            (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")).then_some(rest)
        });
        let has_host = after_scheme.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']));
        if !has_host || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            Err(PictureUrlError::Malformed)
        } else if text.chars().count() > Self::MAX_CHARS {
            Err(PictureUrlError::TooLong)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An email address and whether Auth0 calls it verified.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileEmail {
    /// The address, by [`EmailAddress::from_outside`].
    pub address: EmailAddress,
    /// Auth0's `email_verified`; false where a profile lacks it.
    pub verified: bool,
}

/// An email address in a token's claims. They may name it and leave open whether it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedEmail {
    /// The address.
    pub address: EmailAddress,
    /// The claim `email_verified`; `None` where the token is silent, which neither vouches nor takes anything back.
    pub verified: Option<bool>,
}

/// What Auth0 says about a person, over the Management API or, as [`ClaimedProfile`], in a token's claims; any part may be
/// missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile<Email = ProfileEmail> {
    /// Missing for phone users and in tokens without an Action that adds it.
    pub email: Option<Email>,
    /// The full name.
    pub name: Option<DisplayName>,
    /// The avatar.
    pub picture: Option<PictureUrl>,
}

/// What a token's claims say about a person.
pub type ClaimedProfile = Profile<ClaimedEmail>;

impl<Email> Default for Profile<Email> {
    fn default() -> Self {
        Self { email: None, name: None, picture: None }
    }
}

impl From<ProfileEmail> for ClaimedEmail {
    fn from(ProfileEmail { address, verified }: ProfileEmail) -> Self {
        Self { address, verified: Some(verified) }
    }
}

impl From<Profile> for ClaimedProfile {
    fn from(Profile { email, name, picture }: Profile) -> Self {
        Self { email: email.map(ClaimedEmail::from), name, picture }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_name_over_255_characters_is_refused_and_one_from_auth0_is_cut() {
        let long = "é".repeat(256);
        assert_eq!(DisplayName::parse(&long), Err(DisplayNameError::TooLong));
        assert_eq!(DisplayName::from_auth0(&long).as_str(), "é".repeat(255));
        assert!(DisplayName::parse(&"é".repeat(255)).is_ok());
    }

    #[test]
    fn a_control_character_is_refused_when_typed_and_dropped_when_from_auth0() {
        assert_eq!(DisplayName::parse("a\0b"), Err(DisplayNameError::ControlCharacter));
        assert_eq!(DisplayName::from_auth0("a\0b").as_str(), "ab");
    }

    #[test]
    fn a_name_of_which_nothing_is_left_is_not_said() {
        assert_eq!([DisplayName::said_by_auth0(""), DisplayName::said_by_auth0("\0\n")], [None, None]);
        assert_eq!(DisplayName::said_by_auth0("Ada\0"), Some(DisplayName::from_auth0("Ada")));
    }

    #[test]
    fn only_absolute_web_urls_are_pictures() {
        for text in ["https://cdn.auth0.com/a.png", "HTTP://example.com", "https://s.gravatar.com/avatar/1?d=a%2Fb"] {
            assert!(PictureUrl::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "a.png",
            "//a/b",
            "https://",
            "https:///x",
            "javascript:alert(1)",
            "data:image/png;base64,AA",
            "https://a b",
        ] {
            assert_eq!(PictureUrl::parse(text), Err(PictureUrlError::Malformed), "{text}");
        }
        let long = format!("https://a/{}", "x".repeat(2048));
        assert_eq!(PictureUrl::parse(&long), Err(PictureUrlError::TooLong));
    }
}
