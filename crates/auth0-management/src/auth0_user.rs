//! Auth0's JSON about a user, as every one of its channels writes it: the Management API, events, exports.

use domain::{
    Auth0Profile, DisplayName, EmailAddress, PictureUrl, Profile, ProfileEmail, RecordTime, Subject, UnixTime,
};
use serde::Deserialize;
use serde_json::Value;

/// The members that are looked at, of whatever type: a login must not fail on an avatar.
#[derive(Debug, Deserialize)]
pub(crate) struct Auth0User {
    user_id: Option<Value>,
    email: Option<Value>,
    email_verified: Option<Value>,
    name: Option<Value>,
    picture: Option<Value>,
    blocked: Option<Value>,
    created_at: Option<Value>,
    updated_at: Option<Value>,
    deleted_at: Option<Value>,
}

/// Why JSON is no user of ours. Says which member, and never its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoUser {
    /// Missing, no string, or one that breaks its rule.
    #[error("user_id is missing or no subject of a user")]
    UserId,
}

impl Auth0User {
    /// Whether this is about exactly this user.
    pub(crate) fn is(&self, subject: &Subject) -> bool {
        text(&self.user_id) == Some(subject.as_str())
    }

    /// Whom it is about.
    pub(crate) fn subject(&self) -> Result<Subject, NoUser> {
        let subject = text(&self.user_id).and_then(|id| Subject::parse(id).ok());
        subject.filter(Subject::is_a_users).ok_or(NoUser::UserId)
    }

    /// The record, as it was said at this moment. Parts that break their rule are dropped; `email_verified` and
    /// `blocked` hold by JSON's `true` alone. Without an `updated_at` the record is as old as the statement.
    pub(crate) fn profile(&self, said_at: UnixTime) -> Auth0Profile {
        let verified = self.email_verified == Some(Value::Bool(true));
        let email = text(&self.email).and_then(|email| EmailAddress::from_outside(email).ok());
        Auth0Profile {
            profile: Profile {
                email: email.map(|address| ProfileEmail { address, verified }),
                name: text(&self.name).and_then(DisplayName::said_by_auth0),
                picture: text(&self.picture).and_then(|picture| PictureUrl::parse(picture).ok()),
            },
            blocked: self.blocked == Some(Value::Bool(true)),
            created_at: time(&self.created_at),
            time: RecordTime { updated_at: time(&self.updated_at).unwrap_or(said_at), said_at },
        }
    }

    /// When the record last changed, if it says so.
    pub(crate) fn updated_at(&self) -> Option<UnixTime> {
        time(&self.updated_at)
    }

    /// When the user was deleted, if it says so.
    pub(crate) fn deleted_at(&self) -> Option<UnixTime> {
        time(&self.deleted_at)
    }
}

/// A moment as Auth0 writes it: `2026-01-31T12:00:00.000Z`, RFC 3339.
pub(crate) fn time(member: &Option<Value>) -> Option<UnixTime> {
    let moment: jiff::Timestamp = text(member)?.parse().ok()?;
    Some(UnixTime::from_millis(moment.as_millisecond()))
}

fn text(member: &Option<Value>) -> Option<&str> {
    member.as_ref().and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(user: Value) -> Auth0Profile {
        serde_json::from_value::<Auth0User>(user).unwrap().profile(UnixTime::from_secs(7))
    }

    #[test]
    fn a_user_is_read_whole() {
        let said = read(json!({
            "user_id": "auth0|1", "email": "Ada@Example.com", "email_verified": true, "name": "Ada",
            "picture": "https://a/b", "blocked": true, "identities": [],
            "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-31T12:00:00.123Z",
        }));
        let email = said.profile.email.unwrap();
        assert_eq!((email.address.as_str(), email.verified), ("ada@example.com", true));
        assert_eq!(said.profile.name.unwrap().as_str(), "Ada");
        assert_eq!(said.profile.picture.unwrap().as_str(), "https://a/b");
        assert!(said.blocked);
        assert_eq!(said.created_at, Some(UnixTime::from_secs(1_767_225_600)));
        assert_eq!(said.time.updated_at, UnixTime::from_millis(1_769_860_800_123));
        assert_eq!(said.time.said_at, UnixTime::from_secs(7));
    }

    #[test]
    fn parts_that_break_a_rule_are_dropped_and_the_rest_stays() {
        let said = read(json!({
            "user_id": "auth0|1", "email": "nonsense", "name": "", "picture": "javascript:alert(1)",
            "blocked": "true", "created_at": 7, "updated_at": "yesterday",
        }));
        assert_eq!(said, Auth0Profile::of(Profile::default(), UnixTime::from_secs(7)));
    }

    #[test]
    fn an_address_that_stands_in_for_one_is_none() {
        let said = read(json!({ "user_id": "auth0|1", "email": "User-7@displaced.invalid", "email_verified": true }));
        assert_eq!(said.profile.email, None);
    }

    #[test]
    fn only_true_verifies_an_address() {
        for word in [json!("true"), json!(1), json!(null), json!(false)] {
            let said = read(json!({ "user_id": "auth0|1", "email": "a@b.org", "email_verified": word }));
            assert!(!said.profile.email.unwrap().verified, "{word}");
        }
    }

    #[test]
    fn a_name_over_the_columns_width_is_cut() {
        let said = read(json!({ "user_id": "auth0|1", "name": "é".repeat(300) }));
        assert_eq!(said.profile.name.unwrap().as_str().chars().count(), 255);
    }

    #[test]
    fn nobody_without_a_subject_of_a_users_is_a_user() {
        for id in [json!(null), json!(7), json!(""), json!("m2m@clients"), json!("anon@x"), json!("legacy|7")] {
            let user: Auth0User = serde_json::from_value(json!({ "user_id": id })).unwrap();
            assert_eq!(user.subject(), Err(NoUser::UserId), "{id}");
        }
    }
}
