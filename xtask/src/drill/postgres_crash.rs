//! PostgreSQL is killed under load, and comes back where it was.

use std::time::{Duration, Instant};

use scratch_database::OwnPostgres;

use super::watch::Watch;
use super::{Drill, Ground, Load, LoadPlan, NodePlan};

pub(super) const DRILL: Drill = Drill {
    name: "postgres-crash",
    fault: "every process of PostgreSQL is killed under load; it starts again on the same port",
    perform,
};

/// From the moment when PostgreSQL takes connections again.
const BACK_WITHIN: f64 = 3.0;
/// A refusal is as good as useless if it comes late.
const REFUSED_WITHIN_MS: f64 = 2000.0;

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    let node = ground.node(NodePlan::new("authsync", &tenant, database.url()))?;
    let (people, newcomers) = (tenant.people("person", 200)?, tenant.people("newcomer", 800)?);
    let watch = Watch::begin(node.process_cell());
    let load = Load::start(LoadPlan::ORDINARY, &[node.address()], people, newcomers);
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    ground.step("everybody is known");
    let begin = Instant::now();
    load.run_for(ground.span(2.0, 10.0));

    let killed = Instant::now();
    postgres.kill()?;
    let gone = Instant::now();
    ground.step("PostgreSQL is killed");
    load.run_for(ground.span(3.0, 10.0));
    postgres.try_start_again()?;
    let back = Instant::now();
    ground.step("PostgreSQL is back");
    load.wait_for_write_after(back, Duration::from_secs(30))?;
    load.run_for(ground.span(2.0, 10.0));
    let end = Instant::now();

    let (record, ledger) = load.stop()?;
    let course = watch.stop()?;
    let balance = ledger.compare(database.url())?;
    let (before, during, after) =
        (record.between(begin, killed), record.between(gone, back), record.between(back, end));
    let report = &mut ground.report;
    report.figure("answers before", before.outcomes());
    report.figure("answers while it is away", during.outcomes());
    report.figure("answers after", after.outcomes());
    report.figure("p50 / p99 before", before.times());
    report.figure("p50 / p99 while it is away", during.times());
    report.figure("p50 / p99 after", after.times());
    report.figure("most memory of authsync, MiB", format!("{:.1}", course.most_memory()));
    report.figure("most descriptors of authsync", course.most_descriptors());
    report.figure("seconds without writes, from the kill", format!("{:.2}", record.writes().longest_gap(killed, end)));
    report.figure("unanswered writes that were made", balance.unanswered_and_made);
    report.figure("refused writes that were made (commit cut off)", balance.refused_and_made);
    let refusals = during.those(|sample| sample.is(503));
    report.promise("refusals while it is away", refusals.len() > 0, refusals.len());
    report.none("refusals without Retry-After", refusals.those(|sample| !sample.retry_after).len());
    report.at_most("p99 of refusals", Some(refusals.percentile(99)), REFUSED_WITHIN_MS, "ms");
    report.none("answers other than 200 and 503", record.between(begin, end).answered_otherwise(&[200, 503]));
    report.none("requests without an answer", record.between(begin, end).unanswered());
    report.at_most("first write after it is back", record.writes().first_good_after(back), BACK_WITHIN, "s");
    let late = back + Duration::from_secs_f64(BACK_WITHIN);
    report.none(
        "requests that fail later than that",
        record.those(|sample| sample.begun > late && !sample.is(200)).len(),
    );
    report.promise("acknowledged writes compared with the table", balance.compared > 0, balance.compared);
    report.none("acknowledged writes lost", balance.lost);
    report.none("acknowledged writes overwritten by an earlier one", balance.overtaken);
    report.none("ids that changed", balance.other_ids);
    report.none("reads older than an acknowledged write", balance.old_names);
    Ok(())
}
