//! The `identities` of a profile: by whom a person signs in.

use serde_json::{Value, json};

/// The name of the tenant's only database connection, Auth0's own default.
pub(crate) const DATABASE_CONNECTION: &str = "Username-Password-Authentication";

/// The one identity that an id tells of; none for an id without a provider.
pub(crate) fn identities_of(user_id: &str) -> Value {
    let Some((provider, id)) = user_id.split_once('|') else {
        return json!([]);
    };
    let connection = if provider == "auth0" { DATABASE_CONNECTION } else { provider };
    let is_social = !["auth0", "sms", "email"].contains(&provider);
    json!([{ "provider": provider, "user_id": id, "connection": connection, "isSocial": is_social }])
}
