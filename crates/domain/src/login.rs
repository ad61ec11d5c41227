//! What a login says about its user, from all sources at hand.

use crate::{Auth0Profile, ClaimedProfile, DisplayName, EmailAddress, PictureUrl, Subject, UnixTime};

/// A login, for the users table to bring its row up to date with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who logs in, as the verified token says.
    pub subject: Subject,
    /// When the token was issued.
    pub issued_at: Option<UnixTime>,
    /// Auth0's own record, if its directory was asked and answered.
    pub directory: Option<Auth0Profile>,
    /// What the token's claims say.
    pub claims: ClaimedProfile,
    /// What the browser says.
    pub body: BodyProfile,
    /// A user who has just been found to have no right to the address, and gives way.
    pub gives_way: Option<Subject>,
}

/// A profile as the browser tells it: proves nothing, and is believed only where Auth0 is silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyProfile {
    /// The address, by [`EmailAddress::from_outside`].
    pub email: EmailAddress,
    /// The name; `None` keeps what is stored.
    pub name: Option<DisplayName>,
    /// The avatar; `None` keeps what is stored.
    pub picture: Option<PictureUrl>,
}

impl Login {
    /// Whether the token is from before this deletion, as far as it tells: then it is no sign that the user is back.
    #[must_use]
    pub fn is_no_later_than(&self, deletion: UnixTime) -> bool {
        self.issued_at.is_none_or(|issued_at| issued_at <= deletion)
    }

    /// The address that the directory calls verified, or the token where the directory knows of no address.
    #[must_use]
    pub fn vouched_email(&self) -> Option<&EmailAddress> {
        let claimed = self.claims.email.as_ref();
        match self.directory.as_ref().and_then(|said| said.profile.email.as_ref()) {
            Some(email) => Some(&email.address).filter(|_| email.verified),
            None => claimed.filter(|email| email.verified == Some(true)).map(|email| &email.address),
        }
    }
}
