//! What an import has done so far, in a file beside its files: a line for each thing, on disk before the next is done.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

use crate::legacy::files;

/// The journal and what it comes to.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    states: BTreeMap<String, State>,
}

/// How far one import file has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// It is to be sent.
    #[default]
    Waiting,
    /// It was sent, or was about to be, and nobody knows of a job.
    Unsure,
    /// Auth0 works at it.
    Running(String),
    /// Auth0 is done with it. Everybody but these is imported.
    Over { refused: Vec<RefusedUser>, settled: bool },
}

/// A user whom Auth0 did not import. By id and code alone: Auth0's messages may hold addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RefusedUser {
    pub(super) id: Option<i64>,
    pub(super) codes: Vec<String>,
    /// Whether somebody of the same id or address was looked for at Auth0, and who is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) found: Option<Found>,
}

/// Who stands in a user's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Found {
    /// Somebody else has the id.
    IdTaken,
    /// Nobody has the id; so somebody else has the address.
    Elsewhere,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Entry {
    Begun {
        connection: String,
    },
    Sending {
        file: String,
    },
    Started {
        file: String,
        job: String,
    },
    /// There is no job, or it has failed: the file is to be sent again.
    Withdrawn {
        file: String,
    },
    /// Auth0 does not know the job any more.
    Lost {
        file: String,
    },
    Over {
        file: String,
        refused: Vec<RefusedUser>,
    },
    Settled {
        file: String,
    },
}

impl Journal {
    /// Goes on with a journal, or begins one.
    ///
    /// # Errors
    /// It is of an import into another connection, or cannot be read or written.
    pub(super) fn open(path: &Path, connection: &str) -> anyhow::Result<Self> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            other => other.with_context(|| path.display().to_string())?,
        };
        // A line without an end was being written when the machine went down; what it was to say had not happened.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let file = files::open_to_append(path).with_context(|| path.display().to_string())?;
        file.set_len(u64::try_from(whole)?)?;
        let mut journal = Self { file, states: BTreeMap::new() };
        for (number, line) in text.get(..whole).unwrap_or_default().lines().enumerate() {
            let entry = serde_json::from_str(line)
                .with_context(|| format!("{}, line {}: not an entry of an import", path.display(), number + 1))?;
            if let Entry::Begun { connection: earlier } = &entry {
                ensure!(
                    earlier == connection,
                    "the import of this directory was begun into {earlier}: go on with that"
                );
            }
            journal.take(entry);
        }
        if whole == 0 {
            journal.write(Entry::Begun { connection: connection.to_owned() })?;
        }
        Ok(journal)
    }

    pub(super) fn state(&self, file: &str) -> State {
        self.states.get(file).cloned().unwrap_or_default()
    }

    pub(super) fn sending(&mut self, file: &str) -> anyhow::Result<()> {
        self.write(Entry::Sending { file: file.to_owned() })
    }

    pub(super) fn started(&mut self, file: &str, job: &str) -> anyhow::Result<()> {
        self.write(Entry::Started { file: file.to_owned(), job: job.to_owned() })
    }

    pub(super) fn withdrawn(&mut self, file: &str) -> anyhow::Result<()> {
        self.write(Entry::Withdrawn { file: file.to_owned() })
    }

    pub(super) fn lost(&mut self, file: &str) -> anyhow::Result<()> {
        self.write(Entry::Lost { file: file.to_owned() })
    }

    pub(super) fn over(&mut self, file: &str, refused: Vec<RefusedUser>) -> anyhow::Result<()> {
        self.write(Entry::Over { file: file.to_owned(), refused })
    }

    pub(super) fn settled(&mut self, file: &str) -> anyhow::Result<()> {
        self.write(Entry::Settled { file: file.to_owned() })
    }

    fn write(&mut self, entry: Entry) -> anyhow::Result<()> {
        let line = serde_json::to_string(&entry)? + "\n";
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data())
            .context("the journal of the import")?;
        self.take(entry);
        Ok(())
    }

    fn take(&mut self, entry: Entry) {
        let (file, state) = match entry {
            Entry::Begun { .. } => return,
            Entry::Sending { file } | Entry::Lost { file } => (file, State::Unsure),
            Entry::Started { file, job } => (file, State::Running(job)),
            Entry::Withdrawn { file } => (file, State::Waiting),
            Entry::Over { file, refused } => (file, State::Over { refused, settled: false }),
            Entry::Settled { file } => match self.state(&file) {
                State::Over { refused, .. } => (file, State::Over { refused, settled: true }),
                other => (file, other),
            },
        };
        self.states.insert(file, state);
    }
}

impl RefusedUser {
    /// Whether it has to be looked up what this means.
    pub(super) fn is_open(&self) -> bool {
        self.found.is_none() && self.codes.iter().any(|code| says_there(code))
    }

    /// Whether Auth0 has somebody of the same id or address.
    pub(super) fn is_there(&self) -> bool {
        self.codes.iter().any(|code| says_there(code))
    }
}

/// Codes that end in a member's name in brackets.
fn says_there(code: &str) -> bool {
    let code = code.split(' ').next().unwrap_or_default();
    code == UNNAMED || code == "DUPLICATED_USER" || code == "CONFLICT" || code.starts_with("CONFLICT_")
}

/// In place of a code: Auth0 counted more refusals than it named, and this user may be one of them.
pub(super) const UNNAMED: &str = "UNNAMED";
/// The user is one of them.
pub(super) const NO_REASON: &str = "NO_REASON_GIVEN";

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(id: i64, code: &str) -> RefusedUser {
        RefusedUser { id: Some(id), codes: vec![code.to_owned()], found: None }
    }

    #[test]
    fn a_journal_says_the_same_when_it_is_opened_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("import.journal");
        let mut journal = Journal::open(&path, "con_1").unwrap();
        assert_eq!(journal.state("a"), State::Waiting);
        journal.sending("a").unwrap();
        assert_eq!(Journal::open(&path, "con_1").unwrap().state("a"), State::Unsure);
        journal.started("a", "job_1").unwrap();
        assert_eq!(Journal::open(&path, "con_1").unwrap().state("a"), State::Running("job_1".into()));
        journal.over("a", vec![refused(7, "FORMAT (email)")]).unwrap();
        journal.settled("a").unwrap();
        let over = State::Over { refused: vec![refused(7, "FORMAT (email)")], settled: true };
        assert_eq!(Journal::open(&path, "con_1").unwrap().state("a"), over);
        assert_eq!(Journal::open(&path, "con_1").unwrap().state("b"), State::Waiting);
    }

    #[test]
    fn a_line_that_was_cut_off_has_not_happened_and_the_next_one_stands_by_itself() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("import.journal");
        Journal::open(&path, "con_1").unwrap().sending("a").unwrap();
        let mut text = fs::read_to_string(&path).unwrap();
        text += r#"{"event":"started","file":"a","jo"#;
        fs::write(&path, text).unwrap();
        let mut journal = Journal::open(&path, "con_1").unwrap();
        assert_eq!(journal.state("a"), State::Unsure);
        journal.withdrawn("a").unwrap();
        assert_eq!(Journal::open(&path, "con_1").unwrap().state("a"), State::Waiting);
    }

    #[test]
    fn an_import_into_one_connection_does_not_go_on_in_another() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("import.journal");
        Journal::open(&path, "con_1").unwrap();
        let error = Journal::open(&path, "con_2").unwrap_err().to_string();
        assert!(error.contains("con_1"), "{error}");
    }

    #[test]
    fn what_says_that_somebody_is_there_is_told_from_what_can_be_mended() {
        for (code, there) in [
            ("CONFLICT_EMAIL (email)", true),
            ("CONFLICT", true),
            ("DUPLICATED_USER (email)", true),
            (UNNAMED, true),
            ("FORMAT (email)", false),
            ("MAX_LENGTH", false),
        ] {
            assert_eq!(refused(1, code).is_there(), there, "{code}");
        }
    }
}
