//! The disk under the database fills up, and gets room again.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use scratch_database::{OwnPostgres, SmallDisk};

use super::ledger::{Balance, Ledger};
use super::phases::Phases;
use super::record::Record;
use super::watch::Watch;
use super::{Drill, Ground, Load, LoadPlan, Node, NodePlan, Tenant, ledger, wait};

pub(super) const DRILL: Drill = Drill {
    name: "disk-full",
    fault: "the disk under the database fills up under load and gets room again, on PostgreSQL and on SQLite",
    perform,
};

/// In seconds.
const BACK_WITHIN: f64 = 2.0;
const SLOWEST_REFUSAL_MS: f64 = 7500.0;
const GROWTH_MEBIBYTES: f64 = 16.0;
/// With what an empty cluster takes, and some room.
const POSTGRES_MEGABYTES: u32 = 96;
const SQLITE_MEGABYTES: u32 = 16;
/// Many who are new: only what needs more room fails.
const LOAD: LoadPlan = LoadPlan { verify: 4, sync_same: 1, sync_changed: 2, sync_new: 3, ..LoadPlan::ORDINARY };

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    ground.step("PostgreSQL, with its log on a disk of its own");
    let postgres = OwnPostgres::plan().durable().on_a_disk_of(POSTGRES_MEGABYTES).start()?;
    let database = postgres.try_database()?;
    let node = ground.node(NodePlan::new("postgres", &tenant, database.url()))?;
    ledger::keep_journal(database.url())?;
    let disk = postgres.disk().context("PostgreSQL has a small disk")?;
    through(&node, disk, &tenant, ground, |ledger| ledger.compare(database.url()))?;
    drop(node);

    ground.step("SQLite");
    let place = ground.folder().join("disk");
    let plan = NodePlan::new("sqlite", &tenant, &url_of(&place)).on_a_disk(place, SQLITE_MEGABYTES);
    let node = ground.node(plan)?;
    let disk = node.disk().context("the node has a small disk")?;
    let copies = ground.folder().to_owned();
    through(&node, &disk, &tenant, ground, |ledger| {
        // SQLite would look for the file where its links lead, which is outside of the disk.
        for file in ["users.db", "users.db-wal"] {
            fs::copy(disk.path_of(file), copies.join(file)).with_context(|| format!("{file} cannot be copied"))?;
        }
        ledger.compare(&url_of(&copies))
    })
}

fn url_of(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("users.db").display())
}

fn through(
    node: &Node,
    disk: &SmallDisk,
    tenant: &Tenant,
    ground: &mut Ground,
    compare: impl FnOnce(&Ledger) -> anyhow::Result<Balance>,
) -> anyhow::Result<()> {
    let people = tenant.people("person", 100)?;
    let newcomers = tenant.people("newcomer", ground.count(1200, 5000))?;
    let watch = Watch::begin(node.process_cell());
    let load = Load::start(LOAD, &[node.address()], people, newcomers);
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let begin = Instant::now();
    load.run_for(ground.span(1.0, 5.0));

    let fault = Instant::now();
    disk.fill()?;
    // What the database had set aside can still be used.
    wait::until("a write is refused", Duration::from_secs(20), || Ok((load.refused_writes() > 0).then_some(())))?;
    let full = Instant::now();
    ground
        .step(format_args!("the first write is refused {:.1} s after the disk was full", (full - fault).as_secs_f64()));
    load.run_for(ground.span(2.0, 10.0));
    disk.make_room()?;
    let over = Instant::now();
    load.wait_for_write_after(over, Duration::from_secs(30))?;
    load.run_for(Duration::from_secs_f64(BACK_WITHIN) + ground.span(0.5, 5.0));
    let phases = Phases { begin, fault, over, end: Instant::now() };

    let (record, ledger) = load.stop()?;
    let course = watch.stop()?;
    let balance = compare(&ledger)?;
    tell(&phases, full, &record, &balance, ground);
    phases.hold_memory(&course, GROWTH_MEBIBYTES, &mut ground.report);
    Ok(())
}

fn tell(phases: &Phases, full: Instant, record: &Record, balance: &Balance, ground: &mut Ground) {
    let report = &mut ground.report;
    phases.tell(record, report);
    let refused = phases.during(record).writes().count(503);
    report.promise("writes that were refused while the disk was full", refused > 0, refused);
    let reads = record.between(full, phases.over).verifications();
    report.promise("verifications while it was full", reads.len() > 0, reads.len());
    report.none("of these, not answered with 200", reads.len() - reads.count(200));
    phases.hold_refusals(record, SLOWEST_REFUSAL_MS, report);
    report.none("requests without an answer", record.unanswered());
    phases.hold_recovery(record, BACK_WITHIN, report);
    report.none("refused writes that changed a row", balance.refused_and_made);
    balance.hold(report);
}
