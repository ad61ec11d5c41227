//! `authsync reconcile`: what differs between Auth0 and the table, reported and mended.
//!
//! An export is gone through line by line beside the rows that it is about, and the ids of these rows are kept, one bit
//! each. Then the table is gone through page by page: a row whose bit is not set is extra. Nothing else is kept, so memory
//! hardly grows with the number of users.

mod compare;
mod extra;
mod finding;
mod report;
mod seen;
mod summary;

use std::io::{BufWriter, Write};

use anyhow::Context as _;
use domain::{Standing, User, UserId};

pub use self::finding::{Field, Finding, Kind, Outcome};
pub use self::summary::Summary;

use self::compare::compare;
use self::extra::entomb;
use self::report::Report;
use self::seen::SeenIds;
use crate::command::{self, ReconcileOptions};
use crate::composition::{Services, TenantServices};
use crate::settings::TenantSettings;
use crate::user_export::{UserExport, at_once, persistently};

/// Rows of one look at the table.
const PAGE: usize = 1_000;

/// What is known while it goes on.
struct Reconciliation<'a> {
    options: ReconcileOptions,
    services: &'a TenantServices,
    export: UserExport<'a>,
    report: Report<'a>,
    summary: Summary,
    seen: SeenIds,
    /// Whether the export has any user whom the table had before.
    knows_us: bool,
}

/// Writes the report as it goes, and mends unless it is a dry run.
///
/// # Errors
/// When the two could not be compared, or not to the end; what was mended stays so.
pub fn run(
    options: ReconcileOptions,
    settings: &TenantSettings,
    out: &mut dyn Write,
) -> anyhow::Result<command::Outcome> {
    let services = TenantServices::from_settings(settings, Services::system_clock())?;
    let summary = reconcile(options, &services, &mut BufWriter::new(out))?;
    Ok(command::Outcome { report: String::new(), complete: summary.open == 0 })
}

/// The same with services that are there already.
///
/// # Errors
/// As [`run`].
pub fn reconcile(options: ReconcileOptions, services: &TenantServices, out: &mut dyn Write) -> anyhow::Result<Summary> {
    let export = UserExport::order(&services.jobs, None, services.clock.now()).context("reconcile")?;
    let total = export.finish("reconcile", &services.screen).context("reconcile")?;
    let report = Report::begin(out, options.format, &export, options.dry_run)?;
    let (summary, seen) = (Summary::default(), SeenIds::default());
    let mut it = Reconciliation { options, services, export, report, summary, seen, knows_us: false };
    it.go_through_the_export(total).context("reconcile")?;
    it.go_through_the_table().context("reconcile")?;
    it.report.end(&it.summary)?;
    Ok(it.summary)
}

impl Reconciliation<'_> {
    fn go_through_the_export(&mut self, total: Option<u64>) -> anyhow::Result<()> {
        let progress = self.services.screen.begin("reconcile", "users", 0);
        if let Some(total) = total {
            progress.expect(total);
        }
        let mut batches = self.export.batches(0);
        while let Some(batch) = batches.next_batch()? {
            let act = |line: &_| {
                compare(line, &self.export, self.options.dry_run, self.services).inspect(|_| progress.add(1))
            };
            for compared in at_once(&batch, self.services.threads, act)? {
                self.summary.auth0_users += 1;
                self.knows_us |= compared.was_there;
                compared.row.into_iter().for_each(|id| self.seen.insert(id));
                match &compared.finding {
                    Some(finding) => self.note(finding)?,
                    None => self.summary.same += 1,
                }
            }
        }
        Ok(())
    }

    fn go_through_the_table(&mut self) -> anyhow::Result<()> {
        let progress = self.services.screen.begin("reconcile", "rows", 0);
        let mut after: Option<UserId> = None;
        loop {
            let page = persistently(|| self.services.user_pages.page(after, PAGE))?;
            for row in page.unreadable {
                self.summary.rows += 1;
                self.note(&Finding::unreadable(None, Some(row.id), row.reason))?;
            }
            for user in page.users {
                self.summary.rows += 1;
                self.look_at(&user)?;
                progress.add(1);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    fn look_at(&mut self, user: &User) -> anyhow::Result<()> {
        if matches!(user.standing, Standing::Deleted { .. }) {
            self.summary.tombstones += 1;
        } else if user.subject.is_legacy() {
            self.summary.legacy += 1;
        } else if !self.seen.contains(user.id) {
            let finding = Finding::of(Kind::Extra, &user.subject, Some(user.id));
            if self.options.dry_run {
                self.note(&finding)?;
            } else if !self.knows_us {
                // A wrong domain in the settings must not make tombstones of everybody.
                let reason = "none of the table's users is in the export: is it the right tenant? if so, run it again";
                self.note(&finding.left(reason))?;
            } else if let Some(finding) = entomb(user, &self.export, self.services)? {
                self.note(&finding)?;
            }
        }
        Ok(())
    }

    fn note(&mut self, finding: &Finding) -> anyhow::Result<()> {
        self.summary.count(finding);
        Ok(self.report.note(finding)?)
    }
}
