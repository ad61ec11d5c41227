//! Why arguments make no sense.

use std::ffi::OsStr;
use std::fmt;

/// The arguments make no sense. What was typed is repeated only where it is a plain word: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// The first argument names no command.
    #[error("unknown command{0}")]
    UnknownCommand(Typed),
    /// An argument that the command does not take.
    #[error("unexpected argument{argument} to {command}")]
    UnexpectedArgument {
        /// The command.
        command: &'static str,
        /// What was typed.
        argument: Typed,
    },
    /// The word that says what to do is missing or an unknown one.
    #[error("{command} takes {actions}")]
    What {
        /// The command.
        command: &'static str,
        /// The words that it knows.
        actions: &'static str,
    },
    /// An option without its value, or with one that it does not take.
    #[error("{option} takes {expects}")]
    Value {
        /// The option.
        option: &'static str,
        /// What its value is.
        expects: &'static str,
    },
    /// An option that takes no value was given one.
    #[error("{0} takes no value")]
    NoValue(&'static str),
    /// An option that the command cannot do without.
    #[error("{command} needs {option}: {expects}")]
    Missing {
        /// The command.
        command: &'static str,
        /// The option.
        option: &'static str,
        /// What its value is.
        expects: &'static str,
    },
    /// An option is given twice.
    #[error("{0} is given twice")]
    Twice(&'static str),
}

/// An argument as far as it may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed(Option<String>);

impl From<&OsStr> for Typed {
    fn from(argument: &OsStr) -> Self {
        let is_word = |text: &&str| text.len() <= 24 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        Self(argument.to_str().filter(is_word).map(str::to_owned))
    }
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(word) => write!(f, " `{word}`"),
            None => Ok(()),
        }
    }
}
