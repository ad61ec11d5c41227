//! What is logged, and how.

use super::reader::Reader;
use super::{LogFilter, key};

/// The log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Which records are written.
    pub filter: LogFilter,
    /// What a record looks like.
    pub format: LogFormat,
}

/// What a record looks like: always one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object, for programs.
    Json,
}

/// The text names no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected text or json")]
pub struct LogFormatError;

impl LogSettings {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let filter = reader.required(key::LOG, LogFilter::parse);
        let format = reader.required(key::LOG_FORMAT, LogFormat::parse);
        Some(Self { filter: filter?, format: format? })
    }
}

impl LogFormat {
    /// Takes `text` or `json`.
    ///
    /// # Errors
    /// [`LogFormatError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, LogFormatError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(LogFormatError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_two_formats_spelt_exactly_so() {
        assert_eq!((LogFormat::parse("text"), LogFormat::parse("json")), (Ok(LogFormat::Text), Ok(LogFormat::Json)));
        for text in ["", "JSON", "jsonl", "pretty"] {
            assert_eq!(LogFormat::parse(text), Err(LogFormatError), "{text}");
        }
    }
}
