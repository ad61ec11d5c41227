//! A long time of everything: people who come and go, tokens, rotations, sockets.

use std::time::{Duration, Instant};

use scratch_database::OwnPostgres;

use super::ledger::Balance;
use super::metrics::Metrics;
use super::record::Record;
use super::rotation::order;
use super::sockets::Sockets;
use super::watch::{Course, Watch};
use super::{Drill, Ground, Load, LoadPlan, NodePlan};

pub(super) const DRILL: Drill =
    Drill { name: "soak", fault: "ten minutes of people, tokens, rotations and sockets that come and go", perform };

/// What part of the time memory may take to settle.
const WARM_UP: f64 = 0.4;
const P99_MS: f64 = 500.0;
/// By which memory may grow after that, in MiB: what allocators keep, and what caches are still filled with.
const GROWTH_MEBIBYTES: f64 = 4.0;
const DESCRIPTORS: usize = 16;
const SOCKETS: usize = 30;

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    let plan = NodePlan::new("authsync", &tenant, database.url())
        .variable("AUTHSYNC_JWKS_MAX_AGE_SECS", "20")
        .variable("AUTHSYNC_JWKS_COOLDOWN_SECS", "2")
        // Full before the warm-up is over: what they take in later is no growth.
        .variable("AUTHSYNC_TOKEN_CACHE_ENTRIES", "1000")
        .variable("AUTHSYNC_USER_CACHE_ENTRIES", "500")
        .patient();
    let node = ground.node(plan)?;
    let (lasts, each) = (ground.span(15.0, 600.0), ground.span(4.0, 20.0));
    let watch = Watch::begin(node.process_cell());
    let earlier = Metrics::of(&node)?;
    let begin = Instant::now();
    let (mut records, mut balances, mut sent_away, mut generation) = (Vec::new(), Vec::new(), 0, 0);
    let mut before: Option<(Load, Sockets)> = None;
    while begin.elapsed() < lasts || generation < 2 {
        // Two crowds in turn: whoever comes back has a new token, and everybody's last one is still good meanwhile.
        let crowd = if generation % 2 == 0 { "even" } else { "odd" };
        if generation > 0 {
            order(&tenant, "/dev/rotate")?;
        }
        let (count, new) = if ground.is_short() { (60, 30) } else { (150, 100) };
        let (people, newcomers) = (tenant.people(crowd, count)?, tenant.people(&format!("new-{generation}"), new)?);
        let sockets = people.iter().take(SOCKETS).cloned().collect();
        let load_plan = LoadPlan { clients: 16, per_second: 200, ..LoadPlan::ORDINARY };
        let load = Load::start(load_plan, &[node.address()], people, newcomers);
        load.wait_until_all_are_known(Duration::from_secs(30))?;
        let sockets = Sockets::of(sockets, node.address());
        sockets.wait_until_open(SOCKETS, Duration::from_secs(30))?;
        if let Some((load, sockets)) = before.take() {
            let (record, ledger) = load.stop()?;
            sent_away += sockets.stop()?.ends.len();
            balances.push(ledger.compare(database.url())?);
            records.push(record);
            order(&tenant, "/dev/withdraw-previous")?;
        }
        load.run_for(each);
        before = Some((load, sockets));
        generation += 1;
        if generation % 5 == 0 {
            ground.step(format_args!("{generation} generations"));
        }
    }
    let end = Instant::now();
    if let Some((load, sockets)) = before.take() {
        let (record, ledger) = load.stop()?;
        sent_away += sockets.stop()?.ends.len();
        balances.push(ledger.compare(database.url())?);
        records.push(record);
    }
    let later = Metrics::of(&node)?;
    let course = watch.stop()?;

    let (record, p99) = (Record::joined(records), ground.leeway(P99_MS));
    let report = &mut ground.report;
    report.figure("lasted", format!("{:.0} s", end.duration_since(begin).as_secs_f64()));
    report.figure("generations of people, tokens and keys", generation);
    report.figure("answers", record.outcomes());
    report.figure("p50 / p99", record.times());
    report.figure("fetches of keys", later.fetches_since(&earlier));
    report.at_most("p99", Some(record.percentile(99)), p99, "ms");
    report.none("answers other than 200, or none", record.answered_otherwise(&[200]) + record.unanswered());
    report.none("sockets that were sent away", sent_away);
    let warm = begin + end.duration_since(begin).mul_f64(WARM_UP);
    let middle = warm + end.duration_since(warm).div_f64(2.0);
    let (first, second) = (course.between(warm, middle), course.between(middle, end));
    let slope = slope(&course.between(warm, end));
    report.figure("memory: first look / after warming up / in the end", {
        let at = |course: &Course| course.0.first().map_or(0.0, |look| look.resident_mebibytes);
        format!("{:.1} / {:.1} / {:.1} MiB", at(&course), first.most_memory(), second.most_memory())
    });
    report.figure("slope of memory after warming up", format!("{:.3} MiB/min", slope * 60.0));
    let growth = slope * end.duration_since(warm).as_secs_f64();
    report.at_most("by the slope, growth of memory", Some(growth.max(0.0)), GROWTH_MEBIBYTES, "MiB");
    let (first, second) = (first.most_descriptors(), second.most_descriptors());
    report.promise("most descriptors: earlier / later", second <= first + DESCRIPTORS, format!("{first} / {second}"));
    Balance::sum(balances).hold(report);
    Ok(())
}

/// Of memory over time, in MiB for each second, by least squares.
fn slope(course: &Course) -> f64 {
    let Some(zero) = course.0.first().map(|look| look.at) else { return 0.0 };
    let points: Vec<(f64, f64)> =
        (course.0.iter()).map(|look| (look.at.duration_since(zero).as_secs_f64(), look.resident_mebibytes)).collect();
    let count = points.len() as f64;
    let (time, memory) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let (time, memory) = (time / count, memory / count);
    let above: f64 = points.iter().map(|point| (point.0 - time) * (point.1 - memory)).sum();
    let below: f64 = points.iter().map(|point| (point.0 - time).powi(2)).sum();
    if below > 0.0 { above / below } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::watch::Look;

    #[test]
    fn a_slope_is_that_of_a_line() {
        let zero = Instant::now();
        let look = |second: u32| Look {
            at: zero + Duration::from_secs(u64::from(second)),
            resident_mebibytes: 20.0 + 0.5 * f64::from(second),
            descriptors: 9,
        };
        assert!((slope(&Course((0..10).map(look).collect())) - 0.5).abs() < 1e-9);
        assert!(slope(&Course(vec![look(0)])).abs() < 1e-9);
    }
}
