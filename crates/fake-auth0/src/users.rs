//! The people of a tenant.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::TenantClock;
use crate::events::{Events, UserEvent};
use crate::generated_people::GeneratedPeople;
use crate::imported_hash::ImportedHash;
use crate::timestamp::{iso8601, milliseconds};

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
    /// When the user was created: `2026-01-31T12:00:00.000Z`; set by the tenant if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When the profile last changed: `2026-01-31T12:00:00.000Z`; set by the tenant if `None`, and at every change
    /// that does not set it itself.
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
}

/// The people who were put there, by `user_id`, and the generated ones.
#[derive(Debug, Default)]
pub(crate) struct Users {
    people: BTreeMap<String, FakeUser>,
    /// When each person last changed or went, in milliseconds. Who is here and not among the people is deleted.
    moments: BTreeMap<String, i64>,
    hashes: BTreeMap<String, ImportedHash>,
    generated: GeneratedPeople,
    clock: Arc<TenantClock>,
    events: Arc<Events>,
}

impl Users {
    pub(crate) fn new(generated: GeneratedPeople, clock: Arc<TenantClock>, events: Arc<Events>) -> Self {
        Self { generated, clock, events, ..Self::default() }
    }

    /// Adds a person, or puts the new profile in the old one's place.
    pub(crate) fn put(&mut self, mut user: FakeUser) {
        let previous = self.person(&user.user_id);
        let moment = self.next_moment(&user.user_id, previous.as_ref());
        let kind = if previous.is_some() { UserEvent::Updated } else { UserEvent::Created };
        user.created_at = user.created_at.or(previous.and_then(|previous| previous.created_at));
        self.settle(user, moment, kind);
    }

    /// A person who was put there; generated ones are not found.
    pub(crate) fn find(&self, user_id: &str) -> Option<&FakeUser> {
        self.people.get(user_id)
    }

    /// A person, put there or generated.
    pub(crate) fn person(&self, user_id: &str) -> Option<FakeUser> {
        match self.find(user_id) {
            Some(user) => Some(user.clone()),
            None if self.moments.contains_key(user_id) => None,
            None => self.generated.find(user_id),
        }
    }

    /// Changes a user in place; `false`: there is none. A changed `user_id` moves the user.
    pub(crate) fn change(&mut self, user_id: &str, change: impl FnOnce(&mut FakeUser)) -> bool {
        let Some(previous) = self.person(user_id) else {
            return false;
        };
        let mut user = previous.clone();
        change(&mut user);
        if user.updated_at == previous.updated_at {
            user.updated_at = None;
        }
        if user.user_id == user_id {
            let moment = self.next_moment(user_id, Some(&previous));
            self.settle(user, moment, UserEvent::Updated);
        } else {
            self.remove(user_id);
            self.put(user);
        }
        true
    }

    pub(crate) fn remove(&mut self, user_id: &str) -> bool {
        let Some(user) = self.person(user_id) else {
            return false;
        };
        let moment = self.next_moment(user_id, Some(&user));
        self.people.remove(user_id);
        self.hashes.remove(user_id);
        self.moments.insert(user_id.to_owned(), moment);
        self.events.record(UserEvent::Deleted, user.to_json(), moment);
        true
    }

    /// Keeps the hash that an import gave, in place of an earlier one.
    pub(crate) fn keep_hash(&mut self, user_id: &str, hash: ImportedHash) {
        self.hashes.insert(user_id.to_owned(), hash);
    }

    pub(crate) fn hash(&self, user_id: &str) -> Option<&ImportedHash> {
        self.hashes.get(user_id)
    }

    /// The people who were put there.
    pub(crate) fn all(&self) -> impl Iterator<Item = &FakeUser> {
        self.people.values()
    }

    /// The generated people, of whom those that were changed or deleted are no longer.
    pub(crate) fn generated(&self) -> (GeneratedPeople, impl Iterator<Item = &String>) {
        (self.generated, self.moments.keys().filter(|id| self.generated.find(id).is_some()))
    }

    fn settle(&mut self, mut user: FakeUser, moment: i64, kind: UserEvent) {
        user.created_at.get_or_insert_with(|| iso8601(moment));
        user.updated_at.get_or_insert_with(|| iso8601(moment));
        self.moments.insert(user.user_id.clone(), moment);
        self.events.record(kind, user.to_json(), moment);
        self.people.insert(user.user_id.clone(), user);
    }

    /// Now, or just after the person's last change if the clock has not moved since.
    fn next_moment(&self, user_id: &str, previous: Option<&FakeUser>) -> i64 {
        let shown = previous.and_then(|user| milliseconds(user.updated_at.as_deref()?));
        let last = self.moments.get(user_id).copied().max(shown);
        let now = self.clock.now_in_milliseconds();
        last.map_or(now, |last| now.max(last.saturating_add(1)))
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
    use crate::clock::TenantTime;

    #[test]
    fn a_profile_shows_what_is_known_and_lets_any_member_be_odd() {
        let user = FakeUser::new("auth0|1").email("a@example.test", true).with("email_verified", "yes");
        let identity = json!({
            "provider": "auth0", "user_id": "1", "connection": "Username-Password-Authentication", "isSocial": false,
        });
        assert_eq!(
            user.to_json(),
            json!({
                "user_id": "auth0|1", "email": "a@example.test", "email_verified": "yes", "identities": [identity],
            })
        );
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

    #[test]
    fn every_change_is_later_than_the_one_before_though_the_clock_stands_still() {
        let clock = Arc::new(TenantClock::new(TenantTime::Fixed(1_769_860_800)));
        let mut users = Users::new(GeneratedPeople(1), clock, Arc::default());
        users.put(FakeUser::new("auth0|1"));
        let times = |users: &Users| {
            let user = users.find("auth0|1").unwrap();
            (user.created_at.clone().unwrap(), user.updated_at.clone().unwrap())
        };
        let created = "2026-01-31T12:00:00.000Z".to_owned();
        assert_eq!(times(&users), (created.clone(), created.clone()));
        users.change("auth0|1", |user| user.blocked = Some(true));
        assert_eq!(times(&users), (created.clone(), "2026-01-31T12:00:00.001Z".to_owned()));
        users.put(FakeUser::new("auth0|1"));
        assert_eq!(times(&users), (created.clone(), "2026-01-31T12:00:00.002Z".to_owned()));
        let own = "2030-01-01T00:00:00.000Z".to_owned();
        users.change("auth0|1", |user| user.updated_at = Some(own.clone()));
        assert_eq!(times(&users), (created.clone(), own));
        users.change("auth0|1", |_| ());
        assert_eq!(times(&users), (created, "2030-01-01T00:00:00.001Z".to_owned()));
        users.remove("auth0|1");
        users.put(FakeUser::new("auth0|1"));
        assert_eq!(times(&users).0, "2030-01-01T00:00:00.003Z");
    }

    #[test]
    fn a_generated_person_can_be_changed_and_deleted() {
        let id = FakeUser::generated(3).user_id;
        let mut users = Users::new(GeneratedPeople(5), Arc::default(), Arc::default());
        assert_eq!(users.person(&id), Some(FakeUser::generated(3)));
        assert!(users.change(&id, |user| user.blocked = Some(true)));
        assert_eq!(users.person(&id).unwrap().blocked, Some(true));
        assert!(users.remove(&id));
        assert_eq!(users.person(&id), None);
        assert_eq!(users.generated().1.collect::<Vec<_>>(), [&id]);
    }
}
