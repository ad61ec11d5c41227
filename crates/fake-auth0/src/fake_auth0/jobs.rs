//! Bulk imports and exports of a running tenant.

use super::FakeAuth0;
use crate::imported_hash::ImportedHash;

/// Jobs. A job is `pending` when it is ordered; it advances when its status is asked for, and by nothing else.
impl FakeAuth0 {
    /// Polls of its status that a job spends in each of the states `pending` and `processing`; one unless set. With
    /// 0, jobs are done as soon as they are ordered.
    pub fn set_polls_per_job_state(&self, polls: u32) {
        self.tenant.jobs().polls_per_state = polls;
    }

    /// Keeps every job as it is, however often it is asked for, until [`release_jobs`](Self::release_jobs).
    pub fn hold_jobs(&self) {
        self.tenant.jobs().held = true;
    }

    /// Lets jobs advance again.
    pub fn release_jobs(&self) {
        self.tenant.jobs().held = false;
    }

    /// Ends every unfinished job at once, held ones too.
    pub fn finish_jobs(&self) {
        self.tenant.jobs().finish_all(&self.tenant.users);
    }

    /// Import jobs that are neither completed nor failed.
    #[must_use]
    pub fn active_import_jobs(&self) -> usize {
        self.tenant.jobs().active_imports()
    }

    /// The hash that an import gave a user; `None`: there is no such user, or the row had none.
    #[must_use]
    pub fn imported_hash(&self, user_id: &str) -> Option<ImportedHash> {
        self.tenant.users().hash(user_id).cloned()
    }

    /// Downloads of exports break off after so many people, until [`mend_exports`](Self::mend_exports).
    pub fn break_exports_after(&self, people: u64) {
        self.tenant.jobs().export_faults.break_after = Some(people);
    }

    /// Downloads of exports have a malformed line before the first of every so many people, until
    /// [`mend_exports`](Self::mend_exports): JSON cut short, no JSON, an array, a `user_id` that is a number, a line
    /// without `user_id`, bytes that are no UTF-8, and so on in turn. Nobody is left out.
    pub fn spoil_exports(&self, every: u64) {
        self.tenant.jobs().export_faults.malformed_every = Some(every);
    }

    /// Downloads of exports are whole and well-formed again.
    pub fn mend_exports(&self) {
        self.tenant.jobs().export_faults = Default::default();
    }
}
