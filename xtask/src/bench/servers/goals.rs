//! What authsync is to reach, and whether it did.

use super::board::{Board, cpu_us};
use super::cold_start::{self, Starts};
use super::contender::{AUTHSYNC, BARE, USERS_UNCACHED};
use super::figures::Figure;
use super::flood::Flood;
use super::memory::Grown;
use super::refusal::Refusal;
use super::scenario::Scenario;
use super::trial::Sample;

/// On which side of its bound a figure is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::bench) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// A goal beside the figure of this run; none where its part was not measured.
#[derive(Debug)]
pub(in crate::bench) struct Goal {
    pub(in crate::bench) what: &'static str,
    pub(in crate::bench) bound: Bound,
    /// Behind the point.
    pub(in crate::bench) digits: usize,
    pub(in crate::bench) figure: Option<Figure>,
}

/// What was measured besides the loads.
#[derive(Debug, Default)]
pub(in crate::bench) struct Extras {
    pub(in crate::bench) memory: Option<Grown>,
    pub(in crate::bench) starts: Vec<Starts>,
    pub(in crate::bench) refusal: Option<Refusal>,
    pub(in crate::bench) flood: Option<Flood>,
}

impl Goal {
    /// Whether the median is on the right side; `None` where nothing was measured.
    pub(in crate::bench) fn is_met(&self) -> Option<bool> {
        let median = self.figure?.median;
        Some(match self.bound {
            Bound::AtLeast(bound) => median >= bound,
            Bound::AtMost(bound) => median <= bound,
        })
    }

    /// The bound as a person writes it.
    pub(in crate::bench) fn bound_text(&self) -> String {
        let digits = self.digits;
        match self.bound {
            Bound::AtLeast(bound) => format!("≥ {bound:.digits$}"),
            Bound::AtMost(bound) => format!("≤ {bound:.digits$}"),
        }
    }
}

/// All goals, in the order of their table.
pub(in crate::bench) fn goals(board: &Board, extras: &Extras) -> Vec<Goal> {
    let speed = |scenario, name| board.values(scenario, name, |sample: &Sample| sample.per_second);
    let to_bare = |scenario| Figure::ratio(&speed(scenario, AUTHSYNC), &speed(scenario, BARE));
    let to_peer =
        |scenario, name| Figure::ratio(&speed(scenario, name), &speed(scenario, board.best_peer(scenario)?.name));
    let leaner = |scenario| {
        let peer = board.values(scenario, board.leanest_peer(scenario)?.name, cpu_us);
        Figure::ratio(&peer, &board.values(scenario, AUTHSYNC, cpu_us))
    };
    let p99 = |name| board.values(Scenario::VerifyHot, name, |sample| sample.p99_ms);
    let resident = |scenario| board.figure(scenario, AUTHSYNC, |sample| sample.resident_mib);
    let start = |name| cold_start::of(&extras.starts, name);
    let beyond_bare: Vec<f64> = start(AUTHSYNC).iter().zip(start(BARE)).map(|(own, bare)| own - 1.5 * bare).collect();
    let at_least = |what, bound, figure| Goal { what, bound: Bound::AtLeast(bound), digits: 2, figure };
    let at_most = |what, bound, digits, figure| Goal { what, bound: Bound::AtMost(bound), digits, figure };
    vec![
        at_least("verify-hot, requests/s ÷ bare handler", 0.90, to_bare(Scenario::VerifyHot)),
        at_least("verify-warm, requests/s ÷ bare handler", 0.85, to_bare(Scenario::VerifyWarm)),
        at_least(
            "verify-hot, CPU a request (server and PostgreSQL), best peer ÷ authsync",
            15.0,
            leaner(Scenario::VerifyHot),
        ),
        at_least("verify-unique, requests/s ÷ best peer", 3.5, to_peer(Scenario::VerifyUnique, AUTHSYNC)),
        at_least("sync-new, requests/s ÷ best peer", 4.5, to_peer(Scenario::SyncNew, AUTHSYNC)),
        at_least("sync-same, requests/s ÷ bare handler", 0.80, to_bare(Scenario::SyncSame)),
        at_least(
            "verify-warm with the user cache off, requests/s ÷ best peer",
            3.5,
            to_peer(Scenario::VerifyWarm, USERS_UNCACHED),
        ),
        at_most("verify-hot, p99 ÷ bare handler's", 1.2, 2, Figure::ratio(&p99(AUTHSYNC), &p99(BARE))),
        at_most("RSS after verify-warm, MiB", 16.0, 1, resident(Scenario::VerifyWarm)),
        at_most(
            "RSS after all unique tokens, MiB",
            32.0,
            1,
            extras.memory.and_then(|grown| Figure::of([grown.after_all])),
        ),
        at_most("cold start, ms beyond 1.5 × the bare handler's", 20.0, 1, Figure::of(beyond_bare)),
        at_most(
            "forged token, server CPU ÷ that of a good one that is not cached",
            1.0,
            2,
            extras.refusal.as_ref().and_then(Refusal::ratio),
        ),
        at_most(
            "forged token, server CPU ÷ that of a good one with all caches off",
            1.0,
            2,
            extras.refusal.as_ref().and_then(Refusal::ratio_without_caches),
        ),
        at_most(
            "p99 of good tokens in a flood of forged ones ÷ without",
            2.0,
            2,
            extras.flood.as_ref().and_then(Flood::ratio),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(bound: Bound, median: f64) -> Goal {
        Goal { what: "it", bound, digits: 1, figure: Figure::of([median]) }
    }

    #[test]
    fn a_figure_on_its_bound_meets_the_goal() {
        assert_eq!(goal(Bound::AtLeast(2.0), 2.0).is_met(), Some(true));
        assert_eq!(goal(Bound::AtLeast(2.0), 1.9).is_met(), Some(false));
        assert_eq!(goal(Bound::AtMost(2.0), 2.0).is_met(), Some(true));
        assert_eq!(goal(Bound::AtMost(2.0), 2.1).is_met(), Some(false));
        assert_eq!(goal(Bound::AtMost(2.0), 2.1).bound_text(), "≤ 2.0");
    }

    #[test]
    fn what_was_not_measured_is_neither_met_nor_missed() {
        for goal in goals(&Board::default(), &Extras::default()) {
            assert_eq!(goal.is_met(), None, "{}", goal.what);
        }
    }
}
