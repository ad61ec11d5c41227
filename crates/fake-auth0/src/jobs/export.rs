//! What an export was ordered to hold.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::DATABASE_CONNECTION_ID;
use crate::profile::DATABASE_CONNECTION;
use crate::users::FakeUser;

/// What is exported where no fields are named. Auth0 calls it "a predefined set of fields"; `blocked` is not of it.
const DEFAULT_FIELDS: [&str; 14] = [
    "user_id",
    "email",
    "email_verified",
    "username",
    "phone_number",
    "phone_verified",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "picture",
    "identities",
    "created_at",
    "updated_at",
];

/// The body of `POST /api/v2/jobs/users-exports`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Export {
    connection_id: Option<String>,
    format: Option<String>,
    pub(crate) limit: Option<u64>,
    fields: Option<Vec<Field>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    name: String,
    export_as: Option<String>,
}

impl Export {
    /// Reads a request's body; the error is for the caller.
    pub(crate) fn read(body: &[u8]) -> Result<Self, String> {
        let export: Self = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        if export.format.as_deref() != Some("json") {
            return Err("this tenant exports in the format json only".to_owned());
        }
        if export.limit == Some(0) {
            return Err("limit must be at least 1".to_owned());
        }
        if export.connection_id.as_deref().is_some_and(|id| id != DATABASE_CONNECTION_ID) {
            return Err("the connection does not exist".to_owned());
        }
        Ok(export)
    }

    pub(crate) fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("type".to_owned(), json!("users_export"));
        members.insert("format".to_owned(), json!("json"));
        if let Some(id) = &self.connection_id {
            members.insert("connection_id".to_owned(), json!(id));
            members.insert("connection".to_owned(), json!(DATABASE_CONNECTION));
        }
        if let Some(limit) = self.limit {
            members.insert("limit".to_owned(), json!(limit));
        }
        if let Some(fields) = &self.fields {
            let fields: Vec<Value> = fields.iter().map(Field::shown).collect();
            members.insert("fields".to_owned(), json!(fields));
        }
        members
    }

    /// Whether the person is of the connection that was named, if one was.
    pub(crate) fn includes(&self, user: &FakeUser) -> bool {
        self.connection_id.is_none() || user.user_id.starts_with("auth0|")
    }

    /// One line of the file, without its end. A member that the profile lacks is left out.
    pub(crate) fn line(&self, user: &FakeUser) -> String {
        let profile = user.to_json();
        let line = match (&self.fields, profile) {
            (Some(fields), profile) => {
                let named = fields.iter().filter_map(|field| {
                    let name = field.export_as.as_ref().unwrap_or(&field.name);
                    Some((name.clone(), member(&profile, &field.name)?.clone()))
                });
                named.collect()
            }
            (None, Value::Object(mut members)) => {
                members.retain(|name, _| DEFAULT_FIELDS.contains(&name.as_str()));
                members
            }
            (None, _) => Map::new(),
        };
        Value::Object(line).to_string()
    }
}

impl Field {
    fn shown(&self) -> Value {
        match &self.export_as {
            Some(export_as) => json!({ "name": self.name, "export_as": export_as }),
            None => json!({ "name": self.name }),
        }
    }
}

/// The value at a path such as `identities[0].connection` or `user_metadata.country`.
fn member<'a>(profile: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(profile, |value, step| {
        let (name, positions) = step.split_once('[').unwrap_or((step, ""));
        let value = value.get(name)?;
        positions
            .split_terminator(']')
            .try_fold(value, |value, position| value.get(position.trim_start_matches('[').parse::<usize>().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_fields_that_were_asked_for_under_the_names_that_were_asked_for() {
        let user = FakeUser::new("auth0|1").email("a@example.test", true).with("user_metadata", json!({ "a": [1, 2] }));
        let line = |body: Value| -> Value {
            serde_json::from_str(&Export::read(body.to_string().as_bytes()).unwrap().line(&user)).unwrap()
        };
        let fields = json!([
            { "name": "email" },
            { "name": "identities[0].connection", "export_as": "provider" },
            { "name": "user_metadata.a[1]", "export_as": "second" },
            { "name": "picture" },
        ]);
        assert_eq!(
            line(json!({ "format": "json", "fields": fields })),
            json!({ "email": "a@example.test", "provider": "Username-Password-Authentication", "second": 2 })
        );
        let usual = line(json!({ "format": "json" }));
        assert_eq!((&usual["user_id"], usual.get("user_metadata")), (&json!("auth0|1"), None));
    }
}
