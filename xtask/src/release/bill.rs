//! The bill of materials: every package in the program, in CycloneDX's JSON.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use super::cargo_tool::CargoTool;
use super::said;
use super::source::Source;
use crate::screen::Screen;

const CYCLONEDX: CargoTool = CargoTool { name: "cargo-cyclonedx", version: "0.5.9", default_features: true };

/// Writes it, of what the program is built of on this machine.
pub(super) fn write(source: &Source, features: &str, screen: Screen) -> anyhow::Result<PathBuf> {
    let mut tool = Command::new(CYCLONEDX.ensure(screen)?);
    tool.args(["cyclonedx", "--manifest-path", "crates/server/Cargo.toml", "--format", "json", "--quiet"]);
    tool.args(["--spec-version", "1.5", "--override-filename", "authsync.cdx", "--features", features]);
    // Its time is that of the commit, and without a number that is drawn by lot.
    tool.env("SOURCE_DATE_EPOCH", &source.committed_at).current_dir(&source.folder);
    said(&mut tool)?;
    // Beside the manifest of each package of the workspace; the server's is the program's.
    let file = source.folder.join("crates/server/authsync.cdx.json");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    std::fs::write(&file, text.replace(&source.folder.display().to_string(), "/authsync"))?;
    Ok(file)
}
