//! The issuer's keys are rotated, replaced without a word, and withdrawn, under load, on two nodes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use scratch_database::OwnPostgres;

use super::ledger::Ledger;
use super::metrics::Metrics;
use super::record::Record;
use super::report::Report;
use super::{Drill, Ground, Load, LoadPlan, Node, NodePlan, Tenant};

pub(super) const DRILL: Drill = Drill {
    name: "rotation",
    fault: "keys are rotated, replaced without a word, and withdrawn, under load, on two nodes",
    perform,
};

const P99_MS: f64 = 500.0;
/// How often a node may ask for the keys because of a key that it does not know, as [`NodePlan`] sets it here.
const COOLDOWN_SECS: f64 = 5.0;
const PATIENCE: Duration = Duration::from_secs(60);
/// A fetch itself takes time, on a busy machine.
const SLACK: f64 = 1.0;

/// A load whose tokens were signed with one key.
struct Generation {
    name: &'static str,
    load: Load,
    begin: Instant,
}

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    let max_age = ground.span(4.0, 30.0);
    let mut nodes = Vec::new();
    for name in ["one", "two"] {
        let plan = NodePlan::new(name, &tenant, database.url())
            .variable("AUTHSYNC_JWKS_MAX_AGE_SECS", &max_age.as_secs().to_string())
            .variable("AUTHSYNC_JWKS_COOLDOWN_SECS", &COOLDOWN_SECS.to_string())
            .patient();
        nodes.push(ground.node(plan)?);
    }
    let addresses: Vec<SocketAddr> = nodes.iter().map(Node::address).collect();
    let start = Metrics::of_all(&nodes)?;
    let begin = Instant::now();
    let mut generations = vec![Generation::start("first", &tenant, &addresses)?];
    pause(ground.span(1.0, 5.0));

    order(&tenant, "/dev/rotate")?;
    ground.step("the key that was announced signs from now on");
    generations.push(Generation::start("announced", &tenant, &addresses)?);
    pause(ground.span(1.0, 5.0));
    let before_sudden = Metrics::of_all(&nodes)?;
    order(&tenant, "/dev/rotate-suddenly")?;
    ground.step("a key signs that nobody has heard of");
    let sudden = Instant::now();
    generations.push(Generation::start("sudden", &tenant, &addresses)?);
    let after_sudden = Metrics::of_all(&nodes)?;
    ground.step(format_args!("its tokens are used, {:.1} s later", sudden.elapsed().as_secs_f64()));
    pause(ground.span(1.0, 5.0));

    order(&tenant, "/dev/withdraw-previous")?;
    let withdrawn = Instant::now();
    ground.step("the keys before it are withdrawn");
    pause(max_age + Duration::from_secs_f64(SLACK) + ground.span(1.0, 5.0));
    let end = Instant::now();
    let (last, p99) = (Metrics::of_all(&nodes)?, ground.leeway(P99_MS));

    for generation in generations {
        let name = generation.name;
        let (record, ledger, begun) = generation.stop()?;
        let report = &mut ground.report;
        if name == "sudden" {
            report.figure("answers to tokens of the sudden key", record.between(begun, end).outcomes());
            hold_good(name, &record.between(begun, end), p99, report);
            ledger.compare(database.url())?.hold(report);
            continue;
        }
        hold_good(name, &record.between(begun, withdrawn), p99, report);
        let after = record.between(withdrawn, end);
        report.figure(&format!("answers after it was withdrawn, {name}"), after.outcomes());
        report.none(
            &format!("other than 200 and 401, {name}"),
            after.answered_otherwise(&[200, 401]) + after.unanswered(),
        );
        let last = after.last_good().map(|last| last.duration_since(withdrawn).as_secs_f64());
        let bound = max_age.as_secs_f64() + SLACK;
        report.at_most(&format!("last good answer to a withdrawn key, {name}"), Some(last.unwrap_or(0.0)), bound, "s");
        report.promise(&format!("refused afterwards, {name}"), after.count(401) > 0, after.count(401));
    }
    let report = &mut ground.report;
    let seconds = end.duration_since(begin).as_secs_f64();
    for (number, ((start, last), (before, after))) in
        start.iter().zip(&last).zip(before_sudden.iter().zip(&after_sudden)).enumerate()
    {
        report.figure(&format!("fetches of node {} in {seconds:.0} s", number + 1), last.fetches_since(start));
        // Refreshed ahead at 72 % of the greatest age at the earliest, two and one more for each cooldown because of
        // keys that nobody knows, and one more at the edge.
        let allowed = (seconds / (max_age.as_secs_f64() * 0.72)).ceil() + 3.0 + (seconds / COOLDOWN_SECS).ceil();
        report.at_most("of all", Some(last.fetches() - start.fetches()), allowed, "fetches");
        report.at_most("because of the sudden key", Some(after.fetches() - before.fetches()), 3.0, "fetches");
    }
    Ok(())
}

impl Generation {
    /// Returns when each of its people was let in.
    fn start(name: &'static str, tenant: &Tenant, addresses: &[SocketAddr]) -> anyhow::Result<Self> {
        let (people, newcomers) = (tenant.people(name, 80)?, tenant.people(&format!("{name}-new"), 100)?);
        let begin = Instant::now();
        let plan = LoadPlan { clients: 8, per_second: 160, ..LoadPlan::ORDINARY };
        let load = Load::start(plan, addresses, people, newcomers);
        load.wait_until_all_are_known(Duration::from_secs(30))?;
        Ok(Self { name, load, begin })
    }

    fn stop(self) -> anyhow::Result<(Record, Ledger, Instant)> {
        let (record, ledger) = self.load.stop()?;
        Ok((record, ledger, self.begin))
    }
}

fn hold_good(name: &str, record: &Record, p99: f64, report: &mut Report) {
    report.figure(&format!("p50 / p99, {name}"), record.times());
    report.none(&format!("good tokens that failed, {name}"), record.answered_otherwise(&[200]) + record.unanswered());
    report.at_most(&format!("p99, {name}"), Some(record.percentile(99)), p99, "ms");
}

/// Has the tenant do something; to draw a key takes it seconds on a busy machine.
pub(super) fn order(tenant: &Tenant, path: &str) -> anyhow::Result<()> {
    let config = ureq::Agent::config_builder().proxy(None).timeout_global(Some(PATIENCE));
    let answer = config.build().new_agent().post(format!("http://{}{path}", tenant.address())).send_empty();
    answer.with_context(|| path.to_owned())?;
    Ok(())
}

/// Under the loads that there are.
pub(super) fn pause(time: Duration) {
    super::wait::up_to(Instant::now() + time);
}
