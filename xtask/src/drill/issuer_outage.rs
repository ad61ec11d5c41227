//! The issuer is out of reach, twice: once nobody listens, once nobody answers.

use std::time::{Duration, Instant};

use super::gate::{Door, Gate};
use super::metrics::Metrics;
use super::probe::Probe;
use super::record::Record;
use super::report::Report;
use super::{Drill, Ground, Load, LoadPlan, Node, NodePlan, wait};

pub(super) const DRILL: Drill = Drill {
    name: "issuer-outage",
    fault: "the issuer refuses connections, then takes them and never answers, for longer than old keys serve",
    perform,
};

const MAX_AGE_SECS: f64 = 1.0;
const COOLDOWN_SECS: f64 = 1.0;
/// A fetch that was begun in the outage is waited for (5 s); then there is a pause, and a busy machine.
const BACK_WITHIN: f64 = 5.0 + COOLDOWN_SECS + 1.5;
/// From the start of the process, with an issuer that never answers.
const STARTS_WITHIN: f64 = 3.0;
const P99_MS: f64 = 500.0;
/// Without keys one request at a time waits for its own fetch, of 5 s; and a busy machine.
const SLOWEST_REFUSAL_MS: f64 = 6_500.0;
/// How much later than the limit a key may still serve, in seconds.
const SLACK: f64 = 1.0;
/// Of a span of time, in seconds: what was under way.
const EDGE: f64 = 0.2;

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let gate = Gate::start()?;
    let tenant = ground.tenant_known_as(gate.address())?;
    gate.lead_to(&[tenant.address()]);
    // Long enough for a restart within it.
    let stale = ground.span(8.0, 30.0);
    let plan = |name: &str, entries: &str| {
        let database = format!("sqlite://{}", ground.folder().join(name).with_extension("db").display());
        NodePlan::new(name, &tenant, &database)
            .variable("AUTHSYNC_JWKS_MAX_AGE_SECS", &MAX_AGE_SECS.to_string())
            .variable("AUTHSYNC_JWKS_COOLDOWN_SECS", &COOLDOWN_SECS.to_string())
            .variable("AUTHSYNC_JWKS_STALE_SECS", &stale.as_secs().to_string())
            .variable("AUTHSYNC_TOKEN_CACHE_ENTRIES", entries)
            .variable("AUTHSYNC_USER_CACHE_ENTRIES", entries)
    };
    let mut nodes = Vec::new();
    for (name, entries) in [("caches-on", "10000"), ("caches-off", "0")] {
        nodes.push((name, ground.node(plan(name, entries))?));
    }
    let load_plan = LoadPlan { clients: 8, per_second: 160, ..LoadPlan::ORDINARY };
    let (people, newcomers) = (tenant.people("person", 80)?, tenant.people("newcomer", 300)?);
    let loads: Vec<Load> = (nodes.iter())
        .map(|(_, node)| Load::start(load_plan, &[node.address()], people.clone(), newcomers.clone()))
        .collect();
    for load in &loads {
        load.wait_until_all_are_known(Duration::from_secs(30))?;
    }
    let run_for = |time| wait::up_to(Instant::now() + time);
    run_for(ground.span(1.0, 5.0));
    let probes: Vec<Probe> = nodes.iter().map(|(_, node)| Probe::begin(node.address())).collect();

    ground.step("the issuer refuses connections");
    let refused = moment(&nodes)?;
    gate.turn(Door::Shut);
    run_for(ground.span(2.5, 18.0));
    let refused_until = moment(&nodes)?;
    gate.turn(Door::Open);
    wait_until_fresh(&nodes)?;
    let fresh = Instant::now();

    ground.step("the issuer takes connections and never answers");
    let silent = moment(&nodes)?;
    gate.turn(Door::Silent);
    run_for(Duration::from_secs_f64(MAX_AGE_SECS));
    for probe in probes {
        let (_, wrong) = probe.stop()?;
        ground.report.none("wrong answers of what needs no issuer", wrong);
    }
    // The load finds a node gone for that long, which is no fault of the issuer's.
    let down = Instant::now();
    let mut starts = Vec::new();
    for ((_, node), load) in nodes.iter_mut().zip(&loads) {
        node.kill()?;
        let start = Instant::now();
        node.start_again()?;
        load.wait_for_read_after(start, Duration::from_secs(30))?;
        starts.push(start);
    }
    let up = Instant::now();
    ground.step("both nodes were killed and have started in the outage");
    let limit = silent.at + stale;
    wait::up_to(limit + ground.span(0.0, SLOWEST_REFUSAL_MS / 1000.0));
    gate.turn(Door::Shut);
    run_for(Duration::from_secs_f64(SLACK) + ground.span(1.5, 5.0));
    let missing: Vec<String> = states(&nodes)?;
    let over = Instant::now();
    gate.turn(Door::Open);
    ground.step("the issuer is back");
    for load in &loads {
        load.wait_for_write_after(over, Duration::from_secs(30))?;
    }
    run_for(ground.span(1.0, 5.0));
    let end = Instant::now();
    let states = states(&nodes)?;
    let (p99, starts_within) = (ground.leeway(P99_MS), ground.leeway(STARTS_WITHIN));

    for (((number, load), (name, _)), start) in loads.into_iter().enumerate().zip(&nodes).zip(starts) {
        let (record, ledger) = load.stop()?;
        let database = format!("sqlite://{}", ground.folder().join(name).with_extension("db").display());
        let balance = ledger.compare(&database)?;
        let report = &mut ground.report;
        report.figure("the node with", name);
        // The keys may have been of that age already when the issuer fell silent.
        let certain = before(limit.checked_sub(Duration::from_secs_f64(MAX_AGE_SECS)).unwrap_or(limit));
        let judged =
            [record.between(refused.at, fresh), record.between(silent.at, before(down)), record.between(up, certain)];
        let judged = Record::joined(judged);
        report.figure("answers while keys serve", judged.outcomes());
        report.none("answers that changed while keys serve", judged.answered_otherwise(&[200]) + judged.unanswered());
        report.at_most("p99 while keys serve", Some(judged.percentile(99)), p99, "ms");
        let counted = number_of(&refused_until.metrics, &refused.metrics, number);
        let old = refused.at + Duration::from_secs_f64(MAX_AGE_SECS + EDGE);
        let until = before(refused_until.at);
        let answered = record.between(old, until).count(200);
        report.figure("answers with old keys, at least", answered);
        report.promise("each of them was counted", answered > 0 && counted >= answered as f64, counted);
        let verified = record.reads().first_good_after(start);
        report.at_most("from a start in the outage to the first verification", verified, starts_within, "s");
        let late = record.between(limit + Duration::from_secs_f64(SLACK), over);
        report.figure("answers past the stale limit", late.outcomes());
        report.figure("p50 / p99 of these", late.times());
        hold_unavailable(&late, report);
        let back = record.first_good_after(over);
        report.at_most("from the issuer's return to the first good answer", back, BACK_WITHIN, "s");
        let after = over + Duration::from_secs_f64(back.unwrap_or(BACK_WITHIN) + COOLDOWN_SECS);
        report.none("requests that fail later than that", {
            let record = record.between(after, end);
            record.answered_otherwise(&[200]) + record.unanswered()
        });
        report.none("401 at any time", record.count(401));
        balance.hold(report);
    }
    let report = &mut ground.report;
    report.promise("/readyz past the stale limit", missing.iter().all(|it| it == "503 missing"), missing.join(", "));
    report.promise("/readyz in the end", states.iter().all(|it| it == "200 fresh"), states.join(", "));
    Ok(())
}

/// So long before a moment that nothing is under way any more when it comes.
fn before(moment: Instant) -> Instant {
    moment.checked_sub(Duration::from_secs_f64(EDGE)).unwrap_or(moment)
}

/// A moment, and what each node had counted by then.
struct Look {
    at: Instant,
    metrics: Vec<Metrics>,
}

fn moment(nodes: &[(&str, Node)]) -> anyhow::Result<Look> {
    let metrics = nodes.iter().map(|(_, node)| Metrics::of(node)).collect::<anyhow::Result<_>>()?;
    Ok(Look { at: Instant::now(), metrics })
}

fn number_of(later: &[Metrics], earlier: &[Metrics], number: usize) -> f64 {
    let both = later.get(number).zip(earlier.get(number));
    both.map_or(0.0, |(later, earlier)| later.since(earlier, "authsync_jwks_stale_uses_total", &[]))
}

/// The status of `/readyz` and the state of the keys.
fn states(nodes: &[(&str, Node)]) -> anyhow::Result<Vec<String>> {
    let state = |(_, node): &(&str, Node)| {
        let answer = node.look_at("/readyz")?;
        let body: serde_json::Value = serde_json::from_str(&answer.body)?;
        let state = body.pointer("/keys/state").and_then(serde_json::Value::as_str).unwrap_or("unknown").to_owned();
        Ok(format!("{} {state}", answer.status.as_u16()))
    };
    nodes.iter().map(state).collect()
}

fn wait_until_fresh(nodes: &[(&str, Node)]) -> anyhow::Result<()> {
    let within = Duration::from_secs_f64(BACK_WITHIN);
    wait::until("keys are fresh", within, || Ok(states(nodes)?.iter().all(|it| it == "200 fresh").then_some(())))
}

/// Our own trouble: 503 that says when to come back.
fn hold_unavailable(record: &Record, report: &mut Report) {
    report.promise("refused past the stale limit", record.count(503) > 0, record.count(503));
    report.none("other answers than 503 past the stale limit", record.answered_otherwise(&[503]) + record.unanswered());
    report.none("503 without Retry-After", record.those(|it| it.is(503) && !it.retry_after).len());
    report.at_most("slowest 503", Some(record.percentile(100)), SLOWEST_REFUSAL_MS, "ms");
}
