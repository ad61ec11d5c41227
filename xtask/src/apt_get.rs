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

/// Downloads a package and unpacks it into a folder, without installing it. `false`: it did not work, and said why.
///
/// # Errors
/// A program cannot be started, or the folder cannot be written to.
pub(crate) fn unpack(package: &str, folder: &Path) -> anyhow::Result<bool> {
    let downloads = folder.join("download");
    std::fs::create_dir_all(&downloads).with_context(|| format!("{} cannot be made", downloads.display()))?;
    let download = || ran(Command::new("apt-get").args(["download", package]).current_dir(&downloads));
    // A fresh image has no package lists, and only root may fetch them.
    let downloaded = download()? || (is_root() && runs(&["update"])? && download()?);
    if !downloaded {
        return Ok(false);
    }
    let files = std::fs::read_dir(&downloads)?.collect::<Result<Vec<_>, _>>()?;
    let Some(file) = files.iter().map(std::fs::DirEntry::path).find(|path| path.extension() == Some("deb".as_ref()))
    else {
        return Ok(false);
    };
    let unpacked = ran(Command::new("dpkg").arg("-x").arg(file).arg(folder))?;
    std::fs::remove_dir_all(downloads)?;
    Ok(unpacked)
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
    ran(Command::new("apt-get").args(arguments))
}

fn ran(command: &mut Command) -> anyhow::Result<bool> {
    command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    let status = command.status();
    Ok(status.with_context(|| format!("{} cannot be started", command.get_program().display()))?.success())
}

/// Read from the owner of our own process, as the standard library does not know who we are.
fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}
