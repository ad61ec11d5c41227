//! The threads that work on a SQLite file for many callers at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use diesel::r2d2::R2D2Connection as _;
use domain::{Change, KnownUser, Login, RepositoryError, Saved, Subject, UserChange};

use super::errors::classify;
use super::find::{find_base, find_known};
use super::pragmas::{Pragmas, file_name};
use super::save::{self, Carried};
use super::write_turns::WriteTurns;
use crate::batched_users::{BatchedUsers, PendingLogin, limits, or_say};
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
    let link = || Link {
        path: file_name(path),
        patience: settings.statement_timeout,
        pragmas: Pragmas::of(settings),
        connection: None,
    };
    let lookups = Lane::new(limits(settings), 1);
    or_say(start(&lookups, "db-lookups", [Reader(link())]));
    let logins = Lane::new(limits(settings), 1);
    or_say(start(&logins, "db-logins", [Writer { link: link(), turns, listeners }]));
    BatchedUsers::over(lookups, logins, None)
}

/// The one connection of a thread.
struct Link {
    path: String,
    patience: Duration,
    pragmas: Pragmas,
    connection: Option<SqliteConnection>,
}

impl Link {
    fn connect(&mut self) -> Result<(), String> {
        let said = |error: &dyn std::fmt::Display| one_line(&error.to_string());
        let mut connection = SqliteConnection::establish(&self.path).map_err(|error| said(&error))?;
        self.pragmas.set(&mut connection).map_err(|error| said(&error))?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Does something with the connection, and gives it up if it is not fit for anything afterwards.
    fn run<T>(&mut self, work: impl FnOnce(&mut SqliteConnection) -> Result<T, Fault>) -> Result<T, Fault> {
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
        self.0.connection.is_some()
    }

    fn disconnect(&mut self) {
        self.0.connection = None;
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

/// The thread that writes logins.
struct Writer {
    link: Link,
    turns: Arc<WriteTurns>,
    listeners: Arc<Listeners>,
}

type Outcome = Result<Carried, RepositoryError>;

impl Writer {
    /// Answers whoever changes nothing, and hands back the others.
    fn look(&mut self, batch: Batch<Self>) -> Batch<Self> {
        let mut changed = Vec::with_capacity(batch.len());
        for asked in batch {
            let outcome = self.link.run(|connection| unchanged(connection, &asked.question.login));
            match outcome {
                Ok(None) => changed.push(asked),
                Ok(Some(saved)) => asked.promise.keep(Ok(saved)),
                Err(fault) => asked.promise.keep(Err(fault.explained(classify))),
            }
        }
        changed
    }

    /// Carries out all of them in one transaction. One that fails is rolled back by itself.
    fn write(&mut self, batch: &Batch<Self>) -> Result<Vec<Outcome>, Fault> {
        let _turn = self.turns.take(self.link.patience).ok_or(Fault::NoTurn)?;
        self.link.run(|connection| {
            connection.immediate_transaction(|connection| {
                batch.iter().map(|asked| carried_out(connection, &asked.question.login)).collect()
            })
        })
    }
}

impl Worker for Writer {
    type Question = PendingLogin;
    type Answer = Saved;

    fn connect(&mut self) -> Result<(), String> {
        self.link.connect()
    }

    fn is_connected(&self) -> bool {
        self.link.connection.is_some()
    }

    fn disconnect(&mut self) {
        self.link.connection = None;
    }

    fn work(&mut self, batch: Batch<Self>) -> Batch<Self> {
        let batch = self.look(batch);
        if batch.is_empty() {
            return Vec::new();
        }
        match self.write(&batch) {
            Ok(outcomes) => {
                for (asked, outcome) in batch.into_iter().zip(outcomes) {
                    let outcome = outcome.map(|carried| {
                        carried.touched.into_iter().for_each(|subject| self.listeners.tell(&UserChange::Of(subject)));
                        carried.saved
                    });
                    asked.promise.keep(outcome);
                }
            }
            Err(fault) => {
                let error = fault.explained(classify);
                batch.into_iter().for_each(|asked| asked.promise.keep(Err(repeated(&error))));
            }
        }
        Vec::new()
    }
}

fn unchanged(connection: &mut SqliteConnection, login: &Login) -> Result<Option<Saved>, Fault> {
    let (base, known) = find_base(connection, &login.subject)?;
    let draft = Change::Login(login).draft(base, &known)?;
    Ok(draft.unchanged(&known).cloned().map(Saved::Unchanged))
}

/// # Errors
/// What ends the whole transaction. What one login alone fails by is in the outcome.
fn carried_out(connection: &mut SqliteConnection, login: &Login) -> Result<Outcome, Fault> {
    let mut refusal = None;
    let carried = connection.transaction(|connection| {
        save::save(connection, Change::Login(login)).map_err(|fault| {
            refusal = Some(fault.explained(classify));
            Fault::LostRace
        })
    });
    match (carried, refusal) {
        (Ok(carried), _) => Ok(Ok(carried)),
        (Err(Fault::LostRace), Some(refusal)) => Ok(Err(refusal)),
        (Err(fault), _) => Err(fault),
    }
}
