//! The people of a tenant.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// A user's profile as the Management API shows it.
///
/// Members that are `None` are left out of the JSON, as Auth0 does. `extra` is for everything else.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FakeUser {
    /// `auth0|…`, `google-oauth2|…`: the `sub` of the user's tokens.
    pub user_id: String,
    /// The email address; users who sign in by phone have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether Auth0 has seen that the address is the user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// The full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The picture's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// Whether the user is barred from signing in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<bool>,
    /// When the profile last changed: `2026-01-31T12:00:00.000Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Further members, of whatever type; they win over those above.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl FakeUser {
    /// A user with nothing but an id.
    #[must_use]
    pub fn new(user_id: impl Into<String>) -> Self {
        Self { user_id: user_id.into(), ..Self::default() }
    }

    /// With an email address.
    #[must_use]
    pub fn email(mut self, address: impl Into<String>, verified: bool) -> Self {
        self.email = Some(address.into());
        self.email_verified = Some(verified);
        self
    }

    /// With a name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With a picture.
    #[must_use]
    pub fn picture(mut self, url: impl Into<String>) -> Self {
        self.picture = Some(url.into());
        self
    }

    /// Barred or not.
    #[must_use]
    pub fn blocked(mut self, blocked: bool) -> Self {
        self.blocked = Some(blocked);
        self
    }

    /// With any member, of whatever type.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// The profile in the shape of the Management API.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let plain = Self { extra: Map::new(), ..self.clone() };
        let mut profile = serde_json::to_value(plain).unwrap_or_default();
        if let Value::Object(members) = &mut profile {
            members.extend(self.extra.clone());
        }
        profile
    }
}

/// By `user_id`, in its order.
#[derive(Debug, Default)]
pub(crate) struct Users(BTreeMap<String, FakeUser>);

impl Users {
    pub(crate) fn put(&mut self, user: FakeUser) {
        self.0.insert(user.user_id.clone(), user);
    }

    pub(crate) fn find(&self, user_id: &str) -> Option<&FakeUser> {
        self.0.get(user_id)
    }

    /// Changes a user in place; `false`: there is none. A changed `user_id` moves the user.
    pub(crate) fn change(&mut self, user_id: &str, change: impl FnOnce(&mut FakeUser)) -> bool {
        let Some(mut user) = self.0.remove(user_id) else {
            return false;
        };
        change(&mut user);
        self.put(user);
        true
    }

    pub(crate) fn remove(&mut self, user_id: &str) -> bool {
        self.0.remove(user_id).is_some()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &FakeUser> {
        self.0.values()
    }
}

/// The people of the development tenant: a plain one, one with another provider, one whose address is not verified,
/// one who is blocked, one with a phone and no address.
pub(crate) fn sample_users() -> Vec<FakeUser> {
    let picture = |file: &str| format!("https://cdn.example.test/{file}.png");
    vec![
        FakeUser::new("auth0|ada").email("ada@example.test", true).name("Ada Lovelace").picture(picture("ada")),
        FakeUser::new("google-oauth2|grace")
            .email("grace@example.test", true)
            .name("Grace Hopper")
            .picture(picture("grace")),
        FakeUser::new("auth0|linus").email("linus@example.test", false).name("Linus Torvalds"),
        FakeUser::new("auth0|mallory").email("mallory@example.test", true).name("Mallory").blocked(true),
        FakeUser::new("sms|alan").name("Alan Turing").with("phone_number", "+15550100"),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_profile_shows_what_is_known_and_lets_any_member_be_odd() {
        let user = FakeUser::new("auth0|1").email("a@example.test", true).with("email_verified", "yes");
        assert_eq!(user.to_json(), json!({ "user_id": "auth0|1", "email": "a@example.test", "email_verified": "yes" }));
    }

    #[test]
    fn a_change_may_move_a_user() {
        let mut users = Users::default();
        users.put(FakeUser::new("auth0|1"));
        assert!(users.change("auth0|1", |user| user.user_id = "auth0|2".to_owned()));
        assert!(users.find("auth0|1").is_none());
        assert!(users.find("auth0|2").is_some());
        assert!(!users.change("auth0|1", |_| ()));
    }
}
