//! What was found about one user, and what became of it.

use domain::{Auth0Profile, Standing, Subject, User, UserId};
use serde::Serialize;
use serde_json::Value;

/// One difference between Auth0 and the table. Its JSON is documented in `docs/operations.md`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What kind of difference.
    pub kind: Kind,
    /// Auth0's id, as far as it is known.
    pub auth0_id: Option<String>,
    /// The row's id, if there is a row.
    pub id: Option<i64>,
    /// The line of the export, if that is what cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What differs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was left, or left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How Auth0 and the table differ about a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Auth0 has the user, the table has no row.
    Missing,
    /// Both have the user and say different things.
    Different,
    /// The table has a row, Auth0 has no such user.
    Extra,
    /// The row has no address, because another user has the better claim to the one that Auth0 knows. As it should be.
    Waiting,
    /// A line of the export or a row of the table that breaks a rule.
    Unreadable,
}

/// What became of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing, in a dry run.
    Found,
    /// It is no more.
    Mended,
    /// Nothing: the table has later word from Auth0 than the export.
    Newer,
    /// It is still there, for a reason.
    Left,
}

/// A part of a profile that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Which: `email`, `email_verified`, `name`, `picture`, `blocked`, `deleted`.
    pub field: &'static str,
    /// What Auth0 says.
    pub auth0: Value,
    /// What the table says.
    pub here: Value,
}

impl Finding {
    pub(super) fn of(kind: Kind, subject: &Subject, id: Option<UserId>) -> Self {
        Self {
            kind,
            auth0_id: Some(subject.as_str().to_owned()),
            id: id.map(|id| id.get().into()),
            line: None,
            fields: Vec::new(),
            outcome: Outcome::Found,
            reason: None,
        }
    }

    pub(super) fn unreadable(line: Option<u64>, id: Option<i64>, reason: String) -> Self {
        let (fields, reason) = (Vec::new(), Some(reason));
        Self { kind: Kind::Unreadable, auth0_id: None, id, line, fields, outcome: Outcome::Left, reason }
    }

    pub(super) fn with_fields(self, fields: Vec<Field>) -> Self {
        Self { fields, ..self }
    }

    pub(super) fn ended(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    pub(super) fn left(self, reason: impl Into<String>) -> Self {
        Self { outcome: Outcome::Left, reason: Some(reason.into()), ..self }
    }

    /// Whether somebody has to look at it.
    pub(super) fn is_open(&self) -> bool {
        self.kind != Kind::Waiting && matches!(self.outcome, Outcome::Found | Outcome::Left)
    }
}

/// How the row differs from what Auth0 says. What Auth0 is silent about differs from nothing; a row that waits for its
/// address does not differ in it.
pub(super) fn differences(said: &Auth0Profile, user: &User) -> Vec<Field> {
    if matches!(user.standing, Standing::Deleted { .. }) {
        return vec![Field { field: "deleted", auth0: false.into(), here: true.into() }];
    }
    let mut fields = Vec::new();
    let mut compare = |field, auth0: Value, here: Value| {
        if auth0 != here {
            fields.push(Field { field, auth0, here });
        }
    };
    if let Some(email) = said.profile.email.as_ref().filter(|_| !user.is_displaced()) {
        compare("email", email.address.as_str().into(), user.email.as_str().into());
        if email.address == user.email {
            compare("email_verified", email.verified.into(), user.email_verified.into());
        }
    }
    if let Some(name) = &said.profile.name {
        compare("name", name.as_str().into(), user.name.as_ref().map(|name| name.as_str()).into());
    }
    if let Some(picture) = &said.profile.picture {
        compare("picture", picture.as_str().into(), user.picture.as_ref().map(|picture| picture.as_str()).into());
    }
    compare("blocked", said.blocked.into(), (user.standing == Standing::Blocked).into());
    fields
}

/// Whether the row has no address although Auth0 knows one.
pub(super) fn waits(said: &Auth0Profile, user: &User) -> bool {
    said.profile.email.is_some() && user.is_displaced() && !matches!(user.standing, Standing::Deleted { .. })
}

#[cfg(test)]
mod tests {
    use domain::{DisplayName, EmailAddress, PictureUrl, Profile, ProfileEmail, UnixTime};

    use super::*;

    fn user() -> User {
        User {
            id: UserId::new(7),
            subject: Subject::parse("auth0|1").unwrap(),
            email: EmailAddress::parse("ada@example.com").unwrap(),
            email_verified: true,
            name: Some(DisplayName::parse("Ada").unwrap()),
            picture: None,
            standing: Standing::Active,
        }
    }

    fn said() -> Auth0Profile {
        let address = EmailAddress::parse("ADA@example.com").unwrap();
        let name = DisplayName::parse("Ada").unwrap();
        let profile =
            Profile { email: Some(ProfileEmail { address, verified: true }), name: Some(name), picture: None };
        Auth0Profile::of(profile, UnixTime::from_secs(0))
    }

    fn names(said: &Auth0Profile, user: &User) -> Vec<&'static str> {
        differences(said, user).iter().map(|field| field.field).collect()
    }

    #[test]
    fn what_auth0_is_silent_about_differs_from_nothing() {
        assert_eq!(names(&said(), &user()), [""; 0]);
        assert_eq!(names(&Auth0Profile::of(Profile::default(), UnixTime::from_secs(0)), &user()), [""; 0]);
        let pictured = User { picture: Some(PictureUrl::parse("https://a/b").unwrap()), ..user() };
        assert_eq!(names(&said(), &pictured), [""; 0]);
    }

    #[test]
    fn every_part_that_differs_is_named() {
        let mut said = said();
        said.blocked = true;
        said.profile.name = Some(DisplayName::parse("Ada Lovelace").unwrap());
        said.profile.picture = Some(PictureUrl::parse("https://a/b").unwrap());
        said.profile.email.as_mut().unwrap().verified = false;
        assert_eq!(names(&said, &user()), ["email_verified", "name", "picture", "blocked"]);
        said.profile.email.as_mut().unwrap().address = EmailAddress::parse("ada@example.org").unwrap();
        assert_eq!(names(&said, &user()), ["email", "name", "picture", "blocked"]);
    }

    #[test]
    fn a_tombstone_differs_in_being_one() {
        let gone = User { standing: Standing::Deleted { at: UnixTime::from_secs(1) }, ..user() };
        assert_eq!(names(&said(), &gone), ["deleted"]);
    }

    #[test]
    fn a_row_that_waits_for_its_address_does_not_differ_in_it() {
        let waiting = User { email: EmailAddress::placeholder(UserId::new(7)), email_verified: false, ..user() };
        assert!(waits(&said(), &waiting) && !waits(&said(), &user()));
        assert_eq!(names(&said(), &waiting), [""; 0]);
    }
}
