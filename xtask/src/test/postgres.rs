//! Makes sure that the tests will find a PostgreSQL.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::apt_get::{self, path_folders};
use crate::screen::Screen;

/// Where Debian and its relatives keep the programs of each version, off the PATH.
const DEBIAN: &str = "/usr/lib/postgresql";
const INSTALL: &str = "apt-get install -y postgresql";

/// Finds PostgreSQL, or installs it where that is possible.
///
/// # Errors
/// It is missing; the message holds the line that installs it.
pub(super) fn ensure(screen: Screen) -> anyhow::Result<()> {
    if std::env::var_os("TEST_DATABASE_URL").is_some() {
        screen.line("the one that TEST_DATABASE_URL names");
        return Ok(());
    }
    if let Some(folder) = programs() {
        screen.line(format_args!("in {}", folder.display()));
        return Ok(());
    }
    if !apt_get::may_install() {
        bail!("there is no PostgreSQL. {}", advice(apt_get::exists()));
    }
    screen.line(format_args!("not found; installing it: {INSTALL}"));
    if !apt_get::install(&["postgresql"])? {
        bail!("PostgreSQL could not be installed. {}", advice(true));
    }
    let folder = programs().context("PostgreSQL was installed, but its programs were not found")?;
    screen.line(format_args!("in {}", folder.display()));
    Ok(())
}

fn advice(apt_get: bool) -> String {
    let by_hand = "set TEST_DATABASE_URL to a PostgreSQL in which databases may be created";
    if apt_get {
        format!("Type `sudo {INSTALL}`, or {by_hand}")
    } else {
        format!("Put its programs (`initdb`, `postgres`) on the PATH, or {by_hand}")
    }
}

/// The folder that holds `initdb` and `postgres`.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().filter_map(Result::ok);
    let debian = versions.map(|version| version.path().join("bin"));
    path_folders().chain(debian).find_map(|folder| complete(&folder))
}

/// The folder with links followed: `initdb` on the PATH may be a link, and looks for `postgres` beside its real self.
fn complete(folder: &Path) -> Option<PathBuf> {
    let real = folder.join("initdb").canonicalize().ok()?.parent()?.to_owned();
    real.join("postgres").is_file().then_some(real)
}
