//! The users table with a memory in front.

use std::sync::Arc;
use std::time::Instant;

use domain::{AsyncUserRepository, KnownUser, Login, Reply, RepositoryError, Saved, Seen, Subject};

use super::cache::{Reading, UserCache};
use super::newcomers::Newcomers;
use super::ready_user::ReadyUser;

/// The users table for those who cannot wait: from memory where that is as good, else from the table, of which memory
/// takes note.
pub struct KnownUsers {
    table: Arc<dyn AsyncUserRepository>,
    cache: Arc<UserCache>,
    newcomers: Arc<Newcomers>,
}

/// The same for somebody who logs in and has looked into memory before.
pub(crate) struct LookedUp<'a> {
    users: &'a KnownUsers,
    found: Option<&'a Arc<ReadyUser>>,
}

impl KnownUsers {
    /// This memory in front of this table.
    #[must_use]
    pub fn new(table: Arc<dyn AsyncUserRepository>, cache: Arc<UserCache>) -> Self {
        Self { table, cache, newcomers: Arc::default() }
    }

    /// What memory has.
    pub(crate) fn cache(&self) -> &UserCache {
        &self.cache
    }

    /// The table after memory said this.
    pub(crate) fn after<'a>(&'a self, found: Option<&'a Arc<ReadyUser>>) -> LookedUp<'a> {
        LookedUp { users: self, found }
    }

    fn read(&self, subject: &Subject, reading: Option<Reading>) -> Reply<Option<Arc<KnownUser>>> {
        let found = self.table.find(subject);
        let Some(reading) = reading else { return found };
        let cache = Arc::clone(&self.cache);
        noting(found, move |answer| cache.keep(&reading, answer))
    }
}

impl AsyncUserRepository for KnownUsers {
    fn find(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        match self.cache.current(subject) {
            Some(user) => Reply::AtOnce(Ok(Some(Arc::clone(user.known())))),
            None => self.read(subject, self.cache.read(subject)),
        }
    }

    fn find_to_confirm(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        self.after(self.cache.current(subject).as_ref()).find_to_confirm(subject)
    }

    fn has_copies(&self) -> bool {
        self.table.has_copies()
    }

    fn log_in(&self, login: Arc<Login>, seen: Seen, since: Instant) -> Reply<Saved> {
        let (cache, subject) = (Arc::clone(&self.cache), login.subject.clone());
        let other = login.gives_way.clone();
        let newcomers = (seen == Seen::NoRow).then(|| Arc::clone(&self.newcomers));
        noting(self.table.log_in(login, seen, since), move |outcome| {
            if let (Some(newcomers), Ok(saved)) = (newcomers, outcome) {
                newcomers.note(matches!(saved, Saved::Created(_)));
            }
            // Whatever the outcome: one that failed may have been carried out all the same.
            cache.forget(&subject);
            other.iter().for_each(|subject| cache.forget(subject));
        })
    }
}

impl AsyncUserRepository for LookedUp<'_> {
    fn find(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        match self.found {
            Some(user) if user.known().user.subject == *subject => Reply::AtOnce(Ok(Some(Arc::clone(user.known())))),
            _ => {
                let newcomers = Arc::clone(&self.users.newcomers);
                noting(self.users.read(subject, self.users.cache.read(subject)), move |answer| {
                    if let Ok(Some(_)) = answer {
                        newcomers.note(false);
                    }
                })
            }
        }
    }

    /// What is kept is read from the table itself; a copy may do for whoever is not.
    fn find_to_confirm(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        match (self.found, self.users.cache.read(subject)) {
            (None, None) => self.users.table.find_to_confirm(subject),
            (None, reading) => self.users.read(subject, reading),
            (Some(_), _) => self.find(subject),
        }
    }

    fn has_copies(&self) -> bool {
        self.users.has_copies()
    }

    fn expects_newcomers(&self) -> bool {
        self.found.is_none() && self.users.newcomers.are_most() && !self.users.cache.is_in_doubt()
    }

    fn log_in(&self, login: Arc<Login>, seen: Seen, since: Instant) -> Reply<Saved> {
        self.users.log_in(login, seen, since)
    }
}

/// The reply, of which note is taken before anybody gets it.
fn noting<T: Send + 'static>(
    reply: Reply<T>,
    note: impl FnOnce(&Result<T, RepositoryError>) + Send + 'static,
) -> Reply<T> {
    match reply {
        Reply::AtOnce(answer) => {
            note(&answer);
            Reply::AtOnce(answer)
        }
        Reply::Later(coming) => Reply::Later(Box::pin(async move {
            let answer = coming.await;
            note(&answer);
            answer
        })),
    }
}

impl std::fmt::Debug for KnownUsers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownUsers").field("cache", &self.cache).finish_non_exhaustive()
    }
}
