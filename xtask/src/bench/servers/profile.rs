//! `cargo xtask bench profile`: where the processor time of a request goes, as a table and a flame graph.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use inferno::collapse::Collapse;
use inferno::collapse::perf::{Folder, Options as Folding};
use inferno::flamegraph::{self, Options as Drawing};

use super::contender::{ALL, AUTHSYNC, Contender, Program};
use super::ground::Ground;
use super::markdown;
use super::options::number;
use super::programs::Programs;
use super::running::Running;
use super::scenario::Scenario;
use super::trial::{ask, measured};
use crate::arguments::{Arguments, UsageError};
use crate::screen::Screen;
use crate::workspace;

pub(in crate::bench) const OPTIONS: [&str; 4] = ["--server", "--only", "--seconds", "--authsync"];
pub(in crate::bench) const SWITCHES: [&str; 2] = ["--as-built", "--write"];

/// Not a divisor of anything that happens regularly.
const SAMPLES_PER_SECOND: &str = "997";
const LOADS: [Scenario; 6] = [
    Scenario::VerifyHot,
    Scenario::VerifyWarm,
    Scenario::VerifyUnique,
    Scenario::SyncSame,
    Scenario::SyncNew,
    Scenario::Forged,
];
/// Of each load, so that one that uses them up lasts for half a minute.
const TOKENS: usize = 10_000;
const TOKENS_TO_USE_UP: usize = 400_000;

/// What a stack is counted under: the innermost function of ours or of a known library decides.
const OWNERS: [(&str, &[&str]); 8] = [
    ("the database: questions, answers, rows", &["persistence", "diesel", "PQ", "pq", "domain"]),
    ("the token: its header, its digest, what is known of it", &["auth0_verify", "aws_lc", "sha256"]),
    (
        "the user: what is known of it, its answer",
        &["server::user_cache", "server::http::verify", "server::http::user_answer"],
    ),
    ("the log", &["server::logging", "server::http::observe::log_request"]),
    ("ids, counts and headers of every request", &["server::http", "server::metrics", "uuid", "rand", "chacha20"]),
    ("HTTP: parsing, routing, writing", &["actix_http", "actix_web", "actix_router", "httparse", "http::"]),
    ("the runtime: connections, timers, tasks", &["tokio", "actix_rt", "actix_server", "mio", "actix_codec"]),
    ("whatever is none of these", &[]),
];
const KERNEL: &str = "the system: receiving, sending, waiting";

/// Profiles one server under one load.
///
/// # Errors
/// The arguments are wrong, `perf` is missing or may not look, or something does not build or start.
pub(in crate::bench) fn run(arguments: &Arguments, screen: Screen) -> anyhow::Result<ExitCode> {
    let contender = asked(arguments.value("--server").unwrap_or(AUTHSYNC), &ALL, |contender| contender.name)?;
    let scenario = asked(arguments.value("--only").unwrap_or("verify-hot"), &LOADS, |load| load.name())?;
    let seconds = number(arguments, "--seconds", 1.0..=60.0)?.unwrap_or(8.0);
    let peers = match contender.program {
        Program::Peer(name) => vec![name],
        Program::Authsync => Vec::new(),
    };
    let tokens = tokens_for(*scenario);
    let ground = Ground::lay(Programs::asked_for(arguments, &peers, screen)?, tokens, tokens, screen)?;
    let folder = super::folder()?;
    let (stacks, cpu_us) = record(contender, *scenario, &ground, seconds, &folder)?;
    let table = markdown::table(&rows(&stacks, cpu_us));
    screen.line(format_args!(
        "\n{} in {}: {cpu_us:.2} µs of processor time a request\n\n{table}",
        contender.name,
        scenario.name()
    ));
    let folder = if arguments.has("--write") { workspace::root().join("docs/benchmarks") } else { folder };
    let picture = folder.join(format!("profile-{}-{}.svg", contender.name, scenario.name()));
    draw(&stacks, &format!("{}, {}: {cpu_us:.1} µs a request", contender.title, scenario.name()), &picture)?;
    screen.line(format_args!("written: {}", picture.display()));
    Ok(ExitCode::SUCCESS)
}

fn asked<'a, T>(name: &str, all: &'a [T], name_of: impl Fn(&T) -> &'static str) -> anyhow::Result<&'a T> {
    let names = || all.iter().map(&name_of).collect::<Vec<_>>().join(", ");
    all.iter().find(|one| name_of(one) == name).ok_or_else(|| UsageError::because(format!("one of {}", names())))
}

/// Of which load how many are signed.
fn tokens_for(scenario: Scenario) -> usize {
    if scenario.uses_up() { TOKENS_TO_USE_UP } else { TOKENS }
}

/// The stacks with their numbers of samples, a line each, and what a request costs while nobody looks.
fn record(
    contender: &Contender,
    scenario: Scenario,
    ground: &Ground,
    seconds: f64,
    folder: &Path,
) -> anyhow::Result<(String, f64)> {
    let running = Running::start(contender, ground, &ground.database_for(contender, scenario)?)?;
    let [warm_up, lines] = scenario.lines(tokens_for(scenario));
    ask(ground, &running, scenario, warm_up, Duration::from_secs(1))?;
    let time = Duration::from_secs_f64(seconds);
    let [unwatched, watched] = if scenario.uses_up() {
        let middle = usize::midpoint(lines.0, lines.1);
        [(lines.0, middle), (middle, lines.1)]
    } else {
        [lines; 2]
    };
    let unseen = measured(ground, &running, scenario, unwatched, time)?;
    let data = folder.join("perf.data");
    let mut perf = Command::new("perf");
    // By the tables for unwinding that every program has: it need not be built otherwise than it is released.
    perf.args([
        "record",
        "--quiet",
        "--freq",
        SAMPLES_PER_SECOND,
        "--call-graph",
        "dwarf,16384",
        "--event",
        "cpu-clock",
    ]);
    perf.arg("--output").arg(&data).args(["--pid", &running.process.to_string(), "--", "sleep", &seconds.to_string()]);
    perf.stdin(Stdio::null()).stdout(Stdio::null());
    let mut perf = perf.spawn().context("perf cannot be started: on Debian it is in the package linux-perf")?;
    let load = ask(ground, &running, scenario, watched, time + Duration::from_secs(1));
    let looked = perf.wait()?.success();
    load?;
    if !looked {
        bail!("perf may not look: see /proc/sys/kernel/perf_event_paranoid");
    }
    drop(running);
    let mut script = Command::new("perf");
    script
        .args(["script", "--no-inline", "--force", "--input"])
        .arg(&data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut script = script.spawn().context("perf")?;
    let mut options = Folding::default();
    options.annotate_kernel = true;
    let mut stacks = Vec::new();
    let told = BufReader::new(script.stdout.take().context("perf says nothing")?);
    Folder::from(options).collapse(told, &mut stacks).context("perf's stacks")?;
    script.wait()?;
    let _ = fs::remove_file(&data);
    Ok((String::from_utf8(stacks)?, unseen.server_us))
}

fn rows(stacks: &str, cpu_us: f64) -> Vec<[String; 3]> {
    let names = || std::iter::once(KERNEL).chain(OWNERS.iter().map(|(name, _)| *name));
    let counted: Vec<(&str, u64)> = stacks.lines().filter_map(owner).collect();
    let all: u64 = counted.iter().map(|(_, samples)| samples).sum();
    let share = |name: &str| {
        let samples: u64 = counted.iter().filter(|(of, _)| *of == name).map(|(_, samples)| samples).sum();
        samples as f64 / all.max(1) as f64
    };
    let mut rows = vec![["where", "share", "µs"].map(str::to_owned)];
    rows.extend(names().map(|name| {
        [name.to_owned(), format!("{:.1} %", share(name) * 100.0), format!("{:.2}", share(name) * cpu_us)]
    }));
    rows
}

/// What a stack counts under, and its samples.
fn owner(line: &str) -> Option<(&'static str, u64)> {
    let (stack, samples) = line.rsplit_once(' ')?;
    let frames: Vec<&str> = stack.split(';').collect();
    let samples = samples.parse().ok()?;
    let is_of_the_log = frames.first().is_some_and(|thread| *thread == "log");
    let owner = frames.iter().rev().find_map(|frame| {
        if frame.ends_with("_[k]") {
            return Some(if is_of_the_log { "the log" } else { KERNEL });
        }
        let name = frame.trim_start_matches('<');
        OWNERS.iter().find(|(_, crates)| crates.iter().any(|of| name.starts_with(of))).map(|(owner, _)| *owner)
    });
    Some((owner.unwrap_or("whatever is none of these"), samples))
}

fn draw(stacks: &str, title: &str, picture: &Path) -> anyhow::Result<()> {
    let mut options = Drawing::default();
    title.clone_into(&mut options.title);
    options.deterministic = true;
    let out = File::create(picture).with_context(|| picture.display().to_string())?;
    flamegraph::from_reader(&mut options, stacks.as_bytes(), out).context("the flame graph")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_counts_under_its_innermost_known_function() {
        for (line, name) in [
            (
                "actix-rt;main;actix_http::h1::poll;<server::http::front::Front as X>::call;malloc 3",
                "ids, counts and headers of every request",
            ),
            (
                "actix-rt;main;auth0_verify::x;aws_lc_0_47_0_sha256_block 3",
                "the token: its header, its digest, what is known of it",
            ),
            ("actix-rt;main;actix_http::h1::poll;__send;tcp_sendmsg_[k] 3", KERNEL),
            ("log;std::thread;__write;ext4_write_[k] 3", "the log"),
            ("actix-rt;main;malloc 3", "whatever is none of these"),
        ] {
            assert_eq!(owner(line), Some((name, 3)), "{line}");
        }
        assert_eq!(owner("no number"), None);
    }

    #[test]
    fn shares_add_up_to_what_a_request_costs() {
        let rows = rows("a;actix_http::x 1\nb;tokio::y 3\n", 8.0);
        let micros: f64 = rows.iter().skip(1).map(|row| row[2].parse::<f64>().unwrap()).sum();
        assert_eq!(micros, 8.0);
        assert!(rows.iter().any(|row| row[1] == "75.0 %" && row[2] == "6.00"));
    }
}
