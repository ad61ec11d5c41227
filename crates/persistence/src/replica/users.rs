//! The users table, partly looked up at a standby.

use std::sync::Arc;
use std::time::Instant;

use domain::{
    AsyncUserRepository, Change, EmailAddress, KnownUser, Login, Reply, RepositoryError, Saved, SchemaState, Seen,
    Standing, Subject, User, UserRepository,
};

use super::{Counters, Proof, RecentWrites, ReplicaReport};
use crate::batched_users::LookupLane;
use crate::lanes::Overseer;

/// The primary, with a standby beside it.
pub(crate) struct ReplicatedUsers {
    pub(crate) primary: Arc<dyn AsyncUserRepository>,
    pub(crate) standby: LookupLane,
    pub(crate) proof: Arc<Proof>,
    pub(crate) writes: Arc<RecentWrites>,
    pub(crate) counters: Arc<Counters>,
    /// Sees to it that nobody waits for a standby that is silent.
    pub(crate) _overseer: Option<Overseer>,
}

impl ReplicatedUsers {
    pub(crate) fn report(&self) -> ReplicaReport {
        let (state, lag) = self.proof.state(Instant::now());
        self.counters.report(state, lag)
    }

    /// Whether what the standby says of this user is as good as agreed.
    fn may_ask_standby(&self, subject: &Subject) -> bool {
        let Some(proven) = self.proof.proven(Instant::now()) else {
            Counters::one(&self.counters.not_current);
            return false;
        };
        let are_shown = self.writes.are_shown(subject, proven);
        if !are_shown {
            Counters::one(&self.counters.just_written);
        }
        are_shown
    }
}

impl AsyncUserRepository for ReplicatedUsers {
    fn find(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        self.primary.find(subject)
    }

    fn find_to_confirm(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        if !self.may_ask_standby(subject) {
            return self.primary.find(subject);
        }
        let (asked, primary) = (self.standby.ask(subject.clone()), Arc::clone(&self.primary));
        let (subject, counters) = (subject.clone(), Arc::clone(&self.counters));
        Reply::Later(Box::pin(async move {
            match asked.settled().await {
                Ok(Some(known)) if known.user.standing == Standing::Active => {
                    Counters::one(&counters.answered);
                    return Ok(Some(known));
                }
                Ok(_) => Counters::one(&counters.asked_again),
                // The watcher says in the log what is the matter.
                Err(_) => Counters::one(&counters.failed),
            }
            primary.find(&subject).settled().await
        }))
    }

    fn has_copies(&self) -> bool {
        true
    }

    fn log_in(&self, login: Arc<Login>, seen: Seen, since: Instant) -> Reply<Saved> {
        let subjects: Vec<Subject> = Change::Login(&login).concerned().cloned().collect();
        let writes = Arc::clone(&self.writes);
        // At once as well: one who gives up waiting is written all the same.
        subjects.iter().for_each(|subject| writes.note(subject, Instant::now()));
        let note = move || subjects.iter().for_each(|subject| writes.note(subject, Instant::now()));
        match self.primary.log_in(login, seen, since) {
            Reply::AtOnce(outcome) => {
                note();
                Reply::AtOnce(outcome)
            }
            Reply::Later(coming) => Reply::Later(Box::pin(async move {
                let outcome = coming.await;
                note();
                outcome
            })),
        }
    }
}

/// The primary for threads that may wait, with note taken of what they write.
pub(crate) struct NotedWrites {
    pub(crate) primary: Arc<dyn UserRepository>,
    pub(crate) writes: Arc<RecentWrites>,
}

impl UserRepository for NotedWrites {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
        self.primary.find_by_subject(subject)
    }

    fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        self.primary.find_by_email(email)
    }

    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError> {
        let outcome = self.primary.save(change);
        // Whatever the outcome: one that failed may have been carried out all the same.
        change.concerned().for_each(|subject| self.writes.note(subject, Instant::now()));
        outcome
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        self.primary.schema_state()
    }
}

#[cfg(test)]
mod tests {
    use domain::in_memory::InMemoryUserRepository;
    use domain::{BodyProfile, Profile};

    use super::*;

    #[test]
    fn a_login_that_takes_an_address_over_is_noted_of_both() {
        let subject = |text| Subject::parse(text).expect("a subject");
        let (ada, eve) = (subject("auth0|ada"), subject("auth0|eve"));
        let email = EmailAddress::parse("ada@example.com").expect("an address");
        let login = Login {
            subject: ada.clone(),
            issued_at: None,
            directory: None,
            claims: Profile::default(),
            body: BodyProfile { email, name: None, picture: None },
            gives_way: Some(eve.clone()),
        };
        let writes = Arc::<RecentWrites>::default();
        let primary = Arc::<InMemoryUserRepository>::default();
        let proven = Instant::now();
        let users = NotedWrites { primary, writes: Arc::clone(&writes) };
        users.save(Change::Login(&login)).expect("a save");
        for subject in [ada, eve] {
            assert!(!writes.are_shown(&subject, proven), "{subject:?}");
        }
    }
}
