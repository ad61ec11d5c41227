//! Which records are logged.

use std::fmt;

/// A log filter in the language of `RUST_LOG`: `info`, `warn,http=debug`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(Box<str>);

/// The text is no log filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a log filter: off, error, warn, info, debug, trace, or a comma list of target=level (warn,http=debug)"
)]
pub struct LogFilterError;

impl LogFilter {
    /// Takes a filter. The logger itself would drop the parts that it does not understand; here they are refused.
    ///
    /// # Errors
    /// [`LogFilterError`] where a part is neither a level, a target nor `target=level`.
    pub fn parse(text: &str) -> Result<Self, LogFilterError> {
        match env_filter::Builder::new().try_parse(text) {
            Ok(_) if !text.trim().is_empty() => Ok(Self(text.into())),
            // Its message quotes the text.
            _ => Err(LogFilterError),
        }
    }

    /// The filter, as the logger takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_targets_are_filters() {
        for text in ["info", "OFF", "warn,http=debug", "http", "info,actix_web=warn,tokens=trace"] {
            assert_eq!(LogFilter::parse(text).as_ref().map(LogFilter::as_str), Ok(text));
        }
    }

    #[test]
    fn a_part_that_the_logger_would_drop_is_refused() {
        for text in ["", "http=loud", "a=b=c", "info,http=debug=", "info/a/b"] {
            assert_eq!(LogFilter::parse(text), Err(LogFilterError), "{text:?}");
        }
    }
}
