//! What a row of the password era comes to at Auth0.

use std::collections::HashSet;

use auth0_management::{HashFormat, ImportDraft, ImportUser, PasswordHash, RecognisedHash, Refusal, Unrecognised};
use domain::{EmailAddress, UserId};
use persistence::LegacyRow;

/// What is to become of a row.
#[derive(Debug)]
pub(super) enum Fate {
    /// Nothing: authsync made it, or it is linked, or Auth0 has the user already.
    Settled,
    /// No import file can hold the user, for this reason.
    LeftOut(String),
    /// An import file holds the user.
    Sent(Box<Candidate>),
}

/// A user who goes to Auth0.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) user: ImportUser,
    /// The format of the hash that goes along, or why none does.
    pub(super) password: Result<HashFormat, NoPassword>,
    /// What Auth0 would not take, and the user goes without.
    pub(super) without: Vec<Refusal>,
}

/// Why a user goes without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoPassword {
    /// What it is counted as.
    pub(super) label: String,
    /// The reason. Holds no part of what is stored.
    pub(super) reason: String,
}

/// Sorts rows in the order of their ids.
///
/// Addresses that are one to Auth0 and two to the database differ in the case of letters beyond ASCII; those that were
/// seen are remembered.
#[derive(Debug, Default)]
pub(super) struct Sorter {
    seen: HashSet<String>,
}

impl Sorter {
    pub(super) fn fate_of(&mut self, row: &LegacyRow) -> Fate {
        let waits = row.auth0_id.as_deref().is_none_or(|id| id.is_empty() || id.starts_with("legacy|"));
        if row.newcomer || row.imported_at.is_some() || !waits {
            return Fate::Settled;
        }
        // Exported again, the row would be open to that somebody until the import finds out again.
        if row.problem.as_deref() == Some(ID_TAKEN) {
            return Fate::LeftOut(ID_TAKEN.to_owned());
        }
        if let Some(reason) = displacement(row) {
            return Fate::LeftOut(reason);
        }
        let password = password_of(row);
        let draft = ImportDraft {
            email: row.email.as_deref().map(|email| email.trim().to_owned()),
            email_verified: row.email_verified == Some(true),
            user_id: Some(row.id.to_string()),
            name: row.name.clone(),
            picture: row.picture.clone(),
            blocked: row.is_active == Some(false),
            password: password.as_ref().ok().map(|known| known.hash.clone()),
            ..ImportDraft::default()
        };
        let (user, without) = match sound(draft) {
            Ok(sound) => sound,
            Err(refusals) => return Fate::LeftOut(said(&refusals)),
        };
        if !user.email().is_ascii() && !self.seen.insert(user.email().to_lowercase()) {
            return Fate::LeftOut(SHARED.to_owned());
        }
        Fate::Sent(Box::new(Candidate { user, password: password.map(|known| known.format), without }))
    }
}

/// What is noted of a row whose id is another person's at Auth0.
pub(super) const ID_TAKEN: &str = "auth0 has somebody else under this id";
const SHARED: &str = "another row has the same address but for case, and a lower id";

/// Why the adoption took the row's address away, if it did.
fn displacement(row: &LegacyRow) -> Option<String> {
    let placeholder = i32::try_from(row.id).ok().map(|id| EmailAddress::placeholder(UserId::new(id)))?;
    if !row.displaced || row.email.as_deref() != Some(placeholder.as_str()) {
        return None;
    }
    let email = row.email_before.as_deref().map(|email| email.trim().to_owned());
    let kept = email.as_deref().is_none_or(|email| EmailAddress::parse(email).is_ok());
    match ImportUser::new(ImportDraft { email, ..ImportDraft::default() }) {
        Ok(_) if kept => Some(SHARED.to_owned()),
        Ok(_) => Some(said(&[Refusal::EmailMalformed])),
        Err(refusals) => Some(said(&refusals)),
    }
}

/// The user, if need be without the members that Auth0 would not take.
fn sound(draft: ImportDraft) -> Result<(ImportUser, Vec<Refusal>), Vec<Refusal>> {
    let refusals = match ImportUser::new(draft.clone()) {
        Ok(user) => return Ok((user, Vec::new())),
        Err(refusals) => refusals,
    };
    let mut lesser = draft;
    for refusal in &refusals {
        match refusal.member() {
            "name" => lesser.name = None,
            "picture" => lesser.picture = None,
            _ => {}
        }
    }
    ImportUser::new(lesser).map(|user| (user, refusals))
}

/// The hash of a row, in the form that Auth0 takes.
pub(super) fn password_of(row: &LegacyRow) -> Result<RecognisedHash, NoPassword> {
    let Some((_, stored)) = row.passwords.first() else {
        return Err(NoPassword::because(&Unrecognised::NoPassword("the column is empty")));
    };
    let known = PasswordHash::recognise(stored.reveal()).map_err(|error| NoPassword::because(&error))?;
    // Then a salt is what the other columns may hold, and the hash alone would let nobody in.
    if row.passwords.len() > 1 && known.format.as_str().contains("without salt") {
        return Err(NoPassword {
            label: known.format.to_string(),
            reason: "it has no salt of its own, and another password column may hold one".to_owned(),
        });
    }
    Ok(known)
}

impl NoPassword {
    fn because(error: &Unrecognised) -> Self {
        Self { label: error.label().to_owned(), reason: error.to_string() }
    }
}

/// Reasons in a line.
pub(super) fn said(refusals: &[Refusal]) -> String {
    refusals.iter().map(Refusal::to_string).collect::<Vec<_>>().join("; ")
}
