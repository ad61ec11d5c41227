//! The users table as callers see it who hold no thread, behind the trait of those who do: what the one promises is asked of
//! the other as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

use domain::{
    AsyncUserRepository, Change, EmailAddress, Reply, RepositoryError, Saved, SchemaState, Seen, Subject, User,
    UserRepository,
};
use persistence::Database;

/// Lookups and logins go to lanes, everything else to the pool.
pub(crate) struct Batched {
    pub(crate) lanes: Arc<dyn AsyncUserRepository>,
    pool: Arc<dyn UserRepository>,
    /// What is said to have been seen: right or wrong, it decides nothing.
    says_row: AtomicBool,
}

struct Unpark(Thread);

impl Batched {
    pub(crate) fn of(database: &Database) -> Self {
        Self { lanes: database.async_users(), pool: database.users(), says_row: AtomicBool::default() }
    }
}

impl UserRepository for Batched {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
        Ok(settled(self.lanes.find(subject))?.map(|known| known.user.clone()))
    }

    fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        self.pool.find_by_email(email)
    }

    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError> {
        match change {
            Change::Login(login) => {
                let seen = if self.says_row.fetch_not(Ordering::Relaxed) { Seen::Row } else { Seen::NoRow };
                settled(self.lanes.log_in(Arc::new(login.clone()), seen, Instant::now()))
            }
            other => self.pool.save(other),
        }
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        self.pool.schema_state()
    }
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for an answer on this thread.
pub(crate) fn settled<T>(reply: Reply<T>) -> Result<T, RepositoryError> {
    let mut coming = Box::pin(reply.settled());
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match coming.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}
