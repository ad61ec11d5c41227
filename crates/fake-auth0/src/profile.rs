//! A person's profile as JSON, `identities` included.

use serde_json::{Map, Value, json};

use crate::users::FakeUser;

/// The name of the tenant's only database connection, Auth0's own default.
pub(crate) const DATABASE_CONNECTION: &str = "Username-Password-Authentication";

impl FakeUser {
    /// The profile in the shape of the Management API, `identities` included.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let text = |text: &Option<String>| text.clone().map(Value::String);
        let members = [
            ("user_id", Some(Value::String(self.user_id.clone()))),
            ("email", text(&self.email)),
            ("email_verified", self.email_verified.map(Value::Bool)),
            ("name", text(&self.name)),
            ("picture", text(&self.picture)),
            ("blocked", self.blocked.map(Value::Bool)),
            ("created_at", text(&self.created_at)),
            ("updated_at", text(&self.updated_at)),
            ("identities", Some(identities_of(&self.user_id))),
        ];
        let known = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let mut profile: Map<String, Value> = known.collect();
        profile.extend(self.extra.clone());
        Value::Object(profile)
    }
}

/// The one identity that an id tells of; none for an id without a provider.
fn identities_of(user_id: &str) -> Value {
    let Some((provider, id)) = user_id.split_once('|') else {
        return json!([]);
    };
    let connection = if provider == "auth0" { DATABASE_CONNECTION } else { provider };
    let is_social = !["auth0", "sms", "email"].contains(&provider);
    json!([{ "provider": provider, "user_id": id, "connection": connection, "isSocial": is_social }])
}
