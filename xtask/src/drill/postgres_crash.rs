//! PostgreSQL is killed under load, and comes back where it was.

use std::time::{Duration, Instant};

use scratch_database::OwnPostgres;

use super::phases::Phases;
use super::watch::Watch;
use super::{Drill, Ground, Load, LoadPlan, NodePlan, ledger};

pub(super) const DRILL: Drill = Drill {
    name: "postgres-crash",
    fault: "every process of PostgreSQL is killed under load; it starts again on the same port",
    perform,
};

/// From the moment when PostgreSQL takes connections again, in seconds.
const BACK_WITHIN: f64 = 3.0;
/// The wait for a connection, and a busy machine.
const SLOWEST_REFUSAL_MS: f64 = 2500.0;
const GROWTH_MEBIBYTES: f64 = 16.0;

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    let node = ground.node(NodePlan::new("authsync", &tenant, database.url()))?;
    ledger::keep_journal(database.url())?;
    let people = tenant.people("person", 100)?;
    let newcomers = tenant.people("newcomer", ground.count(300, 2500))?;
    let watch = Watch::begin(node.process_cell());
    let load = Load::start(LoadPlan::ORDINARY, &[node.address()], people, newcomers);
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let begin = Instant::now();
    load.run_for(ground.span(2.0, 10.0));

    let fault = Instant::now();
    postgres.kill()?;
    ground.step("PostgreSQL is killed");
    load.run_for(ground.span(3.0, 10.0));
    postgres.try_start_again()?;
    let over = Instant::now();
    ground.step("PostgreSQL takes connections again");
    load.wait_for_write_after(over, Duration::from_secs(30))?;
    load.run_for(ground.span(2.0, 10.0).max(Duration::from_secs_f64(BACK_WITHIN)));
    let phases = Phases { begin, fault, over, end: Instant::now() };

    let (record, ledger) = load.stop()?;
    let balance = ledger.compare(database.url())?;
    let report = &mut ground.report;
    phases.tell(&record, report);
    let refused = phases.during(&record).count(503);
    report.promise("it was refused while PostgreSQL was away", refused > 0, refused);
    phases.hold_refusals(&record, SLOWEST_REFUSAL_MS, report);
    report.none("requests without an answer", record.unanswered());
    phases.hold_recovery(&record, BACK_WITHIN, report);
    phases.hold_memory(&watch.stop()?, GROWTH_MEBIBYTES, report);
    balance.hold(report);
    Ok(())
}
