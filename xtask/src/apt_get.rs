//! Debian's packages, where we may install them, and the programs that are there already.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;

/// Whether there is an `apt-get` at all.
pub(crate) fn exists() -> bool {
    on_path("apt-get").is_some()
}

/// Whether there is one that we may use.
pub(crate) fn may_install() -> bool {
    exists() && is_root()
}

/// Installs these. `false`: it did not work, and said why.
///
/// # Errors
/// `apt-get` cannot be started.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<bool> {
    let arguments = [&["install", "-y"], packages].concat();
    if runs(&arguments)? {
        return Ok(true);
    }
    // A fresh image has no package lists.
    runs(&["update"])?;
    runs(&arguments)
}

/// The program of this name.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    path_folders().map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// The folders in which programs are looked for.
pub(crate) fn path_folders() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(OsStr::new(&path)).collect::<Vec<_>>().into_iter()
}

fn runs(arguments: &[&str]) -> anyhow::Result<bool> {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    Ok(command.status().context("apt-get cannot be started")?.success())
}

/// Read from the owner of our own process, as the standard library does not know who we are.
fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}
