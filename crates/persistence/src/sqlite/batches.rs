//! The threads that work on a SQLite file for many callers at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use diesel::r2d2::R2D2Connection as _;
use domain::{KnownUser, Subject};

use super::batch_login::Writer;
use super::errors::classify;
use super::find::find_known;
use super::pragmas::{Pragmas, file_name};
use super::write_turns::WriteTurns;
use crate::batched_users::{BatchedUsers, limits, or_say};
use crate::changes::Listeners;
use crate::connection_failures::one_line;
use crate::fault::{Fault, repeated};
use crate::lanes::{Batch, Lane, Worker, start};
use crate::pool::PoolSettings;

/// Lookups and logins over connections of their own.
pub(crate) fn open_batches(
    path: &str,
    settings: &PoolSettings,
    turns: Arc<WriteTurns>,
    listeners: Arc<Listeners>,
) -> BatchedUsers {
    let (path, settings) = (file_name(path), *settings);
    let link = move || Link {
        path: path.clone(),
        patience: settings.statement_timeout,
        pragmas: Pragmas::of(&settings),
        connection: None,
    };
    let (lookups, of_reader) = (Lane::new(limits(&settings), 1), link.clone());
    or_say(start(&lookups, "db-lookups", move || Reader(of_reader())));
    let logins = Lane::new(limits(&settings), 1);
    let writer = move || Writer::over(link(), Arc::clone(&turns), Arc::clone(&listeners));
    or_say(start(&logins, "db-logins", writer));
    BatchedUsers::over(lookups, logins, None)
}

/// The one connection of a thread.
pub(super) struct Link {
    path: String,
    pub(super) patience: Duration,
    pragmas: Pragmas,
    connection: Option<SqliteConnection>,
}

impl Link {
    pub(super) fn connect(&mut self) -> Result<(), String> {
        let said = |error: &dyn std::fmt::Display| one_line(&error.to_string());
        let mut connection = SqliteConnection::establish(&self.path).map_err(|error| said(&error))?;
        self.pragmas.set(&mut connection).map_err(|error| said(&error))?;
        self.connection = Some(connection);
        Ok(())
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    pub(super) fn disconnect(&mut self) {
        self.connection = None;
    }

    /// Does something with the connection, and gives it up if it is not fit for anything afterwards.
    pub(super) fn run<T>(&mut self, work: impl FnOnce(&mut SqliteConnection) -> Result<T, Fault>) -> Result<T, Fault> {
        // A thread is given no work before it is connected.
        let Some(connection) = &mut self.connection else { return Err(Fault::NoTurn) };
        let outcome = work(connection);
        if connection.is_broken() {
            self.connection = None;
        }
        outcome
    }
}

/// The thread that looks users up.
struct Reader(Link);

impl Worker for Reader {
    type Question = Subject;
    type Answer = Option<Arc<KnownUser>>;

    fn connect(&mut self) -> Result<(), String> {
        self.0.connect()
    }

    fn is_connected(&self) -> bool {
        self.0.is_connected()
    }

    fn disconnect(&mut self) {
        self.0.disconnect();
    }

    fn work(&mut self, batch: Batch<Self>) -> Batch<Self> {
        // Who asks for one user is answered by one row. All of them asked before the transaction begins.
        let mut subjects: Vec<&Subject> = batch.iter().map(|asked| &asked.question).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let found = self.0.run(|connection| {
            connection.transaction(|connection| {
                let each = subjects.into_iter().map(|subject| {
                    let known = find_known(connection, subject).map_err(|fault| fault.explained(classify));
                    (subject.as_str().to_owned(), known.map(|known| known.map(Arc::new)))
                });
                Ok::<HashMap<_, _>, Fault>(each.collect())
            })
        });
        let found = found.map_err(|fault| fault.explained(classify));
        for asked in batch {
            let answer = match &found {
                Ok(found) => match found.get(asked.question.as_str()) {
                    Some(Ok(known)) => Ok(known.clone()),
                    Some(Err(error)) => Err(repeated(error)),
                    None => Ok(None),
                },
                Err(error) => Err(repeated(error)),
            };
            asked.promise.keep(answer);
        }
        Vec::new()
    }
}
