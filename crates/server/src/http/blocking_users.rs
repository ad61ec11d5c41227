//! A users table that makes its callers wait, for those who cannot.

use std::sync::Arc;
use std::time::Instant;

use actix_web::web;
use domain::{
    AsyncUserRepository, Change, KnownUser, Login, Reply, RepositoryError, Saved, Seen, Subject, UserRepository,
};

/// Asks on a thread that may wait, one for each question. What Auth0 has said is not read along.
pub(crate) struct BlockingUsers(pub(crate) Arc<dyn UserRepository>);

impl AsyncUserRepository for BlockingUsers {
    fn find(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        let (table, subject) = (Arc::clone(&self.0), subject.clone());
        on_a_thread(move || {
            let found = table.find_by_subject(&subject)?;
            Ok(found.map(|user| Arc::new(KnownUser { user, record: None })))
        })
    }

    fn log_in(&self, login: Arc<Login>, _: Seen, _: Instant) -> Reply<Saved> {
        let table = Arc::clone(&self.0);
        on_a_thread(move || table.save(Change::Login(&login)))
    }
}

fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, RepositoryError> + Send + 'static) -> Reply<T> {
    Reply::Later(Box::pin(async {
        web::block(work).await.unwrap_or_else(|gone| Err(RepositoryError::Failed(gone.into())))
    }))
}
