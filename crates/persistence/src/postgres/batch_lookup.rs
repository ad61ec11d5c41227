//! Many users looked up at once on PostgreSQL.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use domain::{KnownUser, RepositoryError, Subject};

use super::batch_sql::Lookup;
use super::errors::classify;
use super::find::record_from;
use super::link::{Broke, Link};
use crate::fault::{Fault, repeated};
use crate::lanes::{Batch, Worker};
use crate::user_row::{Columns, user_from};

/// The thread that looks users up.
pub(super) struct Reader {
    link: Link,
}

type Found = Result<Arc<KnownUser>, RepositoryError>;

impl Reader {
    pub(super) fn over(link: Link) -> Self {
        Self { link }
    }
}

impl Worker for Reader {
    type Question = Subject;
    type Answer = Option<Arc<KnownUser>>;

    fn connect(&mut self) -> Result<(), String> {
        self.link.connect()
    }

    fn is_connected(&self) -> bool {
        self.link.is_connected()
    }

    fn disconnect(&mut self) {
        self.link.disconnect();
    }

    fn work(&mut self, batch: Batch<Self>) -> Batch<Self> {
        // Who asks for one user is answered by one row. All of them asked before the statement is sent.
        let mut subjects: Vec<&str> = batch.iter().map(|asked| asked.question.as_str()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let found = self.link.statements(|connection| look_up(connection, subjects));
        match found {
            Ok(found) => {
                for asked in batch {
                    let answer = match found.get(asked.question.as_str()) {
                        None => Ok(None),
                        Some(Ok(known)) => Ok(Some(Arc::clone(known))),
                        Some(Err(error)) => Err(repeated(error)),
                    };
                    asked.promise.keep(answer);
                }
                Vec::new()
            }
            // Nothing was answered, and asking again does no harm.
            Err(Broke::Before | Broke::AtTheEnd) => batch,
            Err(Broke::Work(fault)) => {
                let error = fault.explained(classify);
                batch.into_iter().for_each(|asked| asked.promise.keep(Err(repeated(&error))));
                Vec::new()
            }
        }
    }
}

/// A row that breaks a rule is an error of those who ask for it, and of nobody else.
fn look_up(connection: &mut PgConnection, subjects: Vec<&str>) -> Result<HashMap<String, Found>, Fault> {
    let rows: Vec<(Columns<i32>, Option<String>)> = Lookup { subjects }.load(connection)?;
    let found = rows.into_iter().map(|(columns, document)| {
        let subject = columns.1.clone();
        (subject, known_user(columns, document).map_err(|fault| fault.explained(classify)))
    });
    Ok(found.collect())
}

fn known_user(columns: Columns<i32>, document: Option<String>) -> Result<Arc<KnownUser>, Fault> {
    Ok(Arc::new(KnownUser { user: user_from(columns)?, record: Some(record_from(document)?) }))
}
