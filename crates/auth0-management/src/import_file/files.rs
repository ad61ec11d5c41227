//! Import files on disk: filled one after the other, each there whole or not at all.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{FileUser, ImportUser, MAX_IMPORT_FILE_BYTES};

/// Writes users into `users-0001.json`, `users-0002.json` and so on, each an array of at most
/// [`MAX_IMPORT_FILE_BYTES`].
///
/// The same users in the same order make the same bytes. A file appears under its name when it is whole and on disk;
/// the set is whole when [`finish`](Self::finish) has returned. Only the owner can read them: they hold hashes.
#[derive(Debug)]
pub struct ImportFiles {
    directory: PathBuf,
    most_bytes: usize,
    open: Open,
    written: Vec<ImportFile>,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFile {
    /// Where it is.
    pub path: PathBuf,
    /// How many users it holds.
    pub users: usize,
    /// How long it is.
    pub bytes: usize,
}

/// Why a user or a file was not written.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ImportFilesError {
    /// The user alone would fill more than a file, by their `app_metadata`. Others can still be added.
    #[error("the user takes {0} bytes, more than an import file may have")]
    UserTooLarge(usize),
    /// The file has a user with this email (without case) or id already, and Auth0 takes neither twice. Others can still
    /// be added.
    #[error("a user with the same {0} is in the same file")]
    Repeated(&'static str),
    /// The directory or a file cannot be written.
    #[error("{path} cannot be written")]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The file that is being filled. Its text may hold hashes.
#[derive(Default)]
struct Open {
    text: Vec<u8>,
    users: usize,
    emails: HashSet<String>,
    ids: HashSet<String>,
}

impl ImportFiles {
    /// Begins a set of files in a directory, which is made if need be. Files of an earlier set go; nothing else does.
    ///
    /// # Errors
    /// [`ImportFilesError::Io`].
    pub fn create(directory: &Path) -> Result<Self, ImportFilesError> {
        Self::with_limit(directory, MAX_IMPORT_FILE_BYTES)
    }

    /// As [`create`](Self::create), with files of at most `most_bytes`, and never more than Auth0 takes.
    ///
    /// # Errors
    /// [`ImportFilesError::Io`].
    pub fn with_limit(directory: &Path, most_bytes: usize) -> Result<Self, ImportFilesError> {
        fs::create_dir_all(directory).map_err(|source| failed(directory, source))?;
        for path in import_files_in(directory).map_err(|source| failed(directory, source))? {
            fs::remove_file(&path).map_err(|source| failed(&path, source))?;
        }
        let most_bytes = most_bytes.min(MAX_IMPORT_FILE_BYTES);
        Ok(Self { directory: directory.to_owned(), most_bytes, open: Open::default(), written: Vec::new() })
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`ImportFilesError`]. Whoever was refused is in no file.
    pub fn push(&mut self, user: &ImportUser) -> Result<(), ImportFilesError> {
        self.add(user.json().to_string().as_bytes(), user.email(), user.user_id())
    }

    /// Adds a user of an earlier file, as they stand there: to send those again that an import job refused.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_again(&mut self, user: &FileUser) -> Result<(), ImportFilesError> {
        self.add(user.text.reveal().as_bytes(), &user.email, user.user_id.as_deref())
    }

    /// Writes what is left and gives all files in order. Without users there are none.
    ///
    /// # Errors
    /// [`ImportFilesError::Io`].
    pub fn finish(mut self) -> Result<Vec<ImportFile>, ImportFilesError> {
        self.close()?;
        Ok(self.written)
    }

    fn add(&mut self, row: &[u8], email: &str, id: Option<&str>) -> Result<(), ImportFilesError> {
        // Each comes with a bracket or comma and a line break before it, and the file ends on `\n]\n`.
        const AROUND: usize = "[\n".len();
        const END: usize = "\n]\n".len();
        if row.len() + AROUND + END > self.most_bytes {
            return Err(ImportFilesError::UserTooLarge(row.len()));
        }
        let email = email.to_lowercase();
        if self.open.text.len() + AROUND + row.len() + END > self.most_bytes {
            self.close()?;
        }
        if self.open.emails.contains(&email) {
            return Err(ImportFilesError::Repeated("email"));
        }
        if id.is_some_and(|id| self.open.ids.contains(id)) {
            return Err(ImportFilesError::Repeated("user_id"));
        }
        self.open.text.extend_from_slice(if self.open.users == 0 { b"[\n" } else { b",\n" });
        self.open.text.extend_from_slice(row);
        self.open.users += 1;
        self.open.emails.insert(email);
        self.open.ids.extend(id.map(str::to_owned));
        Ok(())
    }

    fn close(&mut self) -> Result<(), ImportFilesError> {
        let Open { mut text, users, .. } = std::mem::take(&mut self.open);
        if users == 0 {
            return Ok(());
        }
        text.extend_from_slice(b"\n]\n");
        let name = format!("users-{:04}.json", self.written.len() + 1);
        let path = self.directory.join(&name);
        let temporary = self.directory.join(format!(".{name}.part"));
        write_whole(&temporary, &text).map_err(|source| failed(&temporary, source))?;
        fs::rename(&temporary, &path).map_err(|source| failed(&path, source))?;
        sync_directory(&self.directory).map_err(|source| failed(&self.directory, source))?;
        self.written.push(ImportFile { path, users, bytes: text.len() });
        Ok(())
    }
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("bytes", &self.text.len()).field("users", &self.users).finish_non_exhaustive()
    }
}

/// The import files in a directory, in the order in which they were written. Files of other names are passed over.
///
/// # Errors
/// The directory cannot be read.
pub fn import_files_in(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if let Some(number) = path.file_name().and_then(|name| number_in(name.to_str()?)) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn number_in(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("users-")?.strip_suffix(".json")?;
    let is_ours = digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_ours { digits.parse().ok() } else { None }
}

fn write_whole(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// The new name is in the directory, which has to reach the disk as well.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

fn failed(path: &Path, source: io::Error) -> ImportFilesError {
    ImportFilesError::Io { path: path.to_owned(), source }
}
