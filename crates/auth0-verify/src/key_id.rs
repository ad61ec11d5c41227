//! The names of keys.

/// A `kid`: how a token names the key that signed it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(Box<str>);

impl KeyId {
    pub(crate) fn new(kid: impl Into<Box<str>>) -> Self {
        Self(kid.into())
    }

    /// The `kid` as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
