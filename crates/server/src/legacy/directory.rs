//! The directory of an export and of its import.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use auth0_management::{ImportFile, import_files_in};
use serde::{Deserialize, Serialize};

use super::files;

/// Written last: without it, an export is not finished.
const MANIFEST: &str = "export.json";
/// Users who are in no file.
pub(super) const NOT_EXPORTED: &str = "not-exported.json";
/// Users who are in a file without all that the table has of them.
pub(super) const IN_PART: &str = "exported-in-part.json";
/// What an import has done.
pub(super) const JOURNAL: &str = "import.journal";
/// What an import came to.
pub(super) const IMPORT_REPORT: &str = "import-report.json";
/// Users whom Auth0 refused, as import files.
pub(super) const ERRORS: &str = "errors";
const STAGE: &str = ".unfinished";
const LOCK: &str = ".lock";

/// A directory that no other run of this program works in.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    _lock: File,
}

/// What an export wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) users: u64,
    pub(super) files: Vec<ManifestFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ManifestFile {
    pub(super) file: String,
    pub(super) users: usize,
    pub(super) bytes: usize,
}

impl Directory {
    /// For an export: new, empty, or of an earlier export whose import has not begun.
    pub(super) fn for_export(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            make_private(path).with_context(|| format!("{} cannot be made", path.display()))?;
        }
        for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            ensure!(
                ![JOURNAL, ERRORS, IMPORT_REPORT].contains(&&*name),
                "an import from {} has begun: name another directory, or go on with authsync legacy import",
                path.display()
            );
            ensure!(is_ours(&name), "{} holds something else ({name}): name a new directory", path.display());
        }
        // Not before it is known to be ours.
        make_private(path).with_context(|| path.display().to_string())?;
        Self::locked(path)
    }

    /// For an import: of an export that is finished.
    pub(super) fn for_import(path: &Path) -> anyhow::Result<(Self, Manifest)> {
        let manifest = match fs::read(path.join(MANIFEST)) {
            Ok(text) => {
                serde_json::from_slice(&text).with_context(|| format!("{} is broken", shown(path, MANIFEST)))?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                bail!("{} holds no finished export: run authsync legacy export --out {0} first", path.display())
            }
            Err(error) => return Err(error).with_context(|| shown(path, MANIFEST)),
        };
        Ok((Self::locked(path)?, manifest))
    }

    fn locked(path: &Path) -> anyhow::Result<Self> {
        let place = path.join(LOCK);
        let lock = files::open_to_append(&place).with_context(|| place.display().to_string())?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!("another run of authsync works in {}", path.display()),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| place.display().to_string()),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// An empty directory for files that are not whole as a set.
    pub(super) fn stage(&self) -> io::Result<PathBuf> {
        let stage = self.path.join(STAGE);
        match fs::remove_dir_all(&stage) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        make_private(&stage)?;
        Ok(stage)
    }

    /// Puts staged files in the place of those of an earlier set. Until there is a manifest again, the directory counts
    /// as unfinished.
    pub(super) fn publish(&self, staged: &[PathBuf]) -> io::Result<()> {
        files::remove(&self.path.join(MANIFEST))?;
        let mut published = Vec::new();
        for from in staged {
            let Some(name) = from.file_name() else { continue };
            let to = self.path.join(name);
            fs::rename(from, &to)?;
            published.push(to);
        }
        for old in import_files_in(&self.path)?.iter().filter(|old| !published.contains(old)) {
            fs::remove_file(old)?;
        }
        fs::remove_dir_all(self.path.join(STAGE))?;
        files::sync_directory(&self.path)
    }

    /// Says that the set is whole.
    pub(super) fn finish(&self, manifest: &Manifest) -> anyhow::Result<()> {
        manifest.write(&self.path)
    }
}

impl Manifest {
    pub(super) fn of(files: &[ImportFile]) -> Self {
        let of = |file: &ImportFile| {
            let name = file.path.file_name()?.to_string_lossy().into_owned();
            Some(ManifestFile { file: name, users: file.users, bytes: file.bytes })
        };
        let files: Vec<_> = files.iter().filter_map(of).collect();
        Self { users: files.iter().map(|file| u64::try_from(file.users).unwrap_or(0)).sum(), files }
    }

    pub(super) fn write(&self, directory: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        files::replace(&directory.join(MANIFEST), text.as_bytes()).with_context(|| shown(directory, MANIFEST))
    }
}

fn is_ours(name: &str) -> bool {
    let is_import_file = name.starts_with("users-") && name.ends_with(".json");
    is_import_file || [MANIFEST, NOT_EXPORTED, IN_PART, STAGE, LOCK].contains(&name) || ["export.part"].contains(&name)
}

/// Makes a directory for its owner alone, or makes it so.
fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

fn shown(directory: &Path, name: &str) -> String {
    directory.join(name).display().to_string()
}
