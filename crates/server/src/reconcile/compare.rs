//! One line of the export beside the row that it is about.

use auth0_management::{BadExportLine, ExportLine, read_exported_user};
use domain::{Auth0Fact, Auth0Profile, Change, RepositoryError, User, UserId, in_one_line};

use super::finding::{Finding, Kind, Outcome, differences, waits};
use crate::composition::TenantServices;
use crate::user_export::{UserExport, persistently};

/// Why a row that waits is left.
const BETTER_CLAIM: &str = "another user has the better claim to the email address";

/// What comparing one line has shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Compared {
    /// The row that the line is about.
    pub(super) row: Option<UserId>,
    /// Whether the row was there before.
    pub(super) was_there: bool,
    pub(super) finding: Option<Finding>,
}

/// Compares, and mends unless it is a dry run.
///
/// # Errors
/// When the database is out of reach for long.
pub(super) fn compare(
    line: &ExportLine,
    export: &UserExport<'_>,
    dry_run: bool,
    services: &TenantServices,
) -> Result<Compared, RepositoryError> {
    let text = line.text.as_deref().map_err(|too_long| BadExportLine::from(*too_long));
    match text.and_then(|text| read_exported_user(text, export.asked_at)) {
        Ok(fact) => compare_fact(&fact, dry_run, services),
        Err(error) => {
            let finding = Finding::unreadable(Some(line.number), None, error.to_string());
            Ok(Compared { row: None, was_there: false, finding: Some(finding) })
        }
    }
}

/// The same for what Auth0 says of one user, wherever it was said.
///
/// # Errors
/// When the database is out of reach for long.
pub(super) fn compare_fact(
    fact: &Auth0Fact,
    dry_run: bool,
    services: &TenantServices,
) -> Result<Compared, RepositoryError> {
    let nothing = Auth0Profile::of(domain::Profile::default(), services.clock.now());
    let said = fact.profile.as_ref().unwrap_or(&nothing);
    let row = match persistently(|| services.users.find_by_subject(&fact.subject)) {
        Ok(row) => row,
        Err(outage @ RepositoryError::Unavailable(_)) => return Err(outage),
        Err(error) => {
            let finding = Finding::of(Kind::Different, &fact.subject, None).left(in_one_line(&error));
            return Ok(Compared { row: None, was_there: true, finding: Some(finding) });
        }
    };
    let (id, was_there) = (row.as_ref().map(|user| user.id), row.is_some());
    let found = match &row {
        None => Some(Finding::of(Kind::Missing, &fact.subject, None)),
        Some(user) => {
            let fields = differences(said, user);
            let kind = if fields.is_empty() { Kind::Waiting } else { Kind::Different };
            let is_one = !fields.is_empty() || waits(said, user);
            is_one.then(|| Finding::of(kind, &fact.subject, id).with_fields(fields))
        }
    };
    match found {
        None => Ok(Compared { row: id, was_there, finding: None }),
        Some(found) if dry_run => {
            let found = if found.kind == Kind::Waiting { found.left(BETTER_CLAIM) } else { found };
            Ok(Compared { row: id, was_there, finding: Some(found) })
        }
        Some(found) => {
            let (row, finding) = mend(fact, said, found, services)?;
            Ok(Compared { row: row.or(id), was_there, finding: Some(finding) })
        }
    }
}

fn mend(
    fact: &Auth0Fact,
    said: &Auth0Profile,
    found: Finding,
    services: &TenantServices,
) -> Result<(Option<UserId>, Finding), RepositoryError> {
    let user = match persistently(|| services.users.save(Change::Correction(fact))) {
        Ok(saved) => saved.into_user(),
        Err(outage @ RepositoryError::Unavailable(_)) => return Err(outage),
        Err(error) => return Ok((None, found.left(in_one_line(&error)))),
    };
    let finding = Finding { id: Some(user.id.get().into()), ..found };
    Ok((Some(user.id), judged(said, &user, finding)))
}

/// What a row shows that was mended as far as the rules let it be.
fn judged(said: &Auth0Profile, user: &User, finding: Finding) -> Finding {
    let still_differs = !differences(said, user).is_empty();
    match finding.kind {
        Kind::Waiting if waits(said, user) => finding.left(BETTER_CLAIM),
        // A correction goes by the latest word that there is.
        _ if still_differs => finding.ended(Outcome::Newer),
        _ => finding.ended(Outcome::Mended),
    }
}
