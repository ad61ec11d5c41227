//! Many logins at once on PostgreSQL.
//!
//! What the table says after each is what [`save`](super::save) makes of it alone. A batch waits for nobody: a login that
//! something stands in the way of goes to a lane where it has a transaction of its own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::{Change, EmailAddress, Login, RepositoryError, Saved, Subject, UserId};

use super::batch_base::{Base, read_bases};
use super::batch_write::{Verdict, write};
use super::batches::SingleLane;
use super::errors::classify;
use super::link::{Broke, Link};
use crate::fault::repeated;
use crate::lanes::{Asked, Batch, Worker};

/// The thread that writes logins.
pub(super) struct Writer {
    link: Link,
    single_logins: SingleLane,
}

/// A login that changes something, as far as could be seen without a lock.
pub(super) struct Candidate {
    asked: Asked<Arc<Login>, Saved>,
    /// What it is about, sorted; to be the same once everything is locked.
    pub(super) addresses: Vec<EmailAddress>,
    /// The row that there is; to be the same as well.
    pub(super) row: Option<UserId>,
}

/// What can be said of a login without a lock.
enum Look {
    Settled(Result<Saved, RepositoryError>),
    Differs { addresses: Vec<EmailAddress>, row: Option<UserId> },
    Alone,
}

impl Candidate {
    pub(super) fn login(&self) -> &Login {
        &self.asked.question
    }

    pub(super) fn subject(&self) -> &Subject {
        &self.asked.question.subject
    }
}

impl Writer {
    pub(super) fn over(link: Link, single_logins: SingleLane) -> Self {
        Self { link, single_logins }
    }

    /// Answers whoever changes nothing and whoever is refused anyway. Of the others, those who have nothing to do with each
    /// other are candidates; the rest is left for the next batch.
    fn sort_out(&self, batch: Batch<Self>, bases: &HashMap<String, Base>) -> (Vec<Candidate>, Batch<Self>) {
        let (mut candidates, mut left) = (Vec::with_capacity(batch.len()), Vec::new());
        let (mut subjects, mut claimed) = (HashSet::new(), HashSet::new());
        for asked in batch {
            match look(&asked.question, bases.get(asked.question.subject.as_str())) {
                Look::Settled(outcome) => asked.promise.keep(outcome),
                Look::Alone => self.single_logins.hand_over(asked),
                Look::Differs { addresses, row } => {
                    let is_apart = addresses.iter().all(|address| !claimed.contains(address))
                        && subjects.insert(asked.question.subject.clone());
                    if is_apart {
                        claimed.extend(addresses.iter().cloned());
                        candidates.push(Candidate { asked, addresses, row });
                    } else {
                        left.push(asked);
                    }
                }
            }
        }
        (candidates, left)
    }

    /// Writes them together, or each by itself if that fails. Hands back whatever was not begun.
    fn write(&mut self, candidates: Vec<Candidate>) -> Batch<Self> {
        match self.link.transaction(|connection| write(connection, &candidates)) {
            Ok(verdicts) => {
                for (candidate, verdict) in candidates.into_iter().zip(verdicts) {
                    match verdict {
                        Verdict::Settled(outcome) => candidate.asked.promise.keep(outcome),
                        Verdict::Alone => self.single_logins.hand_over(candidate.asked),
                    }
                }
                Vec::new()
            }
            // Whether to try again is for the caller to decide.
            Err(Broke::AtTheEnd) => {
                let cut = || RepositoryError::Unavailable("the connection was cut at the end of a write".into());
                candidates.into_iter().for_each(|candidate| candidate.asked.promise.keep(Err(cut())));
                Vec::new()
            }
            Err(Broke::Before) => candidates.into_iter().map(|candidate| candidate.asked).collect(),
            // One of them is to blame, and the others are not to suffer from it.
            Err(Broke::Work(_)) if candidates.len() > 1 => {
                candidates.into_iter().flat_map(|candidate| self.write(vec![candidate])).collect()
            }
            Err(Broke::Work(_)) => {
                candidates.into_iter().for_each(|candidate| self.single_logins.hand_over(candidate.asked));
                Vec::new()
            }
        }
    }
}

impl Worker for Writer {
    type Question = Arc<Login>;
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
        // Most logins change nothing, and plain reads lock nothing.
        let subjects = batch.iter().map(|asked| &asked.question.subject);
        match self.link.read(|connection| read_bases(connection, subjects)) {
            Ok(bases) => {
                let (candidates, left) = self.sort_out(batch, &bases);
                let again = if candidates.is_empty() { Vec::new() } else { self.write(candidates) };
                again.into_iter().chain(left).collect()
            }
            // Nothing was written.
            Err(Broke::Before | Broke::AtTheEnd) => batch,
            Err(Broke::Work(fault)) => {
                let error = fault.explained(classify);
                batch.into_iter().for_each(|asked| asked.promise.keep(Err(repeated(&error))));
                Vec::new()
            }
        }
    }
}

fn look(login: &Login, base: Option<&Base>) -> Look {
    let (user, record) = match base {
        Some(Base::Known { user, record }) => (user, record),
        Some(Base::Unreadable(error)) => return Look::Settled(Err(repeated(error))),
        Some(Base::Exported) | None => return Look::Alone,
    };
    match (Change::Login(login).draft(user.clone(), record), user) {
        (Err(refusal), _) => Look::Settled(Err(refusal)),
        (Ok(draft), Some(user)) if draft.changes_nothing(record) => Look::Settled(Ok(Saved::Unchanged(user.clone()))),
        (Ok(draft), user) => Look::Differs { addresses: draft.addresses(), row: user.as_ref().map(|user| user.id) },
    }
}
