//! What the table says of many subjects at once.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::{Auth0Record, RepositoryError, Subject, User, UserId};

use super::batch_sql::Bases;
use super::errors::classify;
use super::find::record_from;
use crate::fault::Fault;
use crate::user_row::{Columns, user_from};

/// What a change of a subject starts from.
pub(super) enum Base {
    /// The row, and Auth0's word.
    Known { user: Option<User>, record: Box<Auth0Record> },
    /// No row, but one from the password era that may become theirs.
    Exported,
    /// A row or a record that breaks a rule.
    Unreadable(RepositoryError),
}

/// One entry for each subject. One query.
pub(super) fn read_bases<'a>(
    connection: &mut PgConnection,
    subjects: impl Iterator<Item = &'a Subject>,
) -> Result<HashMap<String, Base>, Fault> {
    let mut asked: Vec<&Subject> = subjects.collect();
    asked.sort_unstable();
    asked.dedup();
    let query = Bases {
        subjects: asked.iter().map(|subject| subject.as_str()).collect(),
        imported: asked.iter().map(|subject| subject.as_imported().map(UserId::get)).collect(),
    };
    type Row = (String, Option<Columns<i32>>, Option<String>, bool);
    let rows: Vec<Row> = query.load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(subject, columns, document, exported)| (subject, base(columns, document, exported)))
        .collect())
}

fn base(columns: Option<Columns<i32>>, document: Option<String>, exported: bool) -> Base {
    if columns.is_none() && exported {
        return Base::Exported;
    }
    let read = || Ok((columns.map(user_from).transpose()?, record_from(document)?));
    match read() {
        Ok((user, record)) => Base::Known { user, record: Box::new(record) },
        Err(fault) => Base::Unreadable(Fault::explained(fault, classify)),
    }
}
