//! A row of the users table.

use std::fmt;

use crate::{DisplayName, EmailAddress, PictureUrl, Subject, UnixTime};

/// The local id of a user: `SERIAL`, so 31 bits, given once and never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(i32);

impl UserId {
    /// Takes the number that the database gave.
    #[must_use]
    pub const fn new(id: i32) -> Self {
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

/// Whether a user may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They may.
    Active,
    /// Auth0 bars them.
    Blocked,
    /// Auth0 deleted them. The row is a tombstone: it keeps the id and gives its address to whoever claims it.
    Deleted {
        /// When.
        at: UnixTime,
    },
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
    /// Whether they may come in.
    pub standing: Standing,
}

impl User {
    /// Whether the row has no address of its own, because the one it claims is another user's or Auth0 knows of none. Any
    /// placeholder says so, also one that is made of another id.
    #[must_use]
    pub fn is_displaced(&self) -> bool {
        self.email.is_a_placeholder()
    }
}
