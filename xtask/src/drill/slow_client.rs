//! A thousand clients that send slowly, stop in the middle, or never read.

use std::time::{Duration, Instant};

use super::metrics::Metrics;
use super::phases::Phases;
use super::slow_crowd::{Crowd, Limits, Manner, SLACK, Slow};
use super::watch::Watch;
use super::{Drill, Ground, Load, LoadPlan, NodePlan, wait};

pub(super) const DRILL: Drill = Drill {
    name: "slow-client",
    fault: "a thousand clients send byte by byte, stop in the middle, say nothing, or never read",
    perform,
};

/// Of well-behaved clients, in milliseconds.
const P99_MS: f64 = 1000.0;
const GROWTH_MEBIBYTES: f64 = 48.0;

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let limits = if ground.is_short() {
        Limits { head: 2000, body: 2500, keep_alive: 2500, ping: 1000, write: 2000 }
    } else {
        // The defaults, but for the pings.
        Limits { head: 5000, body: 10_000, keep_alive: 15_000, ping: 5000, write: 10_000 }
    };
    let tenant = ground.tenant()?;
    let Limits { head, body, keep_alive, ping, write } = limits;
    let plan = NodePlan::new("authsync", &tenant, &ground.sqlite()).toml(&format!(
        "[http]\nheader_timeout_ms = {head}\nbody_timeout_ms = {body}\nkeep_alive_ms = {keep_alive}\n\
         [websocket]\nping_ms = {ping}\nwrite_timeout_ms = {write}"
    ));
    let node = ground.node(plan)?;
    let people = tenant.people("person", 100)?;
    let watch = Watch::begin(node.process_cell());
    let load = Load::start(LoadPlan { per_second: 200, ..LoadPlan::ORDINARY }, &[node.address()], people, Vec::new());
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let slow_people = tenant.people("person", 100)?;
    let begin = Instant::now();
    load.run_for(ground.span(1.5, 10.0));

    let fault = Instant::now();
    let earlier = Metrics::of(&node)?;
    let crowd = Crowd::gather(node.address(), slow_people);
    let longest = Manner::ALL.map(|manner| manner.ends_within(limits)).into_iter().fold(0.0, f64::max);
    wait::up_to(fault + ground.span(1.0, 2.0));
    let held = Metrics::of(&node)?.sum("authsync_websockets_open", &[]);
    ground.step(format_args!("{held} of them have a socket by now"));
    crowd.wait_until_all_have_ended(Duration::from_secs_f64(longest + SLACK))?;
    let over = Instant::now();
    load.run_for(ground.span(1.0, 5.0));
    let end = Instant::now();
    let ends = crowd.stop()?;
    let later = Metrics::of(&node)?;
    let (record, ledger) = load.stop()?;
    let balance = ledger.compare(&ground.sqlite())?;
    let (course, p99) = (watch.stop()?, ground.leeway(P99_MS));

    let report = &mut ground.report;
    let phases = Phases { begin, fault, over, end };
    phases.tell(&record, report);
    let during = phases.during(&record);
    report.at_most("p99 of the others", Some(during.percentile(99)), p99, "ms");
    report.none("others who did not get 200", {
        let all = record.between(begin, end);
        all.answered_otherwise(&[200]) + all.unanswered()
    });
    for manner in Manner::ALL {
        let of: Vec<&Slow> = ends.iter().filter(|slow| slow.manner == manner).collect();
        let took = of.iter().map(|slow| slow.ended).collect::<Option<Vec<Duration>>>();
        let slowest = took.and_then(|took| took.into_iter().max()).map(|took| took.as_secs_f64());
        report.at_most(
            &format!("until the last has ended: {}", manner.name()),
            slowest,
            manner.ends_within(limits),
            "s",
        );
        let wrong = of.iter().filter(|slow| !slow.was_told(manner.answers())).count();
        let odd = of.iter().find(|slow| !slow.was_told(manner.answers()));
        let heard = odd.map(|slow| slow.heard()).unwrap_or_default();
        report.promise(&format!("others than it should be told: {}", manner.name()), wrong == 0, {
            if wrong == 0 { "0".to_owned() } else { format!("{wrong}, for example {heard:?}") }
        });
    }
    let told = later.since(&earlier, "authsync_http_requests_total", &["status=\"408\""]);
    report.figure("408 counted", told);
    report.figure(
        "sockets closed by the server that were counted",
        later.since(&earlier, "authsync_websockets_closed_total", &[]),
    );
    let open = later.sum("authsync_websockets_open", &[]);
    report.promise("sockets still open", open < 0.5, open);
    phases.hold_memory(&course, GROWTH_MEBIBYTES, report);
    let (first, last) =
        (course.between(begin, fault).most_descriptors(), course.0.last().map_or(0, |it| it.descriptors));
    report.promise("descriptors in the end, at most as before", last <= first + 8, format!("{first} / {last}"));
    balance.hold(report);
    Ok(())
}
