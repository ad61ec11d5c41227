//! The primary is killed at full load, and its synchronous standby is promoted.

use std::time::{Duration, Instant};

use anyhow::Context;
use scratch_database::{OwnPostgres, ScratchDatabase};

use super::phases::Phases;
use super::record::Ask;
use super::watch::Watch;
use super::{Drill, Ground, Load, LoadPlan, NodePlan, ledger, wait};

pub(super) const DRILL: Drill = Drill {
    name: "failover",
    fault: "the primary of PostgreSQL is killed under load; its synchronous standby is promoted",
    perform,
};

/// What a node remembers is proven to be true for at most this time.
const NOTICED_WITHIN: Duration = Duration::from_secs(1);
/// From the promotion, in seconds.
const WRITES_WITHIN: f64 = 3.0;
const SLOWEST_REFUSAL_MS: f64 = 7500.0;
/// Few enough writes that users stay in memory.
const LOAD: LoadPlan = LoadPlan { verify: 8, sync_same: 0, sync_changed: 1, sync_new: 1, ..LoadPlan::ORDINARY };
const GROWTH_MEBIBYTES: f64 = 16.0;

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    let primary = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = primary.try_database()?;
    let name = database.url().rsplit('/').next().context("a database has a name")?.to_owned();
    let standby = OwnPostgres::plan().durable().on_a_port().copy_of(&primary).start()?;
    make_synchronous(&primary)?;
    let (one, other) = primary.port().zip(standby.port()).context("both have ports")?;
    let url = format!("postgres://postgres@127.0.0.1:{one},127.0.0.1:{other}/{name}?target_session_attrs=read-write");
    let plan = NodePlan::new("authsync", &tenant, &url).variable("AUTHSYNC_USER_CACHE_STALE_SECS", "60");
    let node = ground.node(plan)?;
    ledger::keep_journal(database.url())?;
    let people = tenant.people("person", 100)?;
    let newcomers = tenant.people("newcomer", ground.count(300, 2500))?;
    let watch = Watch::begin(node.process_cell());
    let load = Load::start(LOAD, &[node.address()], people, newcomers);
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let begin = Instant::now();
    load.run_for(ground.span(2.0, 10.0));

    let fault = Instant::now();
    primary.kill()?;
    ground.step("the primary is killed");
    // As long as it may take until somebody, or Patroni, notices.
    load.run_for(ground.span(2.0, 10.0));
    let ordered = Instant::now();
    standby.promote()?;
    let over = Instant::now();
    ground.step("the standby is promoted");
    // It waits for no standby of its own, as there is none.
    let promoted = ScratchDatabase::at(&standby.url());
    promoted.try_execute("ALTER SYSTEM SET synchronous_standby_names = ''")?;
    promoted.try_execute("SELECT pg_reload_conf()")?;
    load.wait_for_write_after(over, Duration::from_secs(30))?;
    load.run_for(ground.span(2.0, 10.0).max(Duration::from_secs_f64(WRITES_WITHIN)));
    let phases = Phases { begin, fault, over, end: Instant::now() };

    let (record, ledger) = load.stop()?;
    let balance = ledger.compare(&standby.url_of(&name))?;
    let report = &mut ground.report;
    phases.tell(&record, report);
    let seconds = |moment| record.writes().first_good_after(moment).map_or("never".to_owned(), |s| format!("{s:.2} s"));
    let gap = record.writes().longest_gap(fault, phases.end);
    report.figure("without writes, from the kill", format!("{gap:.2} s"));
    report.figure("without writes, from the promotion", seconds(over));
    let reads = phases.during(&record).verifications();
    let stale = reads.those(|sample| sample.stale && sample.is(200)).len();
    report.figure("verifications during: all / 200 / of these, stale", {
        format!("{} / {} / {stale}", reads.len(), reads.count(200))
    });
    let known = reads.those(|sample| sample.ask == Ask::VerifyAgain);
    report.promise("verifications of users in memory, during", known.len() > 0, known.len());
    report.none("of these, not answered with 200", known.len() - known.count(200));
    // The standby takes connections before the order to promote it has returned.
    let late = known.between(fault + NOTICED_WITHIN, ordered);
    report.none("of these, not said to be stale (later than 1 s)", late.those(|sample| !sample.stale).len());
    phases.hold_refusals(&record, SLOWEST_REFUSAL_MS, report);
    report.none("requests without an answer", record.unanswered());
    phases.hold_recovery(&record, WRITES_WITHIN, report);
    phases.hold_memory(&watch.stop()?, GROWTH_MEBIBYTES, report);
    balance.hold(report);
    Ok(())
}

/// From when this returns, nothing is acknowledged before the standby has it on its disk.
fn make_synchronous(primary: &OwnPostgres) -> anyhow::Result<()> {
    let server = ScratchDatabase::at(&primary.url());
    server.try_execute("ALTER SYSTEM SET synchronous_standby_names = '*'")?;
    server.try_execute("SELECT pg_reload_conf()")?;
    let state = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming' LIMIT 1";
    wait::until("the standby is synchronous", Duration::from_secs(60), || {
        Ok(server.try_scalar(state)?.filter(|state| state == "sync").map(|_| ()))
    })
}
