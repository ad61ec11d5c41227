//! Before, during and after a fault.

use std::time::{Duration, Instant};

use super::ledger::Balance;
use super::record::Record;
use super::report::Report;
use super::watch::Course;

/// A machine that stands still for a second costs the requests of that second.
const FAIL_ANYWAY_PERCENT: f64 = 1.0;

/// The moments of a drill.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phases {
    /// Everybody is known, and all is well.
    pub(super) begin: Instant,
    /// It goes wrong.
    pub(super) fault: Instant,
    /// The cause is gone.
    pub(super) over: Instant,
    pub(super) end: Instant,
}

impl Phases {
    pub(super) fn before(&self, record: &Record) -> Record {
        record.between(self.begin, self.fault)
    }

    pub(super) fn during(&self, record: &Record) -> Record {
        record.between(self.fault, self.over)
    }

    pub(super) fn after(&self, record: &Record) -> Record {
        record.between(self.over, self.end)
    }

    /// What was answered in each phase and how fast, and for how long nothing was written or read.
    pub(super) fn tell(&self, record: &Record, report: &mut Report) {
        let phases = [("before", self.before(record)), ("during", self.during(record)), ("after", self.after(record))];
        for (name, record) in &phases {
            report.figure(&format!("answers {name}"), record.outcomes());
        }
        for (name, record) in &phases {
            report.figure(&format!("p50 / p99 {name}"), record.times());
        }
        let gap = |record: Record| format!("{:.2} s", record.longest_gap(self.fault, self.end));
        report.figure("longest time without a write", gap(record.writes()));
        report.figure("longest time without a verification", gap(record.verifications()));
    }

    /// Our own trouble is a 503 that says when to come back, in time, and never anything else.
    pub(super) fn hold_refusals(&self, record: &Record, slowest_ms: f64, report: &mut Report) {
        let all = record.between(self.begin, self.end);
        let refusals = all.those(|sample| sample.is(503));
        report.none("answers other than 200 and 503", all.answered_otherwise(&[200, 503]));
        report.none("503 without Retry-After", refusals.those(|sample| !sample.retry_after).len());
        report.at_most("slowest 503", Some(refusals.percentile(100)), slowest_ms, "ms");
    }

    /// Writes are acknowledged again within this time after the cause is gone, and from then on no more fails than what a busy
    /// machine makes fail at any time.
    pub(super) fn hold_recovery(&self, record: &Record, within: f64, report: &mut Report) {
        report.at_most("first write after", record.writes().first_good_after(self.over), within, "s");
        let late = self.over + Duration::from_secs_f64(within);
        let later = record.between(late, self.end);
        let failed = later.len() - later.count(200);
        let percent = 100.0 * failed as f64 / later.len().max(1) as f64;
        report.at_most("requests that fail later than that", Some(percent), FAIL_ANYWAY_PERCENT, "%");
    }

    /// Memory and descriptors, and that memory did not grow through the fault by more than so many MiB.
    pub(super) fn hold_memory(&self, course: &Course, growth: f64, report: &mut Report) {
        let before = course.between(self.begin, self.fault).most_memory();
        let after = course.between(self.fault, self.end).most_memory();
        report.figure("most memory before / later", format!("{before:.1} / {after:.1} MiB"));
        report.figure("most open descriptors", course.most_descriptors());
        report.at_most("growth of memory", Some((after - before).max(0.0)), growth, "MiB");
    }
}

impl Balance {
    /// No acknowledged write is lost, and everybody keeps the id.
    pub(super) fn hold(&self, report: &mut Report) {
        report.figure("unanswered writes that were made", self.unanswered_and_made);
        report.figure("refused writes that were made", self.refused_and_made);
        report.promise("acknowledged writes that were looked up in the table", self.compared > 0, self.compared);
        report.none("acknowledged writes lost", self.lost);
        report.none("acknowledged writes overwritten by an earlier one", self.overtaken);
        report.none("ids that changed", self.other_ids);
        report.none("reads older than an acknowledged write", self.old_names);
    }
}
