//! `cargo xtask audit`: licences, banned packages and sources by the rules of `deny.toml`, and known holes.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use super::cargo_tool::CargoTool;
use crate::arguments::Arguments;
use crate::screen::Screen;
use crate::workspace;

/// Without its own way of fetching packages, which the rules do not need.
const DENY: CargoTool = CargoTool { name: "cargo-deny", version: "0.20.2", default_features: false };

/// What cargo-deny calls its copy of the RustSec database: the name of the repository and a hash of its address.
const COPY: &str = "advisory-db-3157b0e258782691";

/// The rules are held without the network. Known holes are looked up in a copy of the database that is given, or in
/// one that cargo-deny fetches.
///
/// # Errors
/// The arguments are wrong, or cargo-deny cannot be installed or started.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse(arguments, &["--offline"], &["--advisory-db"], 0)?;
    let tool = DENY.ensure(screen)?;
    let mut good =
        says_yes(deny(&tool).args(["--offline", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))?;
    match arguments.value("--advisory-db") {
        Some(database) => good &= known_holes(&tool, Path::new(database), screen)?,
        None if arguments.has("--offline") => screen.line("known holes: not looked up"),
        None if says_yes(deny(&tool).args(["check", "--hide-inclusion-graph", "advisories"]))? => {}
        None => {
            screen.line("without github.com, give a clone of the RustSec database: --advisory-db FOLDER");
            good = false;
        }
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Looks into a clone. How old it is, is said: an old one knows less.
fn known_holes(tool: &Path, database: &Path, screen: Screen) -> anyhow::Result<bool> {
    let database = database.canonicalize().with_context(|| database.display().to_string())?;
    if !database.join("crates").is_dir() {
        bail!("{} is no clone of the RustSec database: it has no folder `crates`", database.display());
    }
    let newest = super::said(Command::new("git").arg("-C").arg(&database).args(["log", "-1", "--format=%cs"]));
    screen.line(format_args!("known holes as of {}", newest.as_deref().unwrap_or("an unknown day")));
    let folder = tempfile::tempdir()?;
    super::link(&database, &folder.path().join(COPY))?;
    let rules = rules_with(&std::fs::read_to_string(workspace::root().join("deny.toml"))?, folder.path())?;
    let config = folder.path().join("deny.toml");
    std::fs::write(&config, rules)?;
    let mut command = deny(tool);
    command.arg("--offline").arg("--config").arg(&config).args(["check", "--hide-inclusion-graph", "advisories"]);
    says_yes(&mut command)
}

/// The same rules, with another place for the database.
fn rules_with(rules: &str, folder: &Path) -> anyhow::Result<String> {
    let place = serde_json::to_string(&folder.display().to_string())?;
    let Some((before, after)) = rules.split_once("[advisories]\n") else { bail!("deny.toml has no [advisories]") };
    Ok(format!("{before}[advisories]\ndb-path = {place}\n{after}"))
}

fn deny(tool: &Path) -> Command {
    let mut command = Command::new(tool);
    // Of duplicates it would say a page for each.
    command.current_dir(workspace::root()).args(["--log-level", "error"]);
    command
}

fn says_yes(command: &mut Command) -> anyhow::Result<bool> {
    Ok(command.status().context("cargo-deny cannot be started")?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_for_a_copy_are_those_of_the_project() {
        let rules = "[graph]\n[advisories]\nyanked = \"deny\"\n[licenses]\n";
        let with = rules_with(rules, Path::new("/some \"where\"")).unwrap();
        assert_eq!(with, "[graph]\n[advisories]\ndb-path = \"/some \\\"where\\\"\"\nyanked = \"deny\"\n[licenses]\n");
        assert!(rules_with("[licenses]\n", Path::new("/")).is_err());
    }
}
