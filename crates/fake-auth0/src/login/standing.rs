//! Whether a person may log in at this moment.

use super::authorization::Failure;
use crate::tenant::Tenant;
use crate::users::FakeUser;

/// What the tenant thinks of a person.
#[derive(Debug)]
pub(super) enum Standing {
    Welcome(FakeUser),
    Blocked,
    Unknown,
}

impl Standing {
    pub(super) fn of(user_id: &str, tenant: &Tenant) -> Self {
        match tenant.users().person(user_id) {
            Some(user) if user.blocked == Some(true) => Self::Blocked,
            Some(user) => Self::Welcome(user),
            None => Self::Unknown,
        }
    }
}

/// What Auth0 tells an application whose user is blocked.
pub(super) fn blocked() -> Failure {
    Failure::new("unauthorized", "user is blocked")
}

/// The `user_id` of whoever is called so: an id, an email address in any case, a phone number.
pub(super) fn user_called(name: &str, tenant: &Tenant) -> Option<String> {
    let name = name.trim();
    let users = tenant.users();
    if let Some(user) = users.person(name) {
        return Some(user.user_id);
    }
    let is_called = |user: &&FakeUser| {
        let phone = user.extra.get("phone_number").and_then(|number| number.as_str());
        user.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(name)) || phone == Some(name)
    };
    users.all().find(is_called).map(|user| user.user_id.clone())
}
