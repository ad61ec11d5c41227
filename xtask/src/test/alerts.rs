//! Holds the alert rules against promtool: their form, and their own tests of when each fires.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use crate::apt_get::{self, on_path};
use crate::arguments::Arguments;
use crate::screen::Screen;
use crate::workspace;

/// Debian's package that promtool is part of. Installing it would start a service, so it is only unpacked.
const PACKAGE: &str = "prometheus";

/// The command.
///
/// # Errors
/// The arguments are wrong, or as [`check`].
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<()> {
    Arguments::parse(arguments, &[], &[], 0)?;
    check(screen)
}

/// Has promtool check the rules and run their tests.
///
/// # Errors
/// promtool is missing or has something to say.
pub(super) fn check(screen: Screen) -> anyhow::Result<()> {
    let promtool = promtool(screen)?;
    for (words, file) in [(["check", "rules"], "alerts.yaml"), (["test", "rules"], "alerts.test.yaml")] {
        let mut command = Command::new(&promtool);
        command.args(words).arg(file).current_dir(workspace::root().join("deploy/prometheus"));
        let status = command.status().with_context(|| format!("{} cannot be started", promtool.display()))?;
        if !status.success() {
            bail!("`promtool {} {file}` says no", words.join(" "));
        }
    }
    Ok(())
}

/// The one on the PATH, or one that is unpacked below `target/`.
fn promtool(screen: Screen) -> anyhow::Result<PathBuf> {
    let folder = workspace::root().join("target/tools").join(PACKAGE);
    let unpacked = folder.join("usr/bin/promtool");
    if let Some(found) = on_path("promtool").or_else(|| unpacked.is_file().then(|| unpacked.clone())) {
        return Ok(found);
    }
    if apt_get::exists() {
        screen.line(format_args!("promtool not found; unpacking the package {PACKAGE} into {}", folder.display()));
        if apt_get::unpack(PACKAGE, &folder)? && unpacked.is_file() {
            return Ok(unpacked);
        }
    }
    bail!("there is no promtool. Put it on the PATH; it is part of Prometheus, in Debian of the package {PACKAGE}")
}
