//! Programs that cargo installs, below `target/`.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::screen::Screen;
use crate::workspace;

/// One of them, at the version that its use here is known to work with.
pub(super) struct CargoTool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) default_features: bool,
}

impl CargoTool {
    /// Where it is, installed if it was not there at this version.
    pub(super) fn ensure(&self, screen: Screen) -> anyhow::Result<PathBuf> {
        let tools = workspace::root().join("target/tools");
        let program = tools.join("bin").join(self.name);
        if program.is_file() && self.is_noted(&tools) {
            return Ok(program);
        }
        screen.line(format_args!("installing {} {}", self.name, self.version));
        let mut cargo = workspace::cargo();
        cargo.args(["install", self.name, "--locked", "--version", self.version, "--root"]).arg(&tools);
        if !self.default_features {
            cargo.arg("--no-default-features");
        }
        if !cargo.status().context("cargo cannot be started")?.success() {
            bail!("{} was not installed", self.name);
        }
        Ok(program)
    }

    /// Whether cargo's own list has this version.
    fn is_noted(&self, tools: &std::path::Path) -> bool {
        let list = std::fs::read_to_string(tools.join(".crates.toml")).unwrap_or_default();
        list.contains(&format!("\"{} {} ", self.name, self.version))
    }
}
