//! The arguments of one command, sorted into words and options before anybody looks at their meaning.

use std::ffi::{OsStr, OsString};

use lexopt::{Arg, Parser};
use persistence::DatabaseUrl;

use super::format::Format;
use super::usage_error::{Typed, UsageError};

/// An option that a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CommandOption {
    /// With its dashes.
    pub(super) name: &'static str,
    /// What its value is; `None`: it takes none.
    pub(super) expects: Option<&'static str>,
}

pub(super) const DATABASE_URL: CommandOption =
    CommandOption { name: "--database-url", expects: Some("postgres://user:password@host/database or sqlite://PATH") };
pub(super) const FORMAT: CommandOption = CommandOption { name: "--format", expects: Some("table or json") };

/// What was typed behind a command's name.
#[derive(Debug)]
pub(super) struct Given {
    command: &'static str,
    words: Vec<OsString>,
    options: Vec<(CommandOption, OsString)>,
}

impl Given {
    /// Sorts the arguments. Words and options may stand in any order.
    ///
    /// # Errors
    /// For an option that is none of these, that is given twice, or that lacks its value or has one that it does not take.
    pub(super) fn read(
        command: &'static str,
        arguments: &[OsString],
        takes: &[CommandOption],
    ) -> Result<Self, UsageError> {
        let mut given = Self { command, words: Vec::new(), options: Vec::new() };
        let mut parser = Parser::from_args(arguments);
        loop {
            let option = match parser.next() {
                Ok(None) => return Ok(given),
                Ok(Some(Arg::Value(word))) => {
                    given.words.push(word);
                    continue;
                }
                Ok(Some(Arg::Long(name))) => {
                    let typed = format!("--{name}");
                    let known = takes.iter().find(|option| option.name == typed);
                    *known.ok_or_else(|| given.unexpected(OsStr::new(&typed)))?
                }
                Ok(Some(Arg::Short(letter))) => return Err(given.unexpected(OsStr::new(&format!("-{letter}")))),
                // A value behind an option that takes none, noticed only here.
                Err(_) => {
                    let last = given.options.last().map_or(command, |(option, _)| option.name);
                    return Err(UsageError::NoValue(last));
                }
            };
            let value = match option.expects {
                Some(expects) => parser.value().map_err(|_| UsageError::Value { option: option.name, expects })?,
                None => OsString::new(),
            };
            if given.options.iter().any(|(known, _)| *known == option) {
                return Err(UsageError::Twice(option.name));
            }
            given.options.push((option, value));
        }
    }

    /// The one word, which is to be one of these.
    ///
    /// # Errors
    /// Where it is missing, unknown, or not the only one.
    pub(super) fn action<T: Copy>(&self, actions: &'static str, known: &[(&str, T)]) -> Result<T, UsageError> {
        let what = UsageError::What { command: self.command, actions };
        let meaning = |word: &OsString| known.iter().find(|(name, _)| word == name).map(|(_, action)| *action);
        match self.words.as_slice() {
            [] => Err(what),
            [word] => meaning(word).ok_or(what),
            [_, second, ..] if meaning(second).is_some() => Err(what),
            [_, second, ..] => Err(self.unexpected(second)),
        }
    }

    /// No words.
    ///
    /// # Errors
    /// For the first one.
    pub(super) fn no_words(&self) -> Result<(), UsageError> {
        self.words.first().map_or(Ok(()), |word| Err(self.unexpected(word)))
    }

    /// Whether an option without a value is there.
    pub(super) fn has(&self, option: CommandOption) -> bool {
        self.raw(option).is_some()
    }

    /// The value of an option, if it is there.
    ///
    /// # Errors
    /// Where it is not what the option takes.
    pub(super) fn value<T>(
        &self,
        option: CommandOption,
        parse: impl FnOnce(&OsStr) -> Option<T>,
    ) -> Result<Option<T>, UsageError> {
        let Some(value) = self.raw(option) else { return Ok(None) };
        let expects = option.expects.unwrap_or_default();
        parse(value).map(Some).ok_or(UsageError::Value { option: option.name, expects })
    }

    /// The value of an option that must be there.
    ///
    /// # Errors
    /// Where it is missing or not what the option takes.
    pub(super) fn required<T>(
        &self,
        option: CommandOption,
        parse: impl FnOnce(&OsStr) -> Option<T>,
    ) -> Result<T, UsageError> {
        let expects = option.expects.unwrap_or_default();
        let missing = UsageError::Missing { command: self.command, option: option.name, expects };
        self.value(option, parse)?.ok_or(missing)
    }

    pub(super) fn database_url(&self) -> Result<Option<DatabaseUrl>, UsageError> {
        self.value(DATABASE_URL, |url| DatabaseUrl::parse(url.to_str()?).ok())
    }

    pub(super) fn format(&self) -> Result<Format, UsageError> {
        Ok(self.value(FORMAT, |format| Format::parse(format.to_str()?))?.unwrap_or_default())
    }

    fn raw(&self, option: CommandOption) -> Option<&OsStr> {
        self.options.iter().find(|(given, _)| *given == option).map(|(_, value)| value.as_os_str())
    }

    fn unexpected(&self, argument: &OsStr) -> UsageError {
        UsageError::UnexpectedArgument { command: self.command, argument: Typed::from(argument) }
    }
}

/// An identifier as Auth0 and databases have them: not empty, nothing that cannot be seen, of bounded length.
pub(super) fn identifier(value: &OsStr) -> Option<String> {
    let text = value.to_str()?;
    let fits = !text.is_empty() && text.len() <= 255 && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    fits.then(|| text.to_owned())
}
