//! One line of an export on its way into the table.

use auth0_management::{BadExportLine, ExportLine, exported_user_as_event, read_exported_user};
use domain::{
    Auth0Fact, Change, EventId, EventInbox, Letter, LetterBody, RepositoryError, Saved, Standing, Subject,
    UserRepository, in_one_line,
};

use crate::composition::TenantServices;
use crate::user_export::{UserExport, persistently};

/// What letters about lines name as their source.
pub const BACKFILL: &str = "backfill";

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TakenLine {
    /// Which line, counted from 1.
    pub(super) number: u64,
    pub(super) taken: Taken,
    /// Whether its user has no address because another user has the better claim to it.
    pub(super) waits: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Created,
    Updated,
    Unchanged,
    /// It is kept as a dead letter, for this reason.
    Parked {
        reason: String,
    },
}

/// Takes one line in, or parks it. Any order of lines ends in the same table.
///
/// # Errors
/// When the database is out of reach for long: the line is neither taken in nor parked then.
pub(super) fn take(
    line: &ExportLine,
    export: &UserExport<'_>,
    services: &TenantServices,
) -> Result<TakenLine, RepositoryError> {
    let text = line.text.as_deref().map_err(|too_long| BadExportLine::from(*too_long));
    let (subject, reason) = match text.and_then(|text| read_exported_user(text, export.asked_at)) {
        Ok(fact) => match save(&fact, &*services.users)? {
            Ok(saved) => return Ok(TakenLine { number: line.number, waits: waits(&saved), taken: taken(&saved) }),
            Err(reason) => (Some(fact.subject), reason),
        },
        Err(error) => (None, error.to_string()),
    };
    park(line, export, subject, &reason, services)?;
    Ok(TakenLine { number: line.number, taken: Taken::Parked { reason }, waits: false })
}

/// What the save did, or why it cannot be.
fn save(fact: &Auth0Fact, users: &dyn UserRepository) -> Result<Result<Saved, String>, RepositoryError> {
    match persistently(|| users.save(Change::Fact(fact))) {
        Ok(saved) => Ok(Ok(saved)),
        Err(outage @ RepositoryError::Unavailable(_)) => Err(outage),
        Err(error) => Ok(Err(in_one_line(&error))),
    }
}

fn park(
    line: &ExportLine,
    export: &UserExport<'_>,
    subject: Option<Subject>,
    reason: &str,
    services: &TenantServices,
) -> Result<(), RepositoryError> {
    // A line that is gone through twice, because a run was killed, is parked once.
    let event = EventId::parse(&format!("{BACKFILL}:{}:{}", export.job, line.number)).ok();
    let text = line.text.as_deref().unwrap_or_default();
    // In the form of an event it can be tried again like one; what is no user is kept as it came.
    let told = event.as_ref().filter(|_| subject.is_some());
    let told = told.and_then(|event| exported_user_as_event(text, event, export.asked_at));
    let body = LetterBody::keep(told.as_deref().unwrap_or(text));
    let letter = Letter { source: BACKFILL.to_owned(), event, subject, reason: reason.to_owned(), body };
    let inbox: &dyn EventInbox = &*services.inbox;
    persistently(|| inbox.park(&letter, services.clock.now()))
}

fn taken(saved: &Saved) -> Taken {
    match saved {
        Saved::Created(_) => Taken::Created,
        Saved::Updated(_) => Taken::Updated,
        Saved::Unchanged(_) => Taken::Unchanged,
    }
}

/// A user for whom Auth0 knows no address does not wait for one.
fn waits(saved: &Saved) -> bool {
    let user = saved.user();
    user.is_displaced() && !matches!(user.standing, Standing::Deleted { .. })
}
