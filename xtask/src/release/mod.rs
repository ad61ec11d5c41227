//! `cargo xtask release`: a program that anybody can build again to the last byte, with its bill of materials and
//! checksums; and `cargo xtask audit`: what may be in it.

pub(crate) mod audit;
mod bill;
mod build;
mod cargo_tool;
mod checksums;
mod source;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};

use self::build::Build;
use self::source::Source;
use crate::arguments::Arguments;
use crate::screen::{Screen, duration};
use crate::workspace;

/// Below `target/`, what is handed out and what it is made in.
const HANDED_OUT: &str = "target/dist";
const WORKSHOP: &str = "target/dist-build";

/// Builds the newest commit; with `--check` once more, elsewhere, and compares.
///
/// # Errors
/// The arguments are wrong, a tool is missing, or the build fails.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse(arguments, &["--check"], &["--features"], 0)?;
    let features = arguments.value("--features").unwrap_or_default();
    let root = workspace::root();
    let workshop = root.join(WORKSHOP);
    let source = Source::check_out(root, &workshop.join("source"))?;
    if source.differs_from(root)? {
        screen.line(screen.dim("what is not committed is not in it"));
    }
    let build = Build { source: &source, target: workshop.join("target"), cargo_home: build::cargo_home()?, features };
    let program = made(&build, "the program", screen)?;
    let folder = root.join(HANDED_OUT);
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let files = [("authsync", program), ("authsync.cdx.json", bill::write(&source, features, screen)?)];
    for (name, from) in &files {
        std::fs::copy(from, folder.join(name)).with_context(|| from.display().to_string())?;
    }
    std::fs::write(folder.join("BUILD"), build.told()?)?;
    let sums = checksums::write(&folder, &["BUILD", "authsync", "authsync.cdx.json"])?;
    screen.line(format_args!("{}\n{}", screen.bold(folder.display()), sums.trim_end()));
    if arguments.has("--check") {
        return compare(&folder.join("authsync"), features, screen);
    }
    Ok(ExitCode::SUCCESS)
}

/// The second build: another folder for the source, for what is built and for cargo's own files.
fn compare(first: &Path, features: &str, screen: Screen) -> anyhow::Result<ExitCode> {
    let elsewhere = tempfile::Builder::new().prefix("a-second-and-longer-path-").tempdir()?;
    let source = Source::check_out(workspace::root(), &elsewhere.path().join("checked-out-again"))?;
    let cargo_home = elsewhere.path().join("cargo");
    link(&build::cargo_home()?, &cargo_home)?;
    let build = Build { source: &source, target: elsewhere.path().join("built"), cargo_home, features };
    let second = made(&build, "the program once more, elsewhere", screen)?;
    let (first, second) = (checksums::of(first)?, checksums::of(&second)?);
    if first == second {
        screen.line(format_args!("{} the same, byte for byte: {first}", screen.green("✓")));
        return Ok(ExitCode::SUCCESS);
    }
    screen.line(format_args!("{} two builds differ: {first} and {second}", screen.red("✗")));
    Ok(ExitCode::FAILURE)
}

fn made(build: &Build<'_>, what: &str, screen: Screen) -> anyhow::Result<PathBuf> {
    screen.line(format_args!("building {what}"));
    let begin = Instant::now();
    let program = build.run()?;
    screen.line(format_args!("built in {}", duration(begin.elapsed())));
    Ok(program)
}

#[cfg(unix)]
fn link(existing: &Path, new: &Path) -> anyhow::Result<()> {
    std::os::unix::fs::symlink(existing, new).with_context(|| new.display().to_string())
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> anyhow::Result<()> {
    bail!("builds are compared on Unix only")
}

/// What a program has printed, or why there is nothing.
fn said(command: &mut std::process::Command) -> anyhow::Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("{name} cannot be started"))?;
    if !output.status.success() {
        bail!("{name} says: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
