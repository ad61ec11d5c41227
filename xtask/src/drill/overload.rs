//! Twice what the machine can do, then tokens that are forged, then people whom nobody knows.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use scratch_database::OwnPostgres;
use serde_json::Value;

use super::fd_exhaustion::busy;
use super::metrics::Metrics;
use super::person::Person;
use super::watch::Watch;
use super::{Drill, Ground, Load, LoadPlan, Node, NodePlan};

pub(super) const DRILL: Drill = Drill {
    name: "overload",
    fault: "twice as many requests as the machine can answer, a flood of forged tokens, and one of strangers",
    perform,
};

/// Connections that ask at once, and how many of their requests may wait in the server.
const CONNECTIONS: usize = 128;
const MAX_WAITING: usize = 64;
/// In milliseconds. Generator, server and PostgreSQL share the machine.
const P99_MS: f64 = 1500.0;
/// Of what can be answered without overload; the generator and the refusals need the same processor.
const LEAST_SERVED: f64 = 0.1;
const GROWTH_MEBIBYTES: f64 = 32.0;
const BACK_WITHIN: f64 = 1.0;

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let generator = ground.load_generator()?;
    let tenant = ground.tenant()?;
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    // Without users in memory every request needs the database.
    let plan = NodePlan::new("authsync", &tenant, database.url())
        .variable("AUTHSYNC_USER_CACHE_ENTRIES", "0")
        .toml(&format!("[http]\nmax_waiting = {MAX_WAITING}"));
    let node = ground.node(plan)?;
    let people = tenant.people("person", 100)?;
    let strangers = tenant.people("stranger", if ground.is_short() { 400 } else { 5000 })?;
    let tokens = |name: &str, people: &[Person]| -> anyhow::Result<PathBuf> {
        let path = ground.folder().join(name);
        let lines: Vec<&str> = people.iter().map(|person| person.token.as_str()).collect();
        fs::write(&path, lines.join("\n"))?;
        Ok(path)
    };
    let (known, unknown) = (tokens("known", &people)?, tokens("unknown", &strangers)?);
    let flood = Flood { generator, node: &node };
    let watch = Watch::begin(node.process_cell());
    // Somebody who is there all the time, and sees each answer whole.
    let plan = LoadPlan {
        clients: 4,
        per_second: 40,
        verify: 1,
        sync_same: 0,
        sync_changed: 0,
        sync_new: 0,
        ..LoadPlan::ORDINARY
    };
    let load = Load::start(plan, &[node.address()], people, Vec::new());
    load.wait_until_all_are_known(Duration::from_secs(60))?;

    let calm = Instant::now();
    load.run_for(ground.span(1.0, 5.0));
    let seconds = ground.span(2.5, 10.0).as_secs_f64();
    let measured = Instant::now();
    let capacity = flood.ask(&known, &["--connections", "64", "--seconds", &seconds.to_string()])?;
    let capacity = capacity.per_second();
    ground.step(format_args!("it answers {capacity:.0} requests a second"));
    let before = Metrics::of(&node)?;
    let overload = Instant::now();
    let rate = (2.0 * capacity).to_string();
    let connections = CONNECTIONS.to_string();
    let arguments = ["--connections", &connections, "--seconds", &seconds.to_string(), "--rate", &rate];
    let twice = flood.ask(&known, &arguments)?;
    let over = Instant::now();
    ground.step("overload is over");
    load.run_for(Duration::from_secs_f64(BACK_WITHIN) + ground.span(0.5, 5.0));
    let after = Metrics::of(&node)?;

    ground.step("forged tokens");
    let forged_from = Instant::now();
    let forged = flood.ask(&known, &["--forged", "--connections", "64", "--seconds", &seconds.to_string()])?;
    let forged_to = Instant::now();
    let after_forged = Metrics::of(&node)?;
    load.run_for(ground.span(0.5, 2.0));
    ground.step(format_args!("{} people whom nobody knows, twice", strangers.len()));
    let strange_from = Instant::now();
    let first = flood.ask(&unknown, &["--connections", "32", "--once"])?;
    let second = flood.ask(&unknown, &["--connections", "32", "--once"])?;
    let strange_to = Instant::now();
    let after_strangers = Metrics::of(&node)?;
    load.run_for(ground.span(0.5, 2.0));
    let end = Instant::now();
    let (record, _) = load.stop()?;
    let (course, p99) = (watch.stop()?, ground.leeway(P99_MS));

    let report = &mut ground.report;
    report.figure("answers a second, 64 connections at once", format!("{capacity:.0}"));
    report.figure("asked for in overload, a second", format!("{:.0}", 2.0 * capacity));
    report.figure("answers in overload", twice.outcomes());
    report.figure("due, and not sent while all connections wait", twice.number("/unsent"));
    report.none("other answers than 200 and 503, or none", twice.others(&["200", "503"]));
    let served = twice.status("200") / seconds;
    let what = format!("served a second (at least {:.0} %)", LEAST_SERVED * 100.0);
    report.promise(&what, served >= LEAST_SERVED * capacity, format!("{served:.0}"));
    report.promise("refused at once", twice.status("503") > 0.0, twice.status("503"));
    report.figure(
        "p50 from when they were due: served / refused",
        format!("{:.1} / {:.1} ms", twice.millis("200", "p50"), twice.millis("503", "p50")),
    );
    let seen = record.between(overload, over);
    report.figure("answers that were looked at meanwhile", seen.outcomes());
    // From when they were sent: what waits in a generator that cannot keep up is no work of the server's.
    for (what, status) in [("p99 of those served", 200), ("p99 of those refused", 503)] {
        report.at_most(what, Some(seen.those(|sample| sample.is(status)).percentile(99)), p99, "ms");
    }
    report.none("503 without Retry-After", record.those(|it| it.is(503) && !it.retry_after).len());
    let shed = after.since(&before, "authsync_http_requests_shed_total", &[]);
    report.promise("counted as shed", shed >= twice.status("503"), shed);
    report.at_most("first good answer afterwards", record.first_good_after(over), BACK_WITHIN, "s");
    let later = record.between(over + Duration::from_secs_f64(BACK_WITHIN), forged_from);
    report.none("refused or unanswered later than that", later.answered_otherwise(&[200]) + later.unanswered());

    report.figure("answers to forged tokens", forged.outcomes());
    report.none("forged tokens that were not answered 401", forged.others(&["401"]));
    report.figure("processor for a forged token", format!("{:.0} µs", forged.micros));
    let refused = after_forged.since(&after, "authsync_http_requests_total", &["status=\"401\""]);
    report.promise("counted as 401", refused >= forged.status("401"), refused);
    report.figure("p50 / p99 of good tokens in calm", record.between(calm, measured).times());
    let meanwhile = record.between(forged_from, forged_to);
    report.figure("p50 / p99 of good tokens in the flood", meanwhile.times());
    report
        .none("good tokens that were not answered 200", meanwhile.answered_otherwise(&[200]) + meanwhile.unanswered());
    report.at_most("p99 of good tokens in the flood", Some(meanwhile.percentile(99)), p99, "ms");

    report.figure("answers to strangers", format!("{}; {}", first.outcomes(), second.outcomes()));
    report.none("strangers who were not answered 404", first.others(&["404"]) + second.others(&["404"]));
    report.figure("processor for a stranger, first / again", format!("{:.0} / {:.0} µs", first.micros, second.micros));
    let unknown = after_strangers.since(&after_forged, "authsync_http_requests_total", &["status=\"404\""]);
    report.promise("counted as 404", unknown >= first.status("404") + second.status("404"), unknown);
    let meanwhile = record.between(strange_from, strange_to);
    report.none(
        "users who were not answered 200 meanwhile",
        meanwhile.answered_otherwise(&[200]) + meanwhile.unanswered(),
    );
    let memory = |from, to| course.between(from, to).most_memory();
    let (calm, loaded) = (memory(calm, measured), memory(measured, overload));
    let rest = [memory(overload, forged_from), memory(forged_from, strange_from), memory(strange_from, end)];
    let [overloaded, forged, strange] = rest;
    report.figure("most memory: calm / full / overload, MiB", format!("{calm:.1} / {loaded:.1} / {overloaded:.1}"));
    report.figure("most memory: forged / strangers, MiB", format!("{forged:.1} / {strange:.1}"));
    let most = overloaded.max(forged).max(strange);
    report.at_most("growth of memory beyond full load", Some((most - loaded).max(0.0)), GROWTH_MEBIBYTES, "MiB");
    Ok(())
}

/// Somebody who asks for more than there is.
struct Flood<'a> {
    generator: PathBuf,
    node: &'a Node,
}

/// What the generator has seen, and what it cost the server.
struct Tally {
    seen: Value,
    /// Of the processor, for each answer.
    micros: f64,
}

impl Flood<'_> {
    fn ask(&self, tokens: &std::path::Path, arguments: &[&str]) -> anyhow::Result<Tally> {
        let process = self.node.process().context("the node runs")?;
        let before = busy(process)?;
        let mut command = Command::new(&self.generator);
        command.arg("--target").arg(self.node.address().to_string()).arg("--tokens").arg(tokens).args(arguments);
        let output = command.output().context("the load generator")?;
        if !output.status.success() {
            bail!("the load generator: {}", String::from_utf8_lossy(&output.stderr));
        }
        let seen: Value = serde_json::from_slice(&output.stdout).context("the load generator says no JSON")?;
        let spent = busy(process)?.saturating_sub(before).as_secs_f64() * 1e6;
        let micros = spent / seen.pointer("/requests").and_then(Value::as_f64).unwrap_or(1.0).max(1.0);
        Ok(Tally { seen, micros })
    }
}

impl Tally {
    fn number(&self, pointer: &str) -> f64 {
        self.seen.pointer(pointer).and_then(Value::as_f64).unwrap_or_default()
    }

    fn per_second(&self) -> f64 {
        self.number("/per_second")
    }

    fn status(&self, status: &str) -> f64 {
        self.number(&format!("/statuses/{status}"))
    }

    fn millis(&self, status: &str, which: &str) -> f64 {
        self.number(&format!("/latency_us_by_status/{status}/{which}")) / 1000.0
    }

    /// How many ended in another way than by one of these.
    fn others(&self, statuses: &[&str]) -> usize {
        let ends = ["/statuses", "/failures"].map(|group| self.seen.pointer(group).and_then(Value::as_object));
        let counts = ends.into_iter().flatten().flatten();
        let others = counts.filter(|(name, _)| !statuses.contains(&name.as_str()));
        others.filter_map(|(_, count)| count.as_u64()).fold(0, |sum, count| sum + usize::try_from(count).unwrap_or(0))
    }

    fn outcomes(&self) -> String {
        let ends = ["/statuses", "/failures"].map(|group| self.seen.pointer(group).and_then(Value::as_object));
        let counts = ends.into_iter().flatten().flatten().filter(|(_, count)| count.as_u64() != Some(0));
        counts.map(|(name, count)| format!("{name}: {count}")).collect::<Vec<_>>().join(", ")
    }
}
