//! A row whose user the export does not have.

use std::time::Duration;

use anyhow::Context as _;
use auth0_management::{ManagementError, Waiting};
use domain::{Auth0Fact, Change, DirectoryAnswer, Standing, User, in_one_line};

use super::compare::compare_fact;
use super::finding::{Finding, Kind, Outcome};
use crate::composition::TenantServices;
use crate::user_export::{UserExport, persistently};

/// What is waited when our own budget of requests is used up: another one is earned by then.
const BUDGET: Duration = Duration::from_millis(500);
/// What is waited in an outage, in all ten minutes.
const OUTAGE: [u64; 12] = [1, 2, 4, 8, 15, 30, 60, 60, 60, 120, 120, 120];

/// Asks Auth0 about the user, and makes the row a tombstone if there is none; never deletes it. Nothing is found where
/// Auth0 does have the user, who came after the export was ordered.
///
/// # Errors
/// When Auth0 or the database is out of reach for long, or Auth0 refuses the client.
pub(super) fn entomb(
    user: &User,
    export: &UserExport<'_>,
    services: &TenantServices,
) -> anyhow::Result<Option<Finding>> {
    let finding = Finding::of(Kind::Extra, &user.subject, Some(user.id));
    let said = match ask(user, services)? {
        Ok(DirectoryAnswer::NoSuchUser { .. } | DirectoryAnswer::NotConfigured) => None,
        Ok(DirectoryAnswer::Found(said)) => Some(said),
        Err(error) => return Ok(Some(finding.left(in_one_line(&error)))),
    };
    if let Some(said) = said {
        return Ok(compare_fact(&Auth0Fact::alive(user.subject.clone(), said), false, services)?.finding);
    }
    let gone = Auth0Fact::gone(user.subject.clone(), export.asked_at);
    Ok(Some(match persistently(|| services.users.save(Change::Fact(&gone))) {
        Ok(saved) if matches!(saved.user().standing, Standing::Deleted { .. }) => finding.ended(Outcome::Mended),
        Ok(_) => finding.left("the user was changed after the export was ordered: run it again"),
        Err(outage @ domain::RepositoryError::Unavailable(_)) => return Err(outage.into()),
        Err(error) => finding.left(in_one_line(&error)),
    }))
}

/// Auth0's answer, waited for; or an error that is about this user alone.
fn ask(user: &User, services: &TenantServices) -> anyhow::Result<Result<DirectoryAnswer, ManagementError>> {
    let mut outage = OUTAGE.iter();
    loop {
        let error = match services.profiles.profile_of(&user.subject) {
            Ok(answer) => return Ok(Ok(answer)),
            Err(error) => error,
        };
        let Some(cause) = error.0.downcast_ref::<ManagementError>() else { return Err(error.into()) };
        let (pause, reason) = match cause {
            ManagementError::OverBudget => (BUDGET, Waiting::Budget),
            ManagementError::RateLimited { until } => {
                (until.since(services.clock.now()).max(BUDGET), Waiting::RateLimit)
            }
            ManagementError::Unreachable(_) | ManagementError::TooSlow | ManagementError::Status(500..) => {
                match outage.next() {
                    Some(seconds) => (Duration::from_secs(*seconds), Waiting::Outage(cause)),
                    None => return Err(error).context("auth0 cannot be asked about users that it may not have"),
                }
            }
            cause if cause.is_misconfiguration() => return Err(error.into()),
            cause => return Ok(Err(cause.clone())),
        };
        if services.waiter.wait(pause, reason).is_break() {
            anyhow::bail!("interrupted");
        }
    }
}
