//! The password's hash that came with an imported user.

use std::fmt;

use serde_json::Value;

/// A hash as an import file gave it. `Debug` shows the algorithm alone.
#[derive(Clone, PartialEq)]
pub struct ImportedHash {
    member: &'static str,
    value: Value,
}

impl ImportedHash {
    pub(crate) const MEMBERS: [&'static str; 2] = ["password_hash", "custom_password_hash"];

    pub(crate) fn new(member: &'static str, value: Value) -> Self {
        Self { member, value }
    }

    /// The row's member that held it: `password_hash` or `custom_password_hash`.
    #[must_use]
    pub fn member(&self) -> &str {
        self.member
    }

    /// `bcrypt` for a `password_hash`, what `algorithm` says otherwise.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        self.value.get("algorithm").and_then(Value::as_str).unwrap_or("bcrypt")
    }

    /// The hash itself, in the encoding that the row gave.
    #[must_use]
    pub fn text(&self) -> &str {
        self.value.pointer("/hash/value").unwrap_or(&self.value).as_str().unwrap_or_default()
    }

    /// The whole member: a string for a `password_hash`, else an object.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl fmt::Debug for ImportedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportedHash").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}
