//! The process may open no more descriptors.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use scratch_database::OwnPostgres;

use super::metrics::Metrics;
use super::phases::Phases;
use super::record::{Ask, Outcome, Record, Sample};
use super::watch::{self, Watch};
use super::wire::Wire;
use super::{Drill, Ground, Load, LoadPlan, NodePlan, wait};

pub(super) const DRILL: Drill = Drill {
    name: "fd-exhaustion",
    fault: "clients open connections until the process may open no more descriptors",
    perform,
};

/// How many descriptors there are beyond those that are open.
const ROOM: u64 = 40;
const CONNECTIONS: usize = 100;
/// Of those that were there before, in milliseconds.
const P99_MS: f64 = 500.0;
const SLOWEST_REFUSAL_MS: f64 = 2500.0;
/// From the moment when the connections are closed, in seconds.
const BACK_WITHIN: f64 = 3.0;
/// Of one core, more than before.
const PROCESSOR: f64 = 0.30;
const GROWTH_MEBIBYTES: f64 = 16.0;
const PATIENCE: Duration = Duration::from_secs(1);
const METRICS: &str = "GET /metrics HTTP/1.1\r\nhost: authsync\r\n\r\n";

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    let node = ground.node(NodePlan::new("authsync", &tenant, database.url()))?;
    let process = node.process().context("the node runs")?;
    let (people, newcomers) = (tenant.people("person", 100)?, tenant.people("newcomer", 200)?);
    let watch = Watch::begin(node.process_cell());
    let plan = LoadPlan { per_second: 200, ..LoadPlan::ORDINARY };
    let load = Load::start(plan, &[node.address()], people, newcomers);
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let begin = Instant::now();
    let (idle, ()) = processor(process, || load.run_for(ground.span(2.0, 5.0)))?;

    // A connection of before, for what the node tells of itself meanwhile.
    let mut teller = Wire::new(node.address(), PATIENCE);
    let _first = teller.ask(METRICS);
    let open = watch::look(process).context("the process is gone")?.descriptors;
    let before = limit(process, open as u64 + ROOM)?;
    let fault = Instant::now();
    let crowd = Crowd::of(node.address());
    ground.step(format_args!("{} connections, and {ROOM} descriptors for them", crowd.connections.len()));
    wait::until("all descriptors are in use", Duration::from_secs(10), || {
        let now = watch::look(process).context("the process is gone")?.descriptors;
        Ok((now as u64 >= open as u64 + ROOM).then_some(()))
    })?;
    let told = teller.ask(METRICS).map(|reply| Metrics::in_text(reply.body));
    let told = told.map_or((0.0, 0.0), |it| (it.sum("process_open_fds", &[]), it.sum("process_max_fds", &[])));
    let (busy, ()) = processor(process, || load.run_for(ground.span(2.5, 10.0)))?;
    // Those of the pool as well have to be opened anew, which cannot be.
    let lost = Instant::now();
    database.try_execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )?;
    ground.step("PostgreSQL has closed its connections");
    load.run_for(ground.span(1.5, 5.0));
    let over = Instant::now();
    drop(crowd);
    let newcomer = knock(node.address(), over)?;
    ground.step("the connections are closed");
    load.wait_for_write_after(over, Duration::from_secs(30))?;
    load.run_for(Duration::from_secs_f64(BACK_WITHIN) + ground.span(0.5, 5.0));
    limit(process, before)?;
    let phases = Phases { begin, fault, over, end: Instant::now() };

    let (record, ledger) = load.stop()?;
    let balance = ledger.compare(database.url())?;
    let (course, p99) = (watch.stop()?, ground.leeway(P99_MS));
    let report = &mut ground.report;
    phases.tell(&record, report);
    // What was under way when PostgreSQL went is another matter.
    let established = record.between(fault, lost.checked_sub(Duration::from_millis(200)).unwrap_or(lost));
    report.none("established connections that did not get 200", {
        established.answered_otherwise(&[200]) + established.unanswered()
    });
    report.at_most("p99 of them", Some(established.percentile(99)), p99, "ms");
    report.figure("answers while PostgreSQL cannot be reached again", record.between(lost, over).outcomes());
    phases.hold_refusals(&record, SLOWEST_REFUSAL_MS, report);
    report.none("requests without an answer", record.between(begin, phases.end).unanswered());
    report.figure("processor before / without descriptors", format!("{:.0} / {:.0} %", idle * 100.0, busy * 100.0));
    report.at_most("processor, beyond that of before", Some((busy - idle).max(0.0)), PROCESSOR, "cores");
    let (in_use, allowed) = told;
    let all = open as u64 + ROOM;
    report.promise("told meanwhile: process_open_fds", in_use >= all as f64 - 2.0, format!("{in_use} of {all}"));
    report.figure("told meanwhile: process_max_fds", allowed);
    report.at_most("until a new connection is answered", newcomer.first_good_after(over), BACK_WITHIN, "s");
    phases.hold_recovery(&record, BACK_WITHIN, report);
    let (first, last) = (open, course.0.last().map_or(0, |look| look.descriptors));
    report.promise("descriptors before / in the end", last <= first + 8, format!("{first} / {last}"));
    phases.hold_memory(&course, GROWTH_MEBIBYTES, report);
    balance.hold(report);
    Ok(())
}

/// Connections that say nothing, of which the node can take only some.
struct Crowd {
    connections: Vec<TcpStream>,
}

impl Crowd {
    fn of(address: SocketAddr) -> Self {
        let connect = |_| TcpStream::connect_timeout(&address, PATIENCE / 5).ok();
        Self { connections: (0..CONNECTIONS).filter_map(connect).collect() }
    }
}

/// Somebody new who asks until there is a good answer.
fn knock(address: SocketAddr, since: Instant) -> anyhow::Result<Record> {
    let within = Duration::from_secs(30);
    let good = wait::until("a new connection is answered", within, || {
        let reply = Wire::new(address, PATIENCE).ask("GET /healthz HTTP/1.1\r\nhost: authsync\r\n\r\n");
        Ok(reply.ok().filter(|reply| reply.status == 200))
    })?;
    let (begun, outcome) = (since + Duration::from_nanos(1), Outcome::Status(good.status));
    let took = begun.elapsed();
    Ok(Record::new(vec![Sample { begun, took, ask: Ask::Other, outcome, stale: false, retry_after: false }]))
}

/// How many cores the process keeps busy during this.
fn processor<T>(process: u32, during: impl FnOnce() -> T) -> anyhow::Result<(f64, T)> {
    let (begin, before) = (Instant::now(), busy(process)?);
    let done = during();
    Ok((busy(process)?.saturating_sub(before).as_secs_f64() / begin.elapsed().as_secs_f64(), done))
}

/// What all threads of a process have had of the processor.
///
/// # Errors
/// It is gone.
pub(super) fn busy(process: u32) -> anyhow::Result<Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).context("the process is gone")?;
    let of = |thread: std::io::Result<fs::DirEntry>| {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    Ok(threads.filter_map(of).sum())
}

/// How many descriptors it may have; returns how many there might be before.
fn limit(process: u32, descriptors: u64) -> anyhow::Result<u64> {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw).context("no process id")?;
    // It was started by us, with the same right to have more again.
    let maximum = getrlimit(Resource::Nofile).maximum;
    let before = prlimit(Some(id), Resource::Nofile, Rlimit { current: Some(descriptors), maximum })?;
    Ok(before.current.unwrap_or(u64::MAX))
}
