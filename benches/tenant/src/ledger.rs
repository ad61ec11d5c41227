//! The tokens that are signed already, and for whom they are good.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// Signed at once; more are told of as they come.
const BATCH: usize = 20_000;
/// How long tokens last: a benchmark may be repeated for weeks.
const LIFETIME: u64 = 30 * 86_400;
/// They are signed again when less is left.
const LEFT: u64 = 86_400;

/// What makes a token good besides its times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) kid: String,
}

/// What all these tokens say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) terms: Terms,
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
}

/// A file of tokens, and beside it a file that says what they are.
#[derive(Debug)]
pub(crate) struct Ledger {
    tokens: PathBuf,
    about: PathBuf,
    state: State,
}

#[derive(Debug, Serialize, Deserialize)]
struct State {
    claims: Claims,
    count: usize,
}

impl Ledger {
    /// What is there, if it is still good under these terms; an empty one otherwise.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn open(tokens: &Path, terms: Terms, now: u64) -> anyhow::Result<Self> {
        let about = tokens.with_extension("json");
        let known = fs::read(&about).ok().and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok());
        let known = known.filter(|state| {
            let lines = fs::read_to_string(tokens).map_or(0, |text| text.lines().count());
            state.claims.terms == terms && state.claims.expires_at > now + LEFT && lines == state.count
        });
        let state = match known {
            Some(state) => state,
            None => {
                fs::write(tokens, "").with_context(|| tokens.display().to_string())?;
                State { claims: Claims { terms, issued_at: now, expires_at: now + LIFETIME }, count: 0 }
            }
        };
        Ok(Self { tokens: tokens.to_owned(), about, state })
    }

    /// What the tokens say.
    pub(crate) fn claims(&self) -> &Claims {
        &self.state.claims
    }

    /// The next ones to sign so that there are so many: the first, and how many at once.
    pub(crate) fn missing(&self, wanted: usize) -> Option<(usize, usize)> {
        let missing = wanted.saturating_sub(self.state.count);
        (missing > 0).then(|| (self.state.count, missing.min(BATCH)))
    }

    /// Writes these behind the others.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(crate) fn add(&mut self, tokens: &[String]) -> anyhow::Result<()> {
        let mut file = OpenOptions::new().append(true).open(&self.tokens)?;
        let mut lines = tokens.join("\n");
        lines.push('\n');
        file.write_all(lines.as_bytes())?;
        self.state.count += tokens.len();
        fs::write(&self.about, serde_json::to_vec(&self.state)?).with_context(|| self.about.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(kid: &str) -> Terms {
        Terms { issuer: "https://i/".to_owned(), audience: "a".to_owned(), kid: kid.to_owned() }
    }

    #[test]
    fn tokens_are_kept_for_as_long_as_they_are_good() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.txt");
        let mut ledger = Ledger::open(&path, terms("k"), 1000).unwrap();
        assert_eq!(ledger.missing(2), Some((0, 2)));
        ledger.add(&["one".to_owned(), "two".to_owned()]).unwrap();
        assert_eq!(ledger.missing(2), None);

        let later = Ledger::open(&path, terms("k"), 1000 + LIFETIME - LEFT - 1).unwrap();
        assert_eq!((later.missing(2), later.missing(3)), (None, Some((2, 1))));
        assert_eq!(later.claims().issued_at, 1000);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");

        for (kid, now) in [("other", 1000), ("k", 1000 + LIFETIME - LEFT)] {
            assert_eq!(Ledger::open(&path, terms(kid), now).unwrap().missing(1), Some((0, 1)));
            ledger = Ledger::open(&path, terms("k"), 1000).unwrap();
            ledger.add(&["one".to_owned(), "two".to_owned()]).unwrap();
        }
    }

    #[test]
    fn a_file_that_lost_lines_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.txt");
        Ledger::open(&path, terms("k"), 1000).unwrap().add(&["one".to_owned()]).unwrap();
        fs::write(&path, "").unwrap();
        assert_eq!(Ledger::open(&path, terms("k"), 1000).unwrap().missing(1), Some((0, 1)));
    }
}
