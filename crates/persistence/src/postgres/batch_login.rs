//! Many logins at once on PostgreSQL.
//!
//! What the table says after each is what [`save`](super::save) makes of it alone. A batch waits for nobody: a login that
//! something stands in the way of goes to a lane where it has a transaction of its own.

use std::collections::{HashMap, HashSet};

use domain::{Change, EmailAddress, Login, RepositoryError, Saved, Seen, Subject, UserId};

use super::batch_base::{Base, read_bases};
use super::batch_new::{Newcomer, insert_new};
use super::batch_write::{Verdict, write};
use super::batches::SingleLane;
use super::errors::classify;
use super::link::{Broke, Link};
use crate::batched_users::PendingLogin;
use crate::fault::repeated;
use crate::lanes::{Asked, Batch, Worker};

/// The thread that writes logins.
pub(super) struct Writer {
    link: Link,
    single_logins: SingleLane,
}

/// A login that changes something, as far as could be seen without a lock.
pub(super) struct Candidate {
    asked: Asked<PendingLogin, Saved>,
    /// What it is about, sorted; to be the same once everything is locked.
    pub(super) addresses: Vec<EmailAddress>,
    /// The row that there is; to be the same as well.
    pub(super) row: Option<UserId>,
    /// Who says the same: the same again changes nothing, and is refused for the same reason.
    echoes: Batch<Writer>,
}

/// What can be said of a login without a lock.
enum Look {
    Settled(Result<Saved, RepositoryError>),
    Differs { addresses: Vec<EmailAddress>, row: Option<UserId> },
    Alone,
}

impl Candidate {
    pub(super) fn login(&self) -> &Login {
        &self.asked.question.login
    }

    pub(super) fn subject(&self) -> &Subject {
        &self.login().subject
    }

    fn settle(self, outcome: Result<Saved, RepositoryError>) {
        for echo in self.echoes {
            let again = outcome.as_ref().map(|saved| Saved::Unchanged(saved.user().clone()));
            echo.promise.keep(again.map_err(repeated));
        }
        self.asked.promise.keep(outcome);
    }

    fn into_asked(self) -> impl Iterator<Item = Asked<PendingLogin, Saved>> {
        std::iter::once(self.asked).chain(self.echoes)
    }
}

impl Writer {
    pub(super) fn over(link: Link, single_logins: SingleLane) -> Self {
        Self { link, single_logins }
    }

    /// Inserts those of whom nothing is known, and answers them. The rest is added to `others`, or handed back where it may
    /// have been carried out: a login that is written twice leaves what it leaves once.
    fn insert(&mut self, batch: Batch<Self>, others: &mut Batch<Self>) -> Batch<Self> {
        let (mut newcomers, mut claimed) = (Vec::with_capacity(batch.len()), HashSet::new());
        for asked in batch {
            match Newcomer::of(asked) {
                Ok(newcomer) if newcomer.is_apart(&mut claimed) => newcomers.push(newcomer),
                // A second one of the same user, once the first one is in, changes nothing most times.
                Ok(newcomer) => others.push(newcomer.asked),
                Err(asked) => others.push(asked),
            }
        }
        if newcomers.is_empty() {
            return Vec::new();
        }
        match self.link.statements(|connection| insert_new(connection, &newcomers)) {
            Ok(ids) => others.extend(newcomers.into_iter().filter_map(|newcomer| newcomer.settle(&ids))),
            Err(Broke::Before | Broke::AtTheEnd) => {
                return newcomers.into_iter().map(|newcomer| newcomer.asked).collect();
            }
            // One of them is to blame, and is found on the way of all others.
            Err(Broke::Work(_)) => others.extend(newcomers.into_iter().map(|newcomer| newcomer.asked)),
        }
        Vec::new()
    }

    /// Saves those who change something, each as if alone. Hands back whatever was not begun.
    fn save(&mut self, batch: Batch<Self>) -> Batch<Self> {
        // Most logins change nothing, and plain reads lock nothing.
        let subjects = batch.iter().map(|asked| &asked.question.login.subject);
        match self.link.statements(|connection| read_bases(connection, subjects)) {
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

    /// Answers whoever changes nothing and whoever is refused anyway. Of the others, those who have nothing to do with each
    /// other are candidates; the rest is left for the next batch.
    fn sort_out(&self, batch: Batch<Self>, bases: &HashMap<String, Base>) -> (Vec<Candidate>, Batch<Self>) {
        let (mut candidates, mut left) = (Vec::<Candidate>::with_capacity(batch.len()), Vec::new());
        let (mut of_subject, mut claimed) = (HashMap::new(), HashSet::new());
        for asked in batch {
            match look(&asked.question.login, bases.get(asked.question.login.subject.as_str())) {
                Look::Settled(outcome) => asked.promise.keep(outcome),
                Look::Alone => self.single_logins.hand_over(asked),
                Look::Differs { addresses, row } => {
                    let login = &asked.question.login;
                    let before = of_subject.get(&login.subject).and_then(|place: &usize| candidates.get_mut(*place));
                    match before {
                        Some(before) if before.login() == &**login => before.echoes.push(asked),
                        None if addresses.iter().all(|address| !claimed.contains(address)) => {
                            claimed.extend(addresses.iter().cloned());
                            of_subject.insert(login.subject.clone(), candidates.len());
                            candidates.push(Candidate { asked, addresses, row, echoes: Vec::new() });
                        }
                        _ => left.push(asked),
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
                        Verdict::Settled(outcome) => candidate.settle(outcome),
                        Verdict::Alone => candidate.into_asked().for_each(|asked| self.single_logins.hand_over(asked)),
                    }
                }
                Vec::new()
            }
            // Whether to try again is for the caller to decide.
            Err(Broke::AtTheEnd) => {
                let cut = || RepositoryError::Unavailable("the connection was cut at the end of a write".into());
                candidates.into_iter().for_each(|candidate| candidate.settle(Err(cut())));
                Vec::new()
            }
            Err(Broke::Before) => candidates.into_iter().flat_map(Candidate::into_asked).collect(),
            // One of them is to blame, and the others are not to suffer from it.
            Err(Broke::Work(_)) if candidates.len() > 1 => {
                candidates.into_iter().flat_map(|candidate| self.write(vec![candidate])).collect()
            }
            Err(Broke::Work(_)) => {
                let alone = candidates.into_iter().flat_map(Candidate::into_asked);
                alone.for_each(|asked| self.single_logins.hand_over(asked));
                Vec::new()
            }
        }
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
        let (new, mut others): (Batch<Self>, Batch<Self>) =
            batch.into_iter().partition(|asked| asked.question.seen == Seen::NoRow);
        let mut left = self.insert(new, &mut others);
        // Whoever did not come in as new does not come back as such.
        others.iter_mut().for_each(|asked| asked.question.seen = Seen::Row);
        if !others.is_empty() {
            left.extend(self.save(others));
        }
        left
    }
}

fn look(login: &Login, base: Option<&Base>) -> Look {
    let (user, record) = match base {
        Some(Base::Known { user, record }) => (user, record),
        Some(Base::Unreadable(error)) => return Look::Settled(Err(repeated(error))),
        Some(Base::Exported) | None => return Look::Alone,
    };
    let draft = match Change::Login(login).draft(user.clone(), record) {
        Ok(draft) => draft,
        Err(refusal) => return Look::Settled(Err(refusal)),
    };
    match draft.unchanged(record) {
        Some(user) => Look::Settled(Ok(Saved::Unchanged(user.clone()))),
        None => Look::Differs { addresses: draft.addresses(), row: user.as_ref().map(|user| user.id) },
    }
}
