//! The directory: each user at most once in a while, and once at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth0_http::TOTAL_TIMEOUT;
use domain::{Clock, DirectoryAnswer, DirectoryError, ProfileDirectory, Secret, Subject};

use crate::complaints::Complaints;
use crate::flight::{Flight, Outcome};
use crate::profile_book::{Entry, ProfileBook};
use crate::user_reader::UserReader;
use crate::{GrantedAccess, Limits, ManagementError};

/// Reads profiles from Auth0's Management API. The crate's description says what to rely on.
#[derive(Debug)]
pub struct ManagementDirectory {
    reader: UserReader,
    book: Mutex<ProfileBook>,
    clock: Arc<dyn Clock>,
    complaints: Complaints,
}

/// Lands a flight however its request ends, so that nobody waits for one that is no more.
struct Landing<'a> {
    directory: &'a ManagementDirectory,
    subject: &'a Subject,
    flight: Arc<Flight>,
    begun_at: Duration,
    outcome: Outcome,
}

impl ManagementDirectory {
    /// A directory over the tenant whose issuer is `issuer_url` (`https://acme.eu.auth0.com/`), asked as the
    /// machine-to-machine client with these credentials. Asks nothing yet.
    ///
    /// A custom domain has no Management API: it must be the tenant's own domain.
    #[must_use]
    pub fn new(
        issuer_url: &str,
        client_id: impl Into<String>,
        client_secret: Secret,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Self {
        Self {
            reader: UserReader::new(issuer_url, client_id.into(), client_secret, Arc::clone(&clock), limits),
            book: Mutex::new(ProfileBook::new(limits)),
            clock,
            complaints: Complaints::default(),
        }
    }

    /// What Auth0 lets the client do, by its token, which is fetched if need be.
    ///
    /// # Errors
    /// Why there is no token.
    pub fn granted_access(&self) -> Result<GrantedAccess, ManagementError> {
        self.reader.access()
    }

    /// Asks, for everybody who waits for this flight.
    fn fly(&self, subject: &Subject, flight: Arc<Flight>) -> Outcome {
        let outcome = Err(ManagementError::TooSlow);
        let mut landing = Landing { directory: self, subject, flight, begun_at: self.clock.uptime(), outcome };
        landing.outcome = self.reader.read(subject);
        if let Err(error) = &landing.outcome {
            self.complaints.about(error, self.clock.uptime());
        }
        landing.outcome.clone()
    }

    fn book(&self) -> MutexGuard<'_, ProfileBook> {
        // Each change leaves it whole, so a panic elsewhere does not spoil it.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProfileDirectory for ManagementDirectory {
    /// Answers within [`TOTAL_TIMEOUT`]; never [`DirectoryAnswer::NotConfigured`]. The source of an error is a
    /// [`ManagementError`].
    fn profile_of(&self, subject: &Subject) -> Result<DirectoryAnswer, DirectoryError> {
        let entry = self.book().look_up(subject, self.clock.uptime());
        let outcome = match entry {
            Entry::Known(answer) => Ok(answer),
            Entry::UnderWay(flight) => flight.wait(TOTAL_TIMEOUT),
            Entry::Begun(flight) => self.fly(subject, flight),
        };
        outcome.map_err(|error| DirectoryError(error.into()))
    }

    /// An answer that is remembered; asks nobody.
    fn profile_at_once(&self, subject: &Subject) -> Option<DirectoryAnswer> {
        self.book().known(subject, self.clock.uptime())
    }

    /// A request that is under way is answered to those who wait for it and is not remembered.
    fn forget(&self, subject: &Subject) {
        self.book().forget(subject);
    }
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.directory.book().close(self.subject, &self.flight, self.outcome.as_ref().ok(), self.begun_at);
        self.flight.land(self.outcome.clone());
    }
}
