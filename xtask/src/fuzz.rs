//! `cargo xtask fuzz`: the long run of the fuzz targets of `auth0-verify`. The tests run the same targets shortly.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::arguments::{Arguments, UsageError};
use crate::screen::{Screen, duration};
use crate::workspace;

const FOLDER: &str = "crates/auth0-verify/fuzz";
const BUILDS: &str = "target/fuzz";
const TOOLS: &str = "target/tools";
const CARGO_FUZZ_VERSION: &str = "0.13.2";
const SECONDS_EACH: u64 = 600;

/// What one target brought.
struct Outcome {
    runs: u64,
    finding: bool,
}

/// The command: one target or all, ten minutes each unless told otherwise.
///
/// # Errors
/// The arguments are wrong, or a tool or a target cannot be built.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse(arguments, &[], &["--seconds"], 1)?;
    let seconds = match arguments.value("--seconds") {
        Some(text) => text.parse().map_err(|_| UsageError::because("`--seconds` needs a whole number"))?,
        None => SECONDS_EACH,
    };
    let mut targets = targets()?;
    if let Some(wanted) = arguments.word() {
        if !targets.iter().any(|target| target == wanted) {
            return Err(UsageError::because(format!("there is no such target; there are {}", targets.join(", "))));
        }
        targets.retain(|target| target == wanted);
    }
    let cargo_fuzz = ensure_cargo_fuzz(screen)?;
    let mut findings = 0;
    for target in &targets {
        screen.line(format_args!("{} for {}", screen.bold(target), duration(Duration::from_secs(seconds))));
        let begun = Instant::now();
        let outcome = fuzz(&cargo_fuzz, target, seconds, screen)?;
        let verdict = if outcome.finding { screen.red("a finding") } else { screen.green("no finding") };
        screen.line(format_args!("{target}: {} runs in {}, {verdict}", outcome.runs, duration(begun.elapsed())));
        findings += u32::from(outcome.finding);
    }
    if findings > 0 {
        screen.complain(format_args!("the inputs are in {}", artifacts("").display()));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Each file of the folder is a target.
fn targets() -> anyhow::Result<Vec<String>> {
    let folder = workspace::root().join(FOLDER).join("fuzz_targets");
    let mut names = Vec::new();
    for file in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = file?.path();
        names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// Finds cargo-fuzz below `target/`, or installs it there.
fn ensure_cargo_fuzz(screen: Screen) -> anyhow::Result<PathBuf> {
    let tools = workspace::root().join(TOOLS);
    let program = tools.join("bin/cargo-fuzz");
    if !program.is_file() {
        screen.line("installing cargo-fuzz");
        let mut cargo = workspace::cargo();
        cargo.args(["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ_VERSION, "--root"]).arg(&tools);
        if !cargo.status().context("cargo cannot be started")?.success() {
            bail!("cargo-fuzz was not installed");
        }
    }
    Ok(program)
}

fn fuzz(cargo_fuzz: &Path, target: &str, seconds: u64, screen: Screen) -> anyhow::Result<Outcome> {
    let root = workspace::root();
    let (fuzz, builds) = (root.join(FOLDER), root.join(BUILDS));
    // What was found useful in earlier runs is kept here, and the seeds are only read.
    let corpus = builds.join("corpus").join(target);
    let artifacts = artifacts(target);
    std::fs::create_dir_all(&corpus)?;
    std::fs::create_dir_all(&artifacts)?;
    let command = |verb: &str| {
        let mut command = Command::new(cargo_fuzz);
        // The sanitizers need an unstable compiler, and look for what safe code cannot do.
        command.current_dir(root).args([verb, "--sanitizer", "none", "--fuzz-dir"]).arg(&fuzz);
        command.arg("--target-dir").arg(&builds).arg(target).stdin(Stdio::null());
        command
    };
    if !command("build").status().context("cargo-fuzz cannot be started")?.success() {
        bail!("the target `{target}` was not built");
    }
    let mut run = command("run");
    run.arg(&corpus).arg(fuzz.join("seeds").join(target)).arg("--");
    run.arg(format!("-max_total_time={seconds}"));
    run.arg(format!("-dict={}", fuzz.join("jwt.dict").display()));
    // With the separator at the end it is a folder for libFuzzer.
    run.arg(format!("-artifact_prefix={}/", artifacts.display()));
    run.args(["-max_len=4096", "-print_final_stats=1"]);
    let mut child = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context("cargo-fuzz cannot be started")?;
    let mut said = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            if line.contains("pulse") {
                screen.line(screen.dim(&line));
            }
            said.push(line);
            // A finding is told at the end; the beginning of a long run is of no use.
            if said.len() > 200 {
                said.drain(..100);
            }
        }
    }
    let finding = !child.wait()?.success();
    if finding {
        said.iter().for_each(|line| screen.complain(line));
    }
    Ok(Outcome { runs: runs(&said), finding })
}

fn artifacts(target: &str) -> PathBuf {
    workspace::root().join(BUILDS).join("artifacts").join(target)
}

/// How often the target was called, as libFuzzer says at the end.
fn runs(said: &[String]) -> u64 {
    let mut counted = said.iter().rev().filter_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    counted.next().and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_seeds_and_is_built() {
        let manifest = std::fs::read_to_string(workspace::root().join(FOLDER).join("Cargo.toml")).unwrap();
        let targets = targets().unwrap();
        assert!(targets.contains(&"claims".to_owned()));
        for target in targets {
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
            assert!(workspace::root().join(FOLDER).join("seeds").join(&target).is_dir(), "{target}");
        }
    }

    #[test]
    fn the_number_of_runs_is_read_from_what_libfuzzer_says() {
        let said = ["Done 12 runs", "stat::number_of_executed_units: 4711", "stat::average_exec_per_sec: 1"];
        assert_eq!(runs(&said.map(str::to_owned)), 4711);
        assert_eq!(runs(&[]), 0);
    }
}
