//! Where one stands on the way, and what to type next.

use persistence::{Era, Inspection};

/// The era in words that follow "the table users, ".
pub(super) fn word(era: Era) -> &'static str {
    match era {
        Era::Absent => "which is not there",
        Era::Authsync => "made by authsync, which never kept passwords",
        Era::Password => "as the application made it",
        Era::HalfAdopted => "whose adoption was interrupted",
        Era::Adopted => "adopted, with its passwords",
        Era::Finished => "adopted, its passwords gone",
    }
}

/// What follows a look at the table.
pub(super) fn after_plan(inspection: &Inspection) -> String {
    match inspection.era {
        Era::Absent => "nothing: authsync migrate up makes the table".into(),
        Era::Authsync => "nothing: there is no password era to leave".into(),
        Era::Password if !inspection.obstacles.is_empty() => {
            "remove the obstacles, then authsync legacy plan again".into()
        }
        Era::Password if inspection.password_columns.is_empty() && has_subjects(inspection) => {
            "authsync legacy adopt, or authsync migrate up, which does the same".into()
        }
        Era::Password if inspection.password_columns.is_empty() => {
            "authsync legacy plan --password-column NAME: no column of a usual name holds passwords".into()
        }
        Era::Password => format!("authsync legacy adopt{}", named(&inspection.password_columns)),
        Era::HalfAdopted => "authsync legacy adopt: it goes on where it was interrupted".into(),
        Era::Adopted => "authsync legacy export --out DIR (authsync legacy status says how far everybody is)".into(),
        Era::Finished => "nothing: the migration is finished".into(),
    }
}

/// Whether the application keeps Auth0's identities already.
fn has_subjects(inspection: &Inspection) -> bool {
    inspection.columns.iter().any(|column| column.name == "auth0_id")
}

/// The option for columns that are not found by themselves.
fn named(columns: &[String]) -> String {
    match columns {
        [one] if one == "hashed_password" => String::new(),
        columns => format!(" --password-column {}", columns.join(",")),
    }
}
