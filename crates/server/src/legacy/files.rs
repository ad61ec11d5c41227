//! Files that nobody else reads, there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// For reading by the owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A file that is added to, made if need be.
pub(super) fn open_to_append(path: &Path) -> io::Result<File> {
    let file = private().append(true).create(true).open(path)?;
    if let Some(directory) = path.parent() {
        sync_directory(directory)?;
    }
    Ok(file)
}

/// A new file in place of an old one. On disk when this returns.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("part");
    let mut file = private().write(true).create(true).truncate(true).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// Takes a file away, if it is there. Gone from the disk when this returns.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => path.parent().map_or(Ok(()), sync_directory),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Names are on disk when this returns.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// A JSON array of any length, a line for each element.
#[derive(Debug)]
pub(super) struct JsonLines {
    path: PathBuf,
    file: BufWriter<File>,
    count: u64,
}

impl JsonLines {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = private().write(true).create(true).truncate(true).open(path)?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), count: 0 })
    }

    pub(super) fn push(&mut self, element: &impl Serialize) -> io::Result<()> {
        self.file.write_all(if self.count == 0 { b"[\n" } else { b",\n" })?;
        serde_json::to_writer(&mut self.file, element)?;
        self.count += 1;
        Ok(())
    }

    /// On disk when this returns.
    pub(super) fn finish(mut self) -> io::Result<PathBuf> {
        self.file.write_all(if self.count == 0 { b"[]\n" } else { b"\n]\n" })?;
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(self.path)
    }
}
