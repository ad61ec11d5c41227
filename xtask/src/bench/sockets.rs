//! `cargo xtask bench sockets`: what idle sockets cost, in memory and in the time that others wait.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::crowd::Crowd;
use super::news::Watchers;
use super::place::{Person, Place};
use super::process;
use super::verifications::{self, Latency};
use crate::arguments::{Arguments, UsageError};
use crate::screen::{Screen, duration};

const SOCKETS: usize = 10_000;
const PER_USER: usize = 10;
/// Until the memory of the handshakes is given back, and the first round of pings is through.
const REST: Duration = Duration::from_secs(45);

/// Measures with `--sockets` of them, `--per-user` for each user.
pub(super) fn run(arguments: &Arguments, screen: Screen) -> anyhow::Result<ExitCode> {
    let sockets = number(arguments, "--sockets", SOCKETS)?;
    let per_user = number(arguments, "--per-user", PER_USER)?;
    if sockets < 2 * per_user {
        return Err(UsageError::because("`--sockets` is twice `--per-user` or more"));
    }
    process::may_open(sockets, screen)?;
    let toml = format!("[websocket]\nmax_sockets = {sockets}\nmax_sockets_per_user = {per_user}\n");
    let (place, quiet) = (Place::start(&toml, screen)?, Place::start(&toml, screen)?);
    let (begin, users) = (Instant::now(), sockets.div_ceil(per_user));
    let people = (0..users).map(|number| place.person(number)).collect::<anyhow::Result<Vec<Person>>>()?;
    let (watched, idle) = people.split_first().context("nobody")?;
    let servers = [(&quiet, &quiet.person(0)?), (&place, watched)];
    screen.line(format_args!("{users} users in {}", duration(begin.elapsed())));

    // Both have answered as much when the memory is read.
    verifications::measure(servers)?;
    let memory_before = process::resident_bytes(place.server)?;

    let (begin, address) = (Instant::now(), place.address()?);
    let watchers = Watchers::open(address, watched, per_user)?;
    let owners = idle.iter().flat_map(|person| std::iter::repeat_n(person, per_user));
    let crowd = Crowd::gather(address, owners.take(sockets - per_user))?;
    screen.line(format_args!("{sockets} sockets in {}", duration(begin.elapsed())));
    let spread = watchers.measure(&place, watched)?;
    place.rest(REST)?;
    let memory = process::resident_bytes(place.server)?;
    let [without, with_sockets] = verifications::measure(servers)?;
    if crowd.open() != sockets - per_user {
        bail!("only {} of {} idle sockets are still open", crowd.open(), sockets - per_user);
    }

    screen.line("");
    let grown = memory.saturating_sub(memory_before);
    screen.line(format_args!("server's memory before      {:>8.1} MiB", mebibytes(memory_before)));
    screen.line(format_args!("server's memory with them   {:>8.1} MiB", mebibytes(memory)));
    screen.line(format_args!("per socket                  {:>8.1} KiB", kibibytes(grown) / count(sockets)));
    show(screen, "verify without sockets", without);
    show(screen, "verify with them", with_sockets);
    screen.line(format_args!(
        "ratio                       p50 {:.2}  p99 {:.2}",
        with_sockets.p50.div_duration_f64(without.p50),
        with_sockets.p99.div_duration_f64(without.p99)
    ));
    screen.line(format_args!(
        "a change at {per_user} sockets      p50 {:?}  worst {:?}",
        rounded(spread.p50),
        rounded(spread.worst)
    ));
    Ok(ExitCode::SUCCESS)
}

fn number(arguments: &Arguments, option: &str, default: usize) -> anyhow::Result<usize> {
    let Some(text) = arguments.value(option) else { return Ok(default) };
    let number = text.parse().ok().filter(|number| (1..=1_000_000).contains(number));
    number.ok_or_else(|| UsageError::because(format!("`{option}` is a whole number from 1 to 1000000")))
}

fn show(screen: Screen, what: &str, Latency { p50, p99 }: Latency) {
    screen.line(format_args!("{what:<28}p50 {:?}  p99 {:?}", rounded(p50), rounded(p99)));
}

/// To whole microseconds, which is finer than the measurement.
fn rounded(time: Duration) -> Duration {
    Duration::from_micros(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}

fn mebibytes(bytes: u64) -> f64 {
    kibibytes(bytes) / 1024.0
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn kibibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn count(number: usize) -> f64 {
    number as f64
}
