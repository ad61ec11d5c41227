//! An import file read as Auth0 reads it: the schema once more, from the side of the file.

use std::collections::HashSet;
use std::fmt;

use domain::Secret;
use serde_json::{Map, Value};

use super::check_hash::check_custom_hash;
use super::email_form::is_email;
use super::{MAX_IMPORT_FILE_BYTES, RESERVED_METADATA};

/// How many faults are told. A file that has more is no import file.
const MOST_FAULTS: usize = 100;

/// The texts of the schema and the longest that Auth0 takes for each.
const TEXTS: [(&str, usize); 7] = [
    ("user_id", 255),
    ("username", 128),
    ("given_name", 150),
    ("family_name", 150),
    ("name", 300),
    ("nickname", 300),
    ("picture", usize::MAX),
];

/// The members of the schema besides these texts and `email`.
const OTHERS: [&str; 9] = [
    "app_metadata",
    "blocked",
    "custom_password_hash",
    "email_verified",
    "mfa_factors",
    "password_hash",
    "phone_number",
    "phone_verified",
    "user_metadata",
];

/// What a file holds that has no fault.
#[derive(Clone, Debug)]
pub struct CheckedFile {
    /// Its users, in order.
    pub users: Vec<FileUser>,
}

/// A user of a file.
#[derive(Clone, Debug)]
pub struct FileUser {
    /// The id without a prefix.
    pub user_id: Option<String>,
    /// The email address.
    pub email: String,
    /// The whole object.
    pub(super) text: Secret,
}

/// What Auth0 would refuse, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// Which user of the file, counted from 0; nothing if it is the file itself.
    pub index: Option<usize>,
    /// Where in the object: `custom_password_hash.hash.value`. Empty if it is the object itself.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// Collects what is wrong with one user.
pub(super) struct Faults<'a> {
    index: usize,
    found: &'a mut Vec<FileFault>,
}

/// Checks a whole file against the schema of Auth0's page, its size included. Owes nothing to the code that writes them.
///
/// `mfa_factors`, which authsync does not write, are only looked at for being an array.
///
/// # Errors
/// All faults, up to a hundred.
pub fn check_import_file(bytes: &[u8]) -> Result<CheckedFile, Vec<FileFault>> {
    let of_file = |what: String| vec![FileFault { index: None, path: String::new(), what }];
    if bytes.len() > MAX_IMPORT_FILE_BYTES {
        return Err(of_file(format!("it has {} bytes, more than {MAX_IMPORT_FILE_BYTES}", bytes.len())));
    }
    let rows: Vec<Value> = serde_json::from_slice(bytes)
        .map_err(|error| of_file(format!("it is no JSON array (line {}, column {})", error.line(), error.column())))?;
    let mut found = Vec::new();
    let mut seen = (HashSet::new(), HashSet::new());
    let mut users = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        if found.len() >= MOST_FAULTS {
            break;
        }
        let mut faults = Faults { index, found: &mut found };
        users.extend(check_user(row, &mut faults, &mut seen));
    }
    if found.is_empty() { Ok(CheckedFile { users }) } else { Err(found) }
}

impl Faults<'_> {
    pub(super) fn add(&mut self, path: &str, what: impl Into<String>) {
        self.found.push(FileFault { index: Some(self.index), path: path.to_owned(), what: what.into() });
    }

    /// Complains of a member that is not of the wanted type, if it is there.
    pub(super) fn want(&mut self, object: &Map<String, Value>, path: &str, kind: &str, is_kind: fn(&Value) -> bool) {
        let member = path.rsplit('.').next().unwrap_or(path);
        if object.get(member).is_some_and(|value| !is_kind(value)) {
            self.add(path, format!("it has to be {kind}"));
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            None => f.write_str(&self.what),
            Some(index) if self.path.is_empty() => write!(f, "user {}: {}", index + 1, self.what),
            Some(index) => write!(f, "user {}, {}: {}", index + 1, self.path, self.what),
        }
    }
}

fn check_user(row: &Value, faults: &mut Faults<'_>, seen: &mut (HashSet<String>, HashSet<String>)) -> Option<FileUser> {
    let Some(user) = row.as_object() else {
        faults.add("", "it has to be an object");
        return None;
    };
    for member in user.keys().map(String::as_str) {
        if member != "email" && !OTHERS.contains(&member) && !TEXTS.iter().any(|(name, _)| *name == member) {
            faults.add("", "it has a member that the schema does not know");
        }
    }
    for (member, most) in TEXTS {
        faults.want(user, member, "a string", Value::is_string);
        if user.get(member).and_then(Value::as_str).is_some_and(|text| text.chars().count() > most) {
            faults.add(member, format!("it is longer than {most} characters"));
        }
    }
    for member in ["email_verified", "phone_verified", "blocked"] {
        faults.want(user, member, "true or false", Value::is_boolean);
    }
    for member in ["phone_number", "password_hash"] {
        faults.want(user, member, "a string", Value::is_string);
    }
    for member in ["app_metadata", "user_metadata"] {
        faults.want(user, member, "an object", Value::is_object);
    }
    faults.want(user, "mfa_factors", "an array", Value::is_array);
    check_metadata(user, faults);
    check_hashes(user, faults);
    let user_id = user.get("user_id").and_then(Value::as_str);
    if user_id.is_some_and(|id| id.is_empty() || id.contains('|')) {
        faults.add("user_id", "it has to be the bare id, without a prefix");
    }
    if user_id.is_some_and(|id| !seen.0.insert(id.to_owned())) {
        faults.add("user_id", "another user of the file has it");
    }
    let Some(email) = user.get("email").and_then(Value::as_str).filter(|email| is_email(email)) else {
        faults.add("email", "it has to be an email address");
        return None;
    };
    if !seen.1.insert(email.to_lowercase()) {
        faults.add("email", "another user of the file has it");
    }
    let text = Secret::new(row.to_string());
    Some(FileUser { user_id: user_id.map(str::to_owned), email: email.to_owned(), text })
}

fn check_metadata(user: &Map<String, Value>, faults: &mut Faults<'_>) {
    let Some(metadata) = user.get("app_metadata").and_then(Value::as_object) else { return };
    for name in RESERVED_METADATA.into_iter().filter(|name| metadata.contains_key(*name)) {
        faults.add("app_metadata", format!("{name} is reserved"));
    }
}

fn check_hashes(user: &Map<String, Value>, faults: &mut Faults<'_>) {
    if let Some(text) = user.get("password_hash").and_then(Value::as_str) {
        let tail = text.strip_prefix("$2a$10$").or_else(|| text.strip_prefix("$2b$10$"));
        if tail.is_none_or(|tail| tail.len() != 53) {
            faults.add("password_hash", "it has to be bcrypt, $2a$ or $2b$, of cost 10");
        }
    }
    let Some(custom) = user.get("custom_password_hash") else { return };
    if user.contains_key("password_hash") {
        faults.add("", "password_hash and custom_password_hash exclude each other");
    }
    match custom.as_object() {
        Some(custom) => check_custom_hash(custom, faults),
        None => faults.add("custom_password_hash", "it has to be an object"),
    }
}
