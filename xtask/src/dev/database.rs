//! The SQLite file behind a development server.

use std::path::Path;

use anyhow::Context;
use tempfile::TempDir;

use crate::tenant_file;

/// A SQLite file, named as `DATABASE_URL` wants it.
#[derive(Debug)]
pub(crate) struct Database {
    url: String,
    // Only held: the folder goes when this does.
    _folder: Option<TempDir>,
}

impl Database {
    /// The file that stays between runs.
    pub(crate) fn kept() -> anyhow::Result<Self> {
        Ok(Self { url: url_of(&tenant_file::dev_folder()?.join("authsync.db")), _folder: None })
    }

    /// A new file that goes away at the end.
    pub(crate) fn temporary() -> anyhow::Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("authsync-").tempdir().context("no temporary folder can be made")?;
        Ok(Self { url: url_of(&folder.path().join("authsync.db")), _folder: Some(folder) })
    }

    /// `sqlite://PATH`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

fn url_of(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}
