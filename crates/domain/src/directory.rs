//! The port to Auth0's own record of a person.

use crate::{Auth0Profile, BoxError, Subject, UnixTime};

/// Reads profiles where Auth0 keeps them (the Management API).
pub trait ProfileDirectory: Send + Sync {
    /// The profile of one person. May wait for the network.
    ///
    /// # Errors
    /// [`DirectoryError`] when Auth0 is out of reach or its rate limit is used up.
    fn profile_of(&self, subject: &Subject) -> Result<DirectoryAnswer, DirectoryError>;

    /// What [`profile_of`](Self::profile_of) would say, if that can be told without waiting; else `None`.
    fn profile_at_once(&self, subject: &Subject) -> Option<DirectoryAnswer> {
        let _ = subject;
        None
    }

    /// The next question about this person is to be put to Auth0 itself: something has happened to them. A directory that
    /// remembers nothing has nothing to do.
    fn forget(&self, subject: &Subject) {
        let _ = subject;
    }
}

/// What the directory knows of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryAnswer {
    /// No directory is configured: profiles come from token and request.
    NotConfigured,
    /// Auth0 has no such user.
    NoSuchUser {
        /// When it was asked. An answer that is remembered is as old as that.
        asked_at: UnixTime,
    },
    /// Auth0's profile.
    Found(Auth0Profile),
}

/// The directory could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the profile directory is unavailable")]
pub struct DirectoryError(#[source] pub BoxError);

/// The directory of a service without Management API credentials.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDirectory;

impl ProfileDirectory for NoDirectory {
    fn profile_of(&self, _: &Subject) -> Result<DirectoryAnswer, DirectoryError> {
        Ok(DirectoryAnswer::NotConfigured)
    }

    fn profile_at_once(&self, _: &Subject) -> Option<DirectoryAnswer> {
        Some(DirectoryAnswer::NotConfigured)
    }
}
