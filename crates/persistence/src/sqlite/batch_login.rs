//! Many logins at once on a SQLite file.

use std::sync::Arc;

use diesel::prelude::*;
use domain::{Change, Login, RepositoryError, Saved, Seen, User, UserChange};

use super::batches::Link;
use super::errors::classify;
use super::find::{find_base, is_known};
use super::save::{self, Carried};
use super::write_turns::WriteTurns;
use crate::batched_users::PendingLogin;
use crate::changes::Listeners;
use crate::fault::{Fault, repeated};
use crate::first_row::first_row;
use crate::lanes::{Asked, Batch, Worker};

/// The thread that writes logins.
pub(super) struct Writer {
    link: Link,
    turns: Arc<WriteTurns>,
    listeners: Arc<Listeners>,
}

/// A login that changes something, as far as could be seen without a lock.
struct Candidate {
    asked: Asked<PendingLogin, Saved>,
    /// What it leaves behind if nothing is known of its user, as is thought.
    first_row: Option<User>,
}

type Outcome = Result<Carried, RepositoryError>;

impl Candidate {
    fn login(&self) -> &Login {
        &self.asked.question.login
    }
}

impl Writer {
    pub(super) fn over(link: Link, turns: Arc<WriteTurns>, listeners: Arc<Listeners>) -> Self {
        Self { link, turns, listeners }
    }

    /// Answers whoever changes nothing, and says who is left.
    fn look(&mut self, batch: Batch<Self>) -> Vec<Candidate> {
        let (mut candidates, mut known) = (Vec::with_capacity(batch.len()), Vec::new());
        for asked in batch {
            // The password era's row may be waiting for one who is new by their subject.
            let is_new = asked.question.seen == Seen::NoRow && asked.question.login.subject.as_imported().is_none();
            match is_new.then(|| first_row(&asked.question.login)).flatten() {
                Some(row) => candidates.push(Candidate { asked, first_row: Some(row) }),
                None => known.push(asked),
            }
        }
        if known.is_empty() {
            return candidates;
        }
        // One transaction, which takes and gives the locks of the file once.
        let looks = self.link.run(|connection| {
            connection.transaction(|connection| {
                let logins = known.iter().map(|asked| &asked.question.login);
                let looks = logins.map(|login| unchanged(connection, login).map_err(|fault| fault.explained(classify)));
                Ok::<Vec<_>, Fault>(looks.collect())
            })
        });
        match looks {
            Ok(looks) => {
                for (asked, look) in known.into_iter().zip(looks) {
                    match look {
                        Ok(None) => candidates.push(Candidate { asked, first_row: None }),
                        Ok(Some(saved)) => asked.promise.keep(Ok(saved)),
                        Err(error) => asked.promise.keep(Err(error)),
                    }
                }
            }
            Err(fault) => {
                let error = fault.explained(classify);
                known.into_iter().for_each(|asked| asked.promise.keep(Err(repeated(&error))));
            }
        }
        candidates
    }

    /// Carries out all of them in one transaction. One that fails is rolled back by itself.
    fn write(&mut self, candidates: &[Candidate]) -> Result<Vec<Outcome>, Fault> {
        let _turn = self.turns.take(self.link.patience).ok_or(Fault::NoTurn)?;
        self.link.run(|connection| {
            connection.immediate_transaction(|connection| {
                let inserted = insert_new(connection, candidates)?;
                let each = candidates.iter().zip(inserted).map(|(candidate, inserted)| match inserted {
                    Some(user) => Ok(Ok(Carried::created(user))),
                    None => carried_out(connection, candidate.login()),
                });
                each.collect()
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
        self.link.is_connected()
    }

    fn disconnect(&mut self) {
        self.link.disconnect();
    }

    fn work(&mut self, batch: Batch<Self>) -> Batch<Self> {
        let candidates = self.look(batch);
        if candidates.is_empty() {
            return Vec::new();
        }
        match self.write(&candidates) {
            Ok(outcomes) => {
                for (candidate, outcome) in candidates.into_iter().zip(outcomes) {
                    let outcome = outcome.map(|carried| {
                        carried.touched.into_iter().for_each(|subject| self.listeners.tell(&UserChange::Of(subject)));
                        carried.saved
                    });
                    candidate.asked.promise.keep(outcome);
                }
            }
            Err(fault) => {
                let error = fault.explained(classify);
                candidates.into_iter().for_each(|candidate| candidate.asked.promise.keep(Err(repeated(&error))));
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

/// The rows of those of whom nothing is known indeed; the others are left out, and all of them where one cannot be
/// inserted: who is to blame is found on the way of all others.
///
/// # Errors
/// What ends the whole transaction.
fn insert_new(connection: &mut SqliteConnection, candidates: &[Candidate]) -> Result<Vec<Option<User>>, Fault> {
    let nobody = || candidates.iter().map(|_| None).collect();
    if candidates.iter().all(|candidate| candidate.first_row.is_none()) {
        return Ok(nobody());
    }
    let inserted = connection.transaction(|connection| {
        let rows = candidates.iter().map(|candidate| candidate.first_row.as_ref());
        let each = rows.map(|row| row.map_or(Ok(None), |row| insert_unless_known(connection, row)));
        each.collect::<Result<Vec<_>, _>>().map_err(|_| Fault::LostRace)
    });
    match inserted {
        Err(Fault::LostRace) => Ok(nobody()),
        other => other,
    }
}

fn insert_unless_known(connection: &mut SqliteConnection, row: &User) -> Result<Option<User>, Fault> {
    if is_known(connection, row)? {
        return Ok(None);
    }
    Ok(Some(User { id: save::insert(connection, row)?, ..row.clone() }))
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
