//! What the process was started with.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// The environment variables and the directory that a configuration is read from, captured once.
///
/// Nothing else in this program reads its settings from the process, so a test states them as a value.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    directory: PathBuf,
}

/// The value of a variable is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotUnicode;

impl Environment {
    /// Captures the variables of this process; files are found from its working directory.
    #[must_use]
    pub fn from_process() -> Self {
        Self { variables: std::env::vars_os().collect(), directory: PathBuf::new() }
    }

    /// The same with one variable more.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same with `config/` looked for in that directory.
    #[must_use]
    pub fn in_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// The value without the white space around it; nothing where that leaves nothing.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, NotUnicode> {
        let Some(value) = self.variables.get(std::ffi::OsStr::new(name)) else { return Ok(None) };
        let text = value.to_str().ok_or(NotUnicode)?.trim();
        Ok((!text.is_empty()).then_some(text))
    }

    /// Where `config/` is looked for; empty for the working directory.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

/// Values are never shown: some of them are secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys())
            .field("directory", &self.directory)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_value_counts_as_unset() {
        let environment = Environment::default().with("EMPTY", "").with("BLANK", " \t").with("SET", " a b\n");
        assert_eq!(environment.text("EMPTY"), Ok(None));
        assert_eq!(environment.text("BLANK"), Ok(None));
        assert_eq!(environment.text("ABSENT"), Ok(None));
        assert_eq!(environment.text("SET"), Ok(Some("a b")));
    }

    #[test]
    fn debug_of_an_environment_hides_the_values() {
        let debug = format!("{:?}", Environment::default().with("AUTH0_CLIENT_SECRET", "hunter2"));
        assert!(debug.contains("AUTH0_CLIENT_SECRET") && !debug.contains("hunter2"), "{debug}");
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_utf_8_is_told_from_an_absent_one() {
        use std::os::unix::ffi::OsStringExt;
        let environment = Environment::default().with("BAD", OsString::from_vec(vec![0xff, 0xfe]));
        assert_eq!(environment.text("BAD"), Err(NotUnicode));
    }
}
