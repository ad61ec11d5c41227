//! Who is in no file, and who is in one without all that the table has of them.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use crate::legacy::candidate::Candidate;
use crate::legacy::directory::{IN_PART, NOT_EXPORTED};
use crate::legacy::files::JsonLines;

/// Both lists, while they are written. By id alone: neither holds an address or a hash.
#[derive(Debug)]
pub(super) struct Lists {
    not_exported: JsonLines,
    in_part: JsonLines,
}

#[derive(Serialize)]
struct NotExported<'a> {
    id: i64,
    reason: &'a str,
}

#[derive(Serialize)]
struct InPart<'a> {
    id: i64,
    without: &'a str,
    reason: &'a str,
}

impl Lists {
    pub(super) fn create(directory: &Path) -> anyhow::Result<Self> {
        let open = |name| JsonLines::create(&directory.join(name)).with_context(|| format!("{name} cannot be written"));
        Ok(Self { not_exported: open(NOT_EXPORTED)?, in_part: open(IN_PART)? })
    }

    /// Nobody of this id is in a file.
    pub(super) fn leave_out(&mut self, id: i64, reason: &str) -> anyhow::Result<()> {
        self.not_exported.push(&NotExported { id, reason }).context(NOT_EXPORTED)
    }

    /// What the user goes without, if anything.
    pub(super) fn leave_off(&mut self, id: i64, candidate: &Candidate) -> anyhow::Result<()> {
        if let Err(none) = &candidate.password {
            self.in_part.push(&InPart { id, without: "password", reason: &none.reason }).context(IN_PART)?;
        }
        for refusal in &candidate.without {
            let reason = refusal.to_string();
            self.in_part.push(&InPart { id, without: refusal.member(), reason: &reason }).context(IN_PART)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<[PathBuf; 2]> {
        Ok([self.not_exported.finish()?, self.in_part.finish()?])
    }
}
