//! What an application is told about a person, by the scopes that it asked for.

use serde_json::{Map, Value};

use super::code::Grant;
use crate::users::FakeUser;

/// The claims of a scope: OpenID Connect Core §5.4, in Auth0's choice.
const BY_SCOPE: [(&str, &[&str]); 3] = [
    ("profile", &["name", "nickname", "given_name", "family_name", "picture", "updated_at"]),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_verified"]),
];

/// The person's claims for an ID token of this grant.
pub(super) fn claims_of(user: &FakeUser, grant: &Grant) -> Map<String, Value> {
    let Value::Object(mut profile) = user.to_json() else {
        return Map::new();
    };
    if let Some(nickname) = user.email.as_deref().and_then(|email| email.split('@').next()) {
        profile.entry("nickname").or_insert_with(|| Value::from(nickname));
    }
    let names = BY_SCOPE.iter().filter(|(scope, _)| grant.has_scope(scope)).flat_map(|(_, names)| names.iter());
    names.filter_map(|name| profile.remove(*name).map(|value| ((*name).to_owned(), value))).collect()
}

/// The claims that Auth0's documentation shows an Action add to access tokens.
pub(crate) fn email_claims(user: &FakeUser, claims: &mut Map<String, Value>) {
    if let Value::Object(profile) = user.to_json() {
        let wanted = ["email", "email_verified", "name", "picture"];
        claims.extend(profile.into_iter().filter(|(name, _)| wanted.contains(&name.as_str())));
    }
}
