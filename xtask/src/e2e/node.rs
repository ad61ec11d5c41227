//! What is done with Node: packages, pages, and the play itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use anyhow::{Context, bail};

use super::pictures;
use super::programs::Tools;
use super::stack::Place;
use crate::screen::Screen;
use crate::workspace;

/// A folder with a `package.json` and its lock file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packages {
    folder: &'static str,
    builds_a_page: bool,
}

impl Packages {
    pub(super) const IN_SPA: Self = Self { folder: "examples/spa", builds_a_page: true };
    pub(super) const IN_REACT: Self = Self { folder: "examples/react", builds_a_page: true };
    pub(super) const IN_E2E: Self = Self { folder: "e2e", builds_a_page: false };

    /// Installs exactly what the lock file says, unless that was done before.
    ///
    /// # Errors
    /// npm says no.
    pub(super) fn install(self, tools: &Tools, screen: Screen) -> anyhow::Result<()> {
        // A copy of the lock file beside the packages tells whether they are the ones it names.
        let (wanted, present) = (self.path("package-lock.json"), self.path("node_modules/installed-lock.json"));
        let lock = fs::read(&wanted).with_context(|| format!("{} cannot be read", wanted.display()))?;
        match fs::read(&present) {
            Ok(installed) if installed == lock => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        screen.line(format_args!("installing the packages of {}", self.folder));
        let mut npm = Command::new(&tools.npm);
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
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<()> {
        if !self.builds_a_page {
            return Ok(());
        }
        let mut node = Command::new(&tools.node);
        node.arg("build.js").current_dir(self.path("")).stdin(Stdio::null());
        if !node.status().context("node cannot be started")?.success() {
            bail!("the page in {} does not build", self.folder);
        }
        Ok(())
    }

    /// Where the built page is.
    pub(super) fn dist(self) -> PathBuf {
        self.path("dist")
    }

    fn path(self, file: &str) -> PathBuf {
        workspace::root().join(self.folder).join(file)
    }
}

/// Plays the chapters, in this order. `false`: one of them failed, and said why.
///
/// # Errors
/// Node cannot be started.
pub(super) fn play(place: &Place, chapters: &[&str], tools: &Tools) -> anyhow::Result<bool> {
    let mut node = Command::new(&tools.node);
    node.arg(script("e2e/run.js")).current_dir(workspace::root()).stdin(Stdio::null());
    node.env("PAGE_URL", &place.page).env("FOREIGN_PAGE_URL", &place.foreign_page);
    node.env("REACT_PAGE_URL", &place.react_page);
    node.env("TENANT_URL", &place.tenant).env("API_URL", &place.api);
    node.env("CHROMIUM", &tools.chromium).env("CHAPTERS", chapters.join(","));
    node.env("SCREENSHOTS", pictures().join(place.scheme.name()));
    // Requests on loopback, whatever the environment says about proxies.
    node.env("NO_PROXY", "*").env("no_proxy", "*");
    if let Some(authority) = &place.authority {
        node.env("NODE_EXTRA_CA_CERTS", authority);
    }
    Ok(node.status().context("node cannot be started")?.success())
}

/// A script of this workspace.
pub(super) fn script(path: &str) -> PathBuf {
    Path::new(workspace::root()).join(path)
}
