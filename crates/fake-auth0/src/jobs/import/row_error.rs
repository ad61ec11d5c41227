//! What is wrong with a row of an import file.

use serde_json::{Value, json};

/// The codes that Auth0 lists under "retrieve failed entries" of its bulk import page, as far as they are given here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    ArrayTooLong,
    ArrayTooShort,
    Conflict,
    ConflictEmail,
    ConflictUsername,
    DuplicatedUser,
    EnumMismatch,
    Format,
    InvalidType,
    MaxLength,
    MinLength,
    Minimum,
    NotPassed,
    ObjectRequired,
    Pattern,
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::ArrayTooLong => "ARRAY_LENGTH_LONG",
            Self::ArrayTooShort => "ARRAY_LENGTH_SHORT",
            Self::Conflict => "CONFLICT",
            Self::ConflictEmail => "CONFLICT_EMAIL",
            Self::ConflictUsername => "CONFLICT_USERNAME",
            Self::DuplicatedUser => "DUPLICATED_USER",
            Self::EnumMismatch => "ENUM_MISMATCH",
            Self::Format => "FORMAT",
            Self::InvalidType => "INVALID_TYPE",
            Self::MaxLength => "MAX_LENGTH",
            Self::MinLength => "MIN_LENGTH",
            Self::Minimum => "MINIMUM",
            Self::NotPassed => "NOT_PASSED",
            Self::ObjectRequired => "OBJECT_REQUIRED",
            Self::Pattern => "PATTERN",
        }
    }
}

/// Everything that is wrong with one row.
#[derive(Debug, Default)]
pub(super) struct RowErrors(Vec<Value>);

impl RowErrors {
    pub(super) fn one(code: Code, path: &str, message: &str) -> Self {
        let mut errors = Self::default();
        errors.add(code, path, message);
        errors
    }

    pub(super) fn add(&mut self, code: Code, path: &str, message: &str) {
        self.0.push(json!({ "code": code.name(), "message": message, "path": path }));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_json(self) -> Value {
        Value::Array(self.0)
    }
}
