//! authsync is killed under load, again and again, on both databases.

use std::time::{Duration, Instant};

use scratch_database::OwnPostgres;

use super::{Drill, Ground, Load, LoadPlan, NodePlan, Tenant, ledger};

pub(super) const DRILL: Drill = Drill {
    name: "kill-9",
    fault: "authsync is killed under load and started again, on PostgreSQL and on SQLite",
    perform,
};

/// From the start of the process, in seconds. A machine that builds something else at the same time is slow to start it.
const WRITES_WITHIN: f64 = 3.0;

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    let sqlite = ground.sqlite();
    for (name, url) in [("PostgreSQL", database.url()), ("SQLite", sqlite.as_str())] {
        ground.step(format_args!("on {name}"));
        on(name, url, &tenant, ground)?;
    }
    Ok(())
}

fn on(name: &str, url: &str, tenant: &Tenant, ground: &mut Ground) -> anyhow::Result<()> {
    let mut node = ground.node(NodePlan::new(name, tenant, url))?;
    ledger::keep_journal(url)?;
    let people = tenant.people("person", 100)?;
    let newcomers = tenant.people("newcomer", ground.count(300, 2500))?;
    let load = Load::start(LoadPlan::ORDINARY, &[node.address()], people, newcomers);
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let begin = Instant::now();
    let mut starts = Vec::new();
    for _ in 0..ground.count(2, 10) {
        load.run_for(ground.span(1.0, 3.0));
        node.kill()?;
        let start = Instant::now();
        node.start_again()?;
        load.wait_for_write_after(start, Duration::from_secs(30))?;
        starts.push(start);
    }
    load.run_for(ground.span(1.0, 3.0));
    let end = Instant::now();
    ground.step(format_args!("killed {} times", starts.len()));

    let (record, ledger) = load.stop()?;
    let balance = ledger.compare(url)?;
    let record = record.between(begin, end);
    let report = &mut ground.report;
    report.figure("answers", record.outcomes());
    report.figure("p50 / p99", record.those(|sample| sample.is(200)).times());
    let first_writes = starts.iter().map(|&start| record.writes().first_good_after(start).unwrap_or(f64::INFINITY));
    let slowest = first_writes.fold(0.0, f64::max);
    report.at_most("from the start to the first write", Some(slowest), WRITES_WITHIN, "s");
    report.none("answers other than 200 and 503", record.answered_otherwise(&[200, 503]));
    balance.hold(report);
    Ok(())
}
