//! Two nodes behind a balancer are restarted in turn, under load.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use scratch_database::OwnPostgres;

use super::gate::Gate;
use super::sockets::Sockets;
use super::wire::Wire;
use super::{Drill, Ground, Load, LoadPlan, NodePlan};

pub(super) const DRILL: Drill = Drill {
    name: "rolling-restart",
    fault: "two nodes behind a balancer are told to end and started again, one after the other, under load",
    perform,
};

/// From SIGTERM to the end of the process, in seconds.
const ENDS_WITHIN: f64 = 30.0;
/// From SIGTERM to the last word to a socket, in seconds.
const SOCKETS_TOLD_WITHIN: f64 = 3.0;
const SOCKETS: usize = 40;
const P99_MS: f64 = 500.0;
/// The most that clients wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let tenant = ground.tenant()?;
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    let mut nodes = Vec::new();
    for name in ["one", "two"] {
        nodes.push(ground.node(NodePlan::new(name, &tenant, database.url()).patient())?);
    }
    let addresses: Vec<SocketAddr> = nodes.iter().map(super::node::Node::address).collect();
    let balancer = Balancer::start(&addresses)?;
    balancer.wait_for(2)?;
    let (people, newcomers) = (tenant.people("person", 160)?, tenant.people("newcomer", 400)?);
    let plan = LoadPlan { per_second: 320, patience: PATIENCE, ..LoadPlan::ORDINARY };
    let load = Load::start(plan, &[balancer.gate.address()], people.clone(), newcomers);
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let sockets = Sockets::of(people.into_iter().take(SOCKETS).collect(), balancer.gate.address());
    sockets.wait_until_open(SOCKETS, Duration::from_secs(30))?;
    let begin = Instant::now();
    load.run_for(ground.span(1.0, 5.0));

    let mut restarts = Vec::new();
    for _ in 0..if ground.is_short() { 1 } else { 3 } {
        for node in &mut nodes {
            let told = Instant::now();
            node.signal(Signal::TERM)?;
            let code = node.end_code(Duration::from_secs_f64(ENDS_WITHIN))?;
            restarts.push((told, told.elapsed().as_secs_f64(), code));
            ground.step(format_args!("a node has ended after {:.1} s", told.elapsed().as_secs_f64()));
            node.start_again()?;
            node.wait_until_ready(Duration::from_secs(30))?;
            balancer.wait_for(2)?;
            sockets.wait_until_open(SOCKETS, Duration::from_secs(10))?;
            load.run_for(ground.span(1.0, 5.0));
        }
    }
    let end = Instant::now();
    let (record, ledger) = load.stop()?;
    let seen = sockets.stop()?;
    let balance = ledger.compare(database.url())?;

    let (record, p99) = (record.between(begin, end), ground.leeway(P99_MS));
    let told_within = ground.leeway(SOCKETS_TOLD_WITHIN);
    let report = &mut ground.report;
    report.figure("answers", record.outcomes());
    report.figure("p50 / p99", record.times());
    report.at_most("p99", Some(record.percentile(99)), p99, "ms");
    report.none("requests without an answer", record.unanswered());
    report.none("answers other than 200", record.answered_otherwise(&[200]));
    let slowest = restarts.iter().map(|(_, took, _)| *took).fold(0.0, f64::max);
    report.at_most("from SIGTERM to the end of the process", Some(slowest), ENDS_WITHIN, "s");
    report.none("exit codes other than 0", restarts.iter().filter(|(_, _, code)| *code != Some(0)).count());
    let told = seen.ends.iter().filter(|end| end.code == Some(1001)).count();
    report.promise("sockets that were told to reconnect (1001)", told >= SOCKETS, told);
    report.none("sockets that ended in another way", seen.ends.len() - told);
    // While the balancer does not know yet, some reach a node that is about to stop.
    report.figure("handshakes that were refused, and made again", seen.refused);
    let late = seen.ends.iter().filter_map(|end| {
        let told = restarts.iter().map(|(told, _, _)| *told).filter(|told| *told <= end.at).max()?;
        Some(end.at.duration_since(told).as_secs_f64())
    });
    report.at_most("from SIGTERM to the last of them", Some(late.fold(0.0, f64::max)), told_within, "s");
    balance.hold(report);
    Ok(())
}

/// Takes a node out when `/readyz` is not 200, as load balancers do, and in again when it is.
struct Balancer {
    gate: Arc<Gate>,
    over: Arc<AtomicBool>,
    in_service: Arc<AtomicUsize>,
    looks: Option<JoinHandle<()>>,
}

impl Balancer {
    /// Between two looks at a node.
    const INTERVAL: Duration = Duration::from_millis(100);

    fn start(nodes: &[SocketAddr]) -> anyhow::Result<Self> {
        let gate = Arc::new(Gate::start()?);
        let (over, in_service) = (Arc::new(AtomicBool::new(false)), Arc::<AtomicUsize>::default());
        let looks = {
            let (gate, over, in_service) = (Arc::clone(&gate), Arc::clone(&over), Arc::clone(&in_service));
            let nodes = nodes.to_vec();
            thread::spawn(move || {
                while !over.load(Ordering::SeqCst) {
                    let ready: Vec<SocketAddr> = nodes.iter().copied().filter(|&node| is_ready(node)).collect();
                    // Nobody at all is worse than somebody who may not be ready.
                    gate.lead_to(if ready.is_empty() { &nodes } else { &ready });
                    in_service.store(ready.len(), Ordering::SeqCst);
                    thread::park_timeout(Self::INTERVAL);
                }
            })
        };
        Ok(Self { gate, over, in_service, looks: Some(looks) })
    }

    fn wait_for(&self, count: usize) -> anyhow::Result<()> {
        let ready = || self.in_service.load(Ordering::SeqCst);
        super::wait::until("nodes are in service", Duration::from_secs(30), || Ok((ready() == count).then_some(())))
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(looks) = self.looks.take() {
            let _ended = looks.join();
        }
    }
}

fn is_ready(node: SocketAddr) -> bool {
    let mut wire = Wire::new(node, Duration::from_secs(1));
    let request = "GET /readyz HTTP/1.1\r\nhost: authsync\r\nconnection: close\r\n\r\n";
    wire.ask(request).is_ok_and(|reply| reply.status == 200)
}
