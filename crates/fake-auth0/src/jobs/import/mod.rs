//! A bulk import: from the file's bytes to people, and to the rows that were refused.

mod members;
mod password;
mod redaction;
mod row_error;
mod rows;

use std::sync::Mutex;

use serde_json::{Map, Value, json};

use crate::lock::lock;
use crate::users::Users;
use rows::Rows;

/// The largest file that a job takes, in bytes. Auth0 says "500KB"; this is the smaller of the two readings.
pub(crate) const FILE_LIMIT: usize = 500_000;

/// How many unfinished import jobs a tenant may have.
pub(crate) const CONCURRENT_JOBS: usize = 2;

/// An import that was ordered.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) file: Vec<u8>,
    pub(crate) connection_id: String,
    pub(crate) upsert: bool,
    pub(crate) external_id: Option<String>,
    pub(crate) send_completion_email: bool,
}

/// What became of an import.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) inserted: usize,
    pub(crate) updated: usize,
    /// `{user, errors}` for each refused row, secrets blotted out.
    pub(crate) refused: Vec<Value>,
}

impl Import {
    /// What the job tells of itself.
    pub(crate) fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("type".to_owned(), json!("users_import"));
        members.insert("connection_id".to_owned(), json!(self.connection_id));
        members.insert("upsert".to_owned(), json!(self.upsert));
        members.insert("send_completion_email".to_owned(), json!(self.send_completion_email));
        if let Some(external_id) = &self.external_id {
            members.insert("external_id".to_owned(), json!(external_id));
        }
        members
    }

    /// Takes the file in. `None`: it is no JSON array, and nothing was taken in.
    pub(crate) fn run(&self, users: &Mutex<Users>) -> Option<Imported> {
        let rows: Vec<Value> = serde_json::from_slice(&self.file).ok()?;
        let mut users = lock(users);
        let mut taking = Rows::new(&mut users, self.upsert);
        let mut imported = Imported { inserted: 0, updated: 0, refused: Vec::new() };
        for row in rows {
            match taking.take(&row) {
                Ok(rows::Taken::Inserted) => imported.inserted += 1,
                Ok(rows::Taken::Updated) => imported.updated += 1,
                Err(errors) => {
                    let row = redaction::redacted(row);
                    imported.refused.push(json!({ "user": row, "errors": errors.into_json() }));
                }
            }
        }
        Some(imported)
    }
}

impl Imported {
    pub(crate) fn summary(&self) -> Value {
        let failed = self.refused.len();
        let total = self.inserted + self.updated + failed;
        json!({ "failed": failed, "updated": self.updated, "inserted": self.inserted, "total": total })
    }
}
