//! The numbers at the end.

use serde::Serialize;

use super::finding::{Finding, Kind, Outcome};

/// How many of what. Its JSON is documented in `docs/operations.md`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Lines of the export.
    pub auth0_users: u64,
    /// Rows of the table, when they were gone through after the export.
    pub rows: u64,
    /// Users about whom both say the same.
    pub same: u64,
    /// Users without a row.
    pub missing: u64,
    /// Users about whom the two said different things.
    pub different: u64,
    /// Rows without a user.
    pub extra: u64,
    /// Rows without an address, because another user has the better claim to it. No difference.
    pub waiting: u64,
    /// Lines and rows that break a rule.
    pub unreadable: u64,
    /// Rows of the password era that are not linked yet. No difference.
    pub legacy: u64,
    /// Tombstones. No difference.
    pub tombstones: u64,
    /// Differences that are no more.
    pub mended: u64,
    /// Differences that are still there.
    pub open: u64,
}

impl Summary {
    pub(super) fn count(&mut self, finding: &Finding) {
        match finding.kind {
            Kind::Missing => self.missing += 1,
            Kind::Different => self.different += 1,
            Kind::Extra => self.extra += 1,
            Kind::Waiting => self.waiting += 1,
            Kind::Unreadable => self.unreadable += 1,
        }
        self.mended += u64::from(finding.outcome == Outcome::Mended);
        self.open += u64::from(finding.is_open());
    }

    /// For reading, in the order of the members.
    pub(super) fn lines(&self) -> [(&'static str, u64); 12] {
        [
            ("auth0 users", self.auth0_users),
            ("rows", self.rows),
            ("same", self.same),
            ("missing", self.missing),
            ("different", self.different),
            ("extra", self.extra),
            ("waiting", self.waiting),
            ("unreadable", self.unreadable),
            ("legacy", self.legacy),
            ("tombstones", self.tombstones),
            ("mended", self.mended),
            ("open", self.open),
        ]
    }
}
