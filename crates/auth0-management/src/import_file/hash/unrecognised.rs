//! Why a stored hash cannot be given to Auth0.

use super::HashFormat;

/// Why there is nothing to give to Auth0. Holds no part of the stored text.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unrecognised {
    /// The account has no password that anybody could log in with.
    #[error("no password is set: {0}")]
    NoPassword(&'static str),
    /// The format is known, and Auth0's import has no place for it.
    #[error("{format} cannot be imported: {why}")]
    NoMapping {
        /// The format.
        format: HashFormat,
        /// What stands in the way.
        why: &'static str,
    },
    /// It begins as this format and does not go on like it.
    #[error("it begins as {format}, but {why}")]
    Malformed {
        /// The format that it begins as.
        format: HashFormat,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two frameworks write this, and mean different things.
    #[error("it is ambiguous: {0}")]
    Ambiguous(&'static str),
    /// It looks like nothing that is known here. Perhaps it is no hash at all.
    #[error("it has no format that is known")]
    Unknown,
}

impl Unrecognised {
    /// What to count it as in a report.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::NoPassword(_) => "no password",
            Self::NoMapping { format, .. } | Self::Malformed { format, .. } => format.as_str(),
            Self::Ambiguous(_) => "ambiguous",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn malformed(format: impl Into<HashFormat>, why: &'static str) -> Self {
        Self::Malformed { format: format.into(), why }
    }

    pub(super) fn no_mapping(format: impl Into<HashFormat>, why: &'static str) -> Self {
        Self::NoMapping { format: format.into(), why }
    }
}
