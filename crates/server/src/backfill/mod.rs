//! `authsync backfill`: everybody whom Auth0 has, taken into the table by the rule that logins and events go by.
//!
//! Auth0 writes an export; its lines come in batches of a thousand, several threads save each batch, and after it the
//! position is kept in the database. A run that was killed goes on there: a batch that was under way is gone through
//! again, which changes nothing.

mod line;
mod position;
mod report;
mod tally;

use anyhow::Context as _;
use auth0_management::JobError;

pub use self::line::BACKFILL;
pub use self::tally::Tally;

use self::line::take;
use self::position::{Position, name_of};
use self::report::Report;
use crate::command::{BackfillOptions, Outcome};
use crate::composition::{Services, TenantServices};
use crate::settings::TenantSettings;
use crate::user_export::{UserExport, at_once};

/// Takes in everybody.
///
/// # Errors
/// When it could not go on; run again, it goes on where it left off.
pub fn run(options: &BackfillOptions, settings: &TenantSettings) -> anyhow::Result<Outcome> {
    backfill(options, &TenantServices::from_settings(settings, Services::system_clock())?)
}

/// The same with services that are there already. The outcome is complete unless lines were parked, in this run or an
/// earlier one of the same export.
///
/// # Errors
/// As [`run`].
pub fn backfill(options: &BackfillOptions, services: &TenantServices) -> anyhow::Result<Outcome> {
    let name = name_of(options.connection.as_deref());
    let (export, mut position, total) = begin(options, &name, services).context("backfill")?;
    let progress = services.screen.begin("backfill", "users", position.lines);
    if let Some(total) = total {
        progress.expect(total);
    }
    let mut report = Report::of(export.job.clone());
    report.tally = position.tally;
    let mut batches = export.batches(position.lines);
    let left_off = |lines| format!("backfill: {lines} lines are done, and another run goes on behind them");
    while let Some(batch) = batches.next_batch().with_context(|| left_off(position.lines))? {
        let act = |line: &_| take(line, &export, services).inspect(|_| progress.add(1));
        for line in at_once(&batch, services.threads, act).with_context(|| left_off(position.lines))? {
            report.note(line);
        }
        position = Position { lines: batches.lines_done(), tally: report.tally, ..position };
        position.store(&name, &*services.inbox, services.clock.now()).with_context(|| left_off(position.lines))?;
    }
    position.over = true;
    position.store(&name, &*services.inbox, services.clock.now()).with_context(|| left_off(position.lines))?;
    (report.elapsed, report.per_second) = (progress.elapsed(), progress.per_second());
    drop(progress);
    Ok(Outcome { report: report.to_string(), complete: report.tally.parked == 0 })
}

/// An export that is written, how far it is done, and how many lines it has.
fn begin<'s>(
    options: &BackfillOptions,
    name: &str,
    services: &'s TenantServices,
) -> anyhow::Result<(UserExport<'s>, Position, Option<u64>)> {
    let now = services.clock.now();
    if !options.restart
        && let Some(position) = Position::left_off(name, &*services.inbox, now)?
    {
        let export = UserExport::of(&services.jobs, position.job.clone(), position.asked_at());
        match export.finish("backfill", &services.screen) {
            Ok(total) => {
                let lines = position.lines;
                services.screen.say(&format!("backfill: goes on behind line {lines} of {}", position.job));
                return Ok((export, position, total));
            }
            Err(error @ (JobError::NoSuchJob | JobError::Failed(_) | JobError::NoFile(_))) => {
                services.screen.say(&format!("backfill: begins anew, because the export of before is gone: {error}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let export = UserExport::order(&services.jobs, options.connection.as_deref(), now)?;
    let (job, asked_at) = (export.job.clone(), now.as_millis());
    let position = Position { job, asked_at, lines: 0, tally: Tally::default(), over: false };
    position.store(name, &*services.inbox, now)?;
    let total = export.finish("backfill", &services.screen)?;
    Ok((export, position, total))
}
