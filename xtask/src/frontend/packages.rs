//! What npm installs and Node builds.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{fs, io};

use anyhow::{Context, bail};

use super::Node;
use crate::screen::Screen;
use crate::workspace;

/// A folder with a `package.json` and its lock file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packages {
    folder: &'static str,
    builds_a_page: bool,
}

impl Packages {
    pub(crate) const IN_SPA: Self = Self { folder: "examples/spa", builds_a_page: true };
    pub(crate) const IN_REACT: Self = Self { folder: "examples/react", builds_a_page: true };
    pub(crate) const IN_E2E: Self = Self { folder: "e2e", builds_a_page: false };
    pub(crate) const IN_API: Self = Self { folder: "e2e/api", builds_a_page: false };

    /// Installs exactly what the lock file says, unless that was done before.
    ///
    /// # Errors
    /// npm says no.
    pub(crate) fn install(self, node: &Node, screen: Screen) -> anyhow::Result<()> {
        // A copy of the lock file beside the packages tells whether they are the ones it names.
        let (wanted, present) = (self.path("package-lock.json"), self.path("node_modules/installed-lock.json"));
        let lock = fs::read(&wanted).with_context(|| format!("{} cannot be read", wanted.display()))?;
        match fs::read(&present) {
            Ok(installed) if installed == lock => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        screen.line(format_args!("installing the packages of {}", self.folder));
        let mut npm = Command::new(&node.npm);
        let output = npm
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(self.path(""))
            .stdin(Stdio::null())
            .output()
            .context("npm cannot be started")?;
        if !output.status.success() {
            bail!("`npm ci` in {} says no: {}", self.folder, String::from_utf8_lossy(&output.stderr).trim());
        }
        fs::write(present, lock)?;
        Ok(())
    }

    /// Builds the page, if there is one.
    ///
    /// # Errors
    /// It does not build.
    pub(crate) fn build(self, node: &Node) -> anyhow::Result<()> {
        if !self.builds_a_page {
            return Ok(());
        }
        let mut build = Command::new(&node.node);
        build.arg("build.js").current_dir(self.path("")).stdin(Stdio::null());
        if !build.status().context("node cannot be started")?.success() {
            bail!("the page in {} does not build", self.folder);
        }
        Ok(())
    }

    /// Where the built page is.
    pub(crate) fn dist(self) -> PathBuf {
        self.path("dist")
    }

    /// Where a file of the folder is.
    pub(crate) fn path(self, file: &str) -> PathBuf {
        workspace::root().join(self.folder).join(file)
    }
}
