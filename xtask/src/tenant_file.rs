//! `.dev/tenant.json`: tells `cargo xtask token` which tenant runs.

use std::path::PathBuf;
use std::{fs, io};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::workspace;

/// The running development tenant.
#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct DevTenant {
    /// Base URL of the tenant, without a slash at the end.
    pub(crate) tenant: String,
    /// Base URL of the server, without a slash at the end.
    pub(crate) server: String,
}

impl DevTenant {
    /// Reads what a running `cargo xtask dev` left.
    ///
    /// # Errors
    /// None runs, or the file is not ours.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let text = match fs::read_to_string(path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                bail!("no dev tenant runs: start one with `cargo xtask dev`")
            }
            text => text.with_context(|| format!("{} cannot be read", path().display()))?,
        };
        serde_json::from_str(&text).with_context(|| format!("{} is damaged: remove it", path().display()))
    }

    /// Leaves the file until the value returned is dropped.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub(crate) fn announce(self) -> anyhow::Result<Announcement> {
        fs::write(path(), serde_json::to_string_pretty(&self)? + "\n")
            .with_context(|| format!("{} cannot be written", path().display()))?;
        Ok(Announcement(self))
    }
}

/// Takes the file away when dropped, unless a later `cargo xtask dev` has put its own in place.
#[derive(Debug)]
pub(crate) struct Announcement(DevTenant);

impl Drop for Announcement {
    fn drop(&mut self) {
        if DevTenant::read().is_ok_and(|current| current == self.0) {
            let _ = fs::remove_file(path());
        }
    }
}

/// The folder for what development keeps between runs; made if need be.
///
/// # Errors
/// It cannot be made.
pub(crate) fn dev_folder() -> anyhow::Result<PathBuf> {
    let folder = workspace::root().join(".dev");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder)
}

fn path() -> PathBuf {
    workspace::root().join(".dev/tenant.json")
}
