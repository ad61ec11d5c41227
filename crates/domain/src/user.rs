//! A row of the users table.

use std::fmt;

use crate::{DisplayName, EmailAddress, PictureUrl, Subject};

/// The local id of a user: `SERIAL`, so 31 bits, given once and never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(i32);

impl UserId {
    /// Takes the number that the database gave.
    #[must_use]
    pub fn new(id: i32) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A user as the table holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The local id.
    pub id: UserId,
    /// Auth0's id, the column `auth0_id`.
    pub subject: Subject,
    /// The address, unique in the table without regard to case.
    pub email: EmailAddress,
    /// Whether Auth0 vouched for the address.
    pub email_verified: bool,
    /// The name to show.
    pub name: Option<DisplayName>,
    /// The avatar.
    pub picture: Option<PictureUrl>,
}
