//! Rows that become people, one after the other.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::members;
use super::row_error::{Code, RowErrors};
use crate::imported_hash::ImportedHash;
use crate::random;
use crate::users::{FakeUser, Users};

/// What the connection puts before every id.
const STRATEGY: &str = "auth0|";

/// What an upsert changes, metadata and `custom_password_hash` aside.
const UPSERTABLE: [&str; 8] =
    ["app_metadata", "email_verified", "family_name", "given_name", "name", "nickname", "picture", "user_metadata"];

pub(super) enum Taken {
    Inserted,
    Updated,
}

/// A file in the middle of its import.
pub(super) struct Rows<'a> {
    users: &'a mut Users,
    upsert: bool,
    /// Who held an address, user name or telephone number of this connection before the job.
    holders: HashMap<Key, String>,
    /// What earlier rows of the file gave.
    given: HashSet<Key>,
}

/// What must be unique, by member; addresses and user names without case.
type Key = (&'static str, String);

impl<'a> Rows<'a> {
    pub(super) fn new(users: &'a mut Users, upsert: bool) -> Self {
        let of_connection = users.all().filter(|user| user.user_id.starts_with(STRATEGY));
        let holders = of_connection.flat_map(|user| {
            let profile = user.to_json();
            let key = |name| Some(((name, lower_case(&profile, name)?), user.user_id.clone()));
            ["email", "username", "phone_number"].into_iter().filter_map(key).collect::<Vec<_>>()
        });
        Self { holders: holders.collect(), given: HashSet::new(), users, upsert }
    }

    pub(super) fn take(&mut self, row: &Value) -> Result<Taken, RowErrors> {
        let Value::Object(members) = row else {
            let mut errors = RowErrors::default();
            members::wrong_type("", "object", row, &mut errors);
            return Err(errors);
        };
        let errors = members::check(members);
        if !errors.is_empty() {
            return Err(errors);
        }
        self.refuse_duplicates(row)?;
        let Some(email) = lower_case(row, "email") else {
            return Err(RowErrors::one(Code::ObjectRequired, "email", "Missing required property: email"));
        };
        match self.holders.get(&("email", email.clone())).cloned() {
            Some(user_id) if self.upsert => {
                self.update(&user_id, members);
                Ok(Taken::Updated)
            }
            Some(_) => Err(RowErrors::one(Code::ConflictEmail, "email", "A user with this email already exists.")),
            None => self.insert(email, members),
        }
    }

    fn refuse_duplicates(&mut self, row: &Value) -> Result<(), RowErrors> {
        let keys: Vec<Key> = ["email", "username", "user_id"]
            .into_iter()
            .filter_map(|name| Some((name, lower_case(row, name)?)))
            .collect();
        if let Some((name, _)) = keys.iter().find(|key| self.given.contains(*key)) {
            let message = format!("A user with this {name} was already provided.");
            return Err(RowErrors::one(Code::DuplicatedUser, name, &message));
        }
        self.given.extend(keys);
        Ok(())
    }

    fn insert(&mut self, email: String, row: &Map<String, Value>) -> Result<Taken, RowErrors> {
        let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        let holder = |name| text(name).and_then(|value| self.holders.get(&(name, value.to_lowercase())));
        if holder("username").is_some() {
            return Err(RowErrors::one(
                Code::ConflictUsername,
                "username",
                "A user with this username already exists.",
            ));
        }
        if holder("phone_number").is_some() {
            return Err(RowErrors::one(
                Code::Conflict,
                "phone_number",
                "A user with this phone number already exists.",
            ));
        }
        let local_id = text("user_id").unwrap_or_else(|| random::hexadecimal(24));
        let user_id = format!("{STRATEGY}{local_id}");
        if self.users.person(&user_id).is_some() {
            return Err(RowErrors::one(Code::Conflict, "user_id", "A user with this user_id already exists."));
        }
        let mut user = FakeUser::new(&user_id);
        user.email_verified = Some(row.get("email_verified").and_then(Value::as_bool).unwrap_or(false));
        user.name = text("name").or_else(|| Some(email.clone()));
        user.picture = text("picture");
        user.blocked = row.get("blocked").and_then(Value::as_bool);
        let nickname = email.split('@').next().unwrap_or_default().to_owned();
        user.extra.insert("nickname".to_owned(), json!(text("nickname").unwrap_or(nickname)));
        for name in
            ["phone_number", "phone_verified", "username", "given_name", "family_name", "app_metadata", "user_metadata"]
        {
            if let Some(value) = row.get(name) {
                user.extra.insert(name.to_owned(), value.clone());
            }
        }
        user.email = Some(email);
        self.users.put(user);
        if let Some(hash) = hash_of(row, &ImportedHash::MEMBERS) {
            self.users.keep_hash(&user_id, hash);
        }
        Ok(Taken::Inserted)
    }

    /// Changes what an upsert may change. A hash is taken only from `custom_password_hash`, and only for somebody who
    /// has never signed in.
    fn update(&mut self, user_id: &str, row: &Map<String, Value>) {
        let mut has_signed_in = false;
        self.users.change(user_id, |user| {
            has_signed_in = user.extra.contains_key("last_login");
            for name in UPSERTABLE {
                let Some(value) = row.get(name) else { continue };
                match name {
                    "email_verified" => user.email_verified = value.as_bool(),
                    "name" => user.name = value.as_str().map(str::to_owned),
                    "picture" => user.picture = value.as_str().map(str::to_owned),
                    _ => drop(user.extra.insert(name.to_owned(), value.clone())),
                }
            }
        });
        if let Some(hash) = hash_of(row, &["custom_password_hash"]).filter(|_| !has_signed_in) {
            self.users.keep_hash(user_id, hash);
        }
    }
}

fn hash_of(row: &Map<String, Value>, members: &[&'static str]) -> Option<ImportedHash> {
    members.iter().find_map(|member| Some(ImportedHash::new(member, row.get(*member)?.clone())))
}

/// A text member without its case; ids keep theirs.
fn lower_case(row: &Value, name: &str) -> Option<String> {
    let text = row.get(name)?.as_str()?;
    Some(if name == "user_id" { text.to_owned() } else { text.to_lowercase() })
}
