//! Users of whom nothing is known, inserted by one statement.
//!
//! Most first logins are of somebody whom nobody else has anything to do with. What the domain makes of such a login is
//! known beforehand; whether the table knows nothing indeed is for the statement to see, behind the locks that everybody
//! takes who decides about a subject or an address. Whoever it leaves out goes the way of all others.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use domain::{Saved, User, UserId};

use super::batch_sql::InsertNewUsers;
use super::locks::{address_key, subject_key};
use crate::batched_users::PendingLogin;
use crate::fault::Fault;
use crate::first_row::first_row;
use crate::lanes::Asked;

/// A login that makes this row, if nothing is known of its user.
pub(super) struct Newcomer {
    pub(super) asked: Asked<PendingLogin, Saved>,
    row: User,
    subject_key: i64,
    address_key: i64,
}

impl Newcomer {
    /// The login, unless more than a row would have to be written.
    pub(super) fn of(asked: Asked<PendingLogin, Saved>) -> Result<Self, Asked<PendingLogin, Saved>> {
        match first_row(&asked.question.login) {
            None => Err(asked),
            Some(row) => {
                Ok(Self { subject_key: subject_key(&row.subject), address_key: address_key(&row.email), asked, row })
            }
        }
    }

    /// Whether nobody before was about the same subject or address.
    pub(super) fn is_apart(&self, claimed: &mut HashSet<i64>) -> bool {
        let keys = [self.subject_key, self.address_key];
        let is_apart = !keys.iter().any(|key| claimed.contains(key));
        claimed.extend(keys);
        is_apart
    }

    /// Answers with the id that the row got; hands the login back where it got none.
    pub(super) fn settle(self, ids: &HashMap<String, i32>) -> Option<Asked<PendingLogin, Saved>> {
        let Self { asked, row, .. } = self;
        match ids.get(row.subject.as_str()) {
            Some(id) => {
                asked.promise.keep(Ok(Saved::Created(User { id: UserId::new(*id), ..row })));
                None
            }
            None => Some(asked),
        }
    }
}

/// Inserts those of whom nothing is known, and says which id each subject got. One statement, which waits for none of us.
pub(super) fn insert_new(connection: &mut PgConnection, newcomers: &[Newcomer]) -> Result<HashMap<String, i32>, Fault> {
    let rows = || newcomers.iter().map(|newcomer| &newcomer.row);
    let inserted: Vec<(String, i32)> = InsertNewUsers {
        subjects: rows().map(|user| user.subject.as_str()).collect(),
        imported: rows().map(|user| user.subject.as_imported().map(UserId::get)).collect(),
        emails: rows().map(|user| user.email.as_str()).collect(),
        verified: rows().map(|user| user.email_verified).collect(),
        names: rows().map(|user| user.name.as_ref().map(|name| name.as_str())).collect(),
        pictures: rows().map(|user| user.picture.as_ref().map(|picture| picture.as_str())).collect(),
        subject_keys: newcomers.iter().map(|newcomer| newcomer.subject_key).collect(),
        address_keys: newcomers.iter().map(|newcomer| newcomer.address_key).collect(),
    }
    .load(connection)?;
    Ok(inserted.into_iter().collect())
}
