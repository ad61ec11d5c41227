//! The database answers late, not at all, or waits for a lock.

use std::time::{Duration, Instant};

use anyhow::Context;
use scratch_database::{OwnPostgres, ScratchDatabase};

use super::person::Person;
use super::phases::Phases;
use super::probe::Probe;
use super::proxy::{Flow, Proxy};
use super::watch::Watch;
use super::{Drill, Ground, Load, LoadPlan, NodePlan, Tenant, ledger};

pub(super) const DRILL: Drill =
    Drill { name: "slow-database", fault: "the database is late, falls silent, and holds the table locked", perform };

/// Shorter than by default, so that the drill is.
const LIMITS: &str = "[database]\ncheckout_timeout_ms = 1000\nstatement_timeout_ms = 1000";
/// The longest that a request waits for the database, for a connection and for one statement, and a busy machine.
const SLOWEST_REFUSAL_MS: f64 = 3000.0;
/// Of what needs no database, in milliseconds.
const OTHERS_P99_MS: f64 = 250.0;
/// In seconds.
const BACK_WITHIN: f64 = 2.0;
const GROWTH_MEBIBYTES: f64 = 16.0;

#[derive(Clone, Copy, Debug)]
enum Trouble {
    Late(Duration),
    Silent,
    Locked,
}

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    let people = tenant.people("person", 100)?;
    let newcomers = tenant.people("newcomer", ground.count(100, 500))?;
    let late = Trouble::Late(Duration::from_millis(200));
    for (name, trouble) in [("late", late), ("silent", Trouble::Silent), ("locked", Trouble::Locked)] {
        ground.step(format_args!("a database that is {name}"));
        through(name, trouble, &tenant, [people.clone(), newcomers.clone()], ground)?;
    }
    Ok(())
}

fn through(
    name: &str,
    trouble: Trouble,
    tenant: &Tenant,
    [people, newcomers]: [Vec<Person>; 2],
    ground: &mut Ground,
) -> anyhow::Result<()> {
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    let port = postgres.port().context("PostgreSQL has a port")?;
    let proxy = Proxy::start(([127, 0, 0, 1], port).into())?;
    let url = database.url().replace(&format!(":{port}/"), &format!(":{}/", proxy.address().port()));
    let node = ground.node(NodePlan::new(name, tenant, &url).toml(LIMITS))?;
    ledger::keep_journal(database.url())?;
    let watch = Watch::begin(node.process_cell());
    let load = Load::start(LoadPlan::ORDINARY, &[node.address()], people, newcomers);
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let probe = Probe::begin(node.address());
    let begin = Instant::now();
    load.run_for(ground.span(1.0, 5.0));

    let fault = Instant::now();
    let lasts = ground.span(3.2, 15.0);
    match trouble {
        Trouble::Late(delay) => proxy.set(Flow::Late(delay)),
        Trouble::Silent => proxy.set(Flow::Silent),
        Trouble::Locked => lock(&database, lasts)?,
    }
    if !matches!(trouble, Trouble::Locked) {
        load.run_for(lasts);
        proxy.set(Flow::Free);
    }
    let over = Instant::now();
    load.wait_for_write_after(over, Duration::from_secs(30))?;
    load.run_for(Duration::from_secs_f64(BACK_WITHIN) + ground.span(0.5, 3.0));
    let phases = Phases { begin, fault, over, end: Instant::now() };

    let (record, ledger) = load.stop()?;
    let (others, wrong) = probe.stop()?;
    let course = watch.stop()?;
    let balance = ledger.compare(database.url())?;
    let report = &mut ground.report;
    phases.tell(&record, report);
    report.figure("p50 / p99 of what needs no database, before", phases.before(&others).times());
    report.figure("p50 / p99 of what needs no database, during", phases.during(&others).times());
    report.at_most("p99 of what needs no database", Some(phases.during(&others).percentile(99)), OTHERS_P99_MS, "ms");
    report.none("wrong answers among these", wrong);
    phases.hold_refusals(&record, SLOWEST_REFUSAL_MS, report);
    report.none("requests without an answer", record.unanswered());
    phases.hold_recovery(&record, BACK_WITHIN, report);
    phases.hold_memory(&course, GROWTH_MEBIBYTES, report);
    balance.hold(report);
    Ok(())
}

/// Nobody else can read or write the table for this time; returns when it is over.
fn lock(database: &ScratchDatabase, lasts: Duration) -> anyhow::Result<()> {
    let seconds = lasts.as_secs_f64();
    database
        .try_execute(&format!("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds}); COMMIT"))
}
