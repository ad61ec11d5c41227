//! A commit, checked out for itself: what is built is what is committed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::said;

/// A folder that holds the newest commit and nothing else.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) folder: PathBuf,
    pub(super) commit: String,
    /// When it was committed, in seconds since 1970: the time that a build may know of.
    pub(super) committed_at: String,
}

impl Source {
    /// Checks it out anew. What was in the folder is gone.
    pub(super) fn check_out(root: &Path, folder: &Path) -> anyhow::Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        let mut clone = Command::new("git");
        // No setting of the person who builds may change a byte.
        clone.args(["-c", "core.autocrlf=false", "clone", "--quiet", "--shared"]).arg(root).arg(folder);
        said(&mut clone).context("a release is built from a git repository")?;
        let commit = said(git(folder).args(["rev-parse", "HEAD"]))?;
        let committed_at = said(git(folder).args(["log", "-1", "--format=%ct"]))?;
        if committed_at.parse::<u64>().is_err() {
            bail!("git tells no time of the commit {commit}");
        }
        Ok(Self { folder: folder.to_owned(), commit, committed_at })
    }

    /// Whether the workspace has changes that this does not have.
    pub(super) fn differs_from(&self, root: &Path) -> anyhow::Result<bool> {
        Ok(!said(git(root).args(["status", "--porcelain"]))?.is_empty())
    }
}

fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder);
    git
}
