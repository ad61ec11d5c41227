//! By what an issuer recognises the key set that we have.

/// The `ETag` of an answer (RFC 9110 §8.8.3), weak or strong, in a form that may be sent back in `If-None-Match`.
#[derive(Clone, PartialEq, Eq)]
pub struct Validator(Box<str>);

impl Validator {
    /// The longest that is sent back. Auth0's have some thirty bytes.
    pub const MAX_BYTES: usize = 256;

    /// Reads the value of a header. `None` for one that is too long, that is not quoted, or that holds anything but visible
    /// ASCII: RFC 9110 allows more, and whoever sends more is asked for the whole set each time.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        if value.len() > Self::MAX_BYTES {
            return None;
        }
        let text = str::from_utf8(value).ok()?;
        let quoted = opaque(text).strip_prefix('"')?.strip_suffix('"')?;
        quoted.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"').then(|| Self(text.into()))
    }

    /// As it stands in the headers.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Weak comparison (RFC 9110 §8.8.3.2), which is the one for `If-None-Match`.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        opaque(&self.0) == opaque(&other.0)
    }
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Validator").field(&self.0).finish()
    }
}

/// Without the mark of a weak one.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: &[u8]) -> Option<String> {
        Validator::parse(value).map(|validator| validator.as_str().to_owned())
    }

    #[test]
    fn weak_and_strong_validators_are_sent_back_as_they_came() {
        for value in ["\"33a64df5\"", "W/\"33a64df5\"", "\"\"", "\"a,b;c/W\""] {
            assert_eq!(parsed(value.as_bytes()).as_deref(), Some(value));
        }
    }

    #[test]
    fn what_is_no_validator_or_an_absurd_one_is_not_sent_back() {
        let longest = format!("\"{}\"", "x".repeat(Validator::MAX_BYTES - 2));
        assert!(parsed(longest.as_bytes()).is_some());
        let too_long = format!("\"{}\"", "x".repeat(Validator::MAX_BYTES - 1));
        let rows: [&[u8]; 12] = [
            b"",
            b"\"",
            b"unquoted",
            b"w/\"small\"",
            b"W/unquoted",
            b"\"a\"b\"",
            b"\"a b\"",
            b"\"a\tb\"",
            b"\"a\r\nX-Injected: 1\"",
            b"\"\xff\"",
            "\"\u{fc}\"".as_bytes(),
            too_long.as_bytes(),
        ];
        for row in rows {
            assert_eq!(parsed(row), None, "{row:?}");
        }
    }

    #[test]
    fn validators_are_compared_weakly() {
        let tag = |text: &str| Validator::parse(text.as_bytes()).expect("a validator");
        assert!(tag("W/\"a\"").matches(&tag("\"a\"")));
        assert!(!tag("\"a\"").matches(&tag("\"A\"")));
    }
}
