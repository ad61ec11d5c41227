//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
The local tenant for benchmarks: see fake-auth0, with its routes under /dev/, too.

usage: tenant --folder PATH [options]
  --folder PATH     where its key, its port and its tokens are kept
  --tokens N        so many tokens are ready before it says `ready=true` (default 1000): one in each line of tokens.txt,
                    that of line n, from 0, for the subject auth0|bench-n, good for at least another day
  --audience TEXT   identifier of the API (default https://api.example.test)

It prints facts as name=value, `ready=true` last, and ends when standard input does.";

/// What the command line says.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) folder: PathBuf,
    pub(crate) tokens: usize,
    pub(crate) audience: String,
}

impl Arguments {
    /// Reads the words behind the program's name; `None` asks for help.
    ///
    /// # Errors
    /// What is wrong, for the user.
    pub(crate) fn parse(words: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        Self::read(&mut Parser::from_args(words)).map_err(|error| error.to_string())
    }

    fn read(parser: &mut Parser) -> Result<Option<Self>, lexopt::Error> {
        let (mut folder, mut tokens, mut audience) = (None, 1000, "https://api.example.test".to_owned());
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("folder") => folder = Some(PathBuf::from(parser.value()?)),
                Arg::Long("tokens") => tokens = parser.value()?.parse()?,
                Arg::Long("audience") => audience = parser.value()?.string()?,
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        let folder = folder.ok_or("--folder is missing")?;
        Ok(Some(Self { folder, tokens, audience }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Arguments>, String> {
        Arguments::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn a_folder_is_needed_and_everything_else_has_a_default() {
        assert_eq!(parse("--folder x").unwrap().unwrap().tokens, 1000);
        assert_eq!(parse("--tokens 3").unwrap_err(), "--folder is missing");
        assert!(parse("--help").unwrap().is_none());
        assert!(parse("--folder x --tokens many").is_err());
    }
}
