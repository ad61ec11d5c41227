//! One user's row after a change, before it is known whether the address can be had.

use crate::{
    Auth0Fact, Auth0Record, ClaimedEmail, ClaimedProfile, Dated, DisplayName, EmailAddress, Login, PictureUrl,
    ProfileEmail, RepositoryError, Standing, Subject, UnixTime, User,
};

/// Anything that changes the row of one user.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// A login. It is refused as a whole where it cannot have the address.
    Login(&'a Login),
    /// A statement of Auth0's. It is taken in whatever the table looks like.
    Fact(&'a Auth0Fact),
    /// The same, and the row is to agree with Auth0's word afterwards even where the statement is no news: another program
    /// may have changed the row. For whoever has compared the two.
    Correction(&'a Auth0Fact),
}

/// What the row of a user is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whose row it will be.
    pub subject: Subject,
    /// The row that there is: the user's own, or the one from the password era that becomes it.
    pub base: Option<User>,
    /// The address that the user had waited for until now, if they had none.
    pub waited_for: Option<EmailAddress>,
    /// Auth0's word, this change included.
    pub record: Auth0Record,
    /// The address to claim; `None`: nobody knows of one.
    pub email: Option<EmailAddress>,
    /// Whether Auth0 vouches for it.
    pub email_verified: bool,
    /// The name.
    pub name: Option<DisplayName>,
    /// The avatar.
    pub picture: Option<PictureUrl>,
    /// Whether the user may come in.
    pub standing: Standing,
}

impl Change<'_> {
    /// Whose row.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        match self {
            Self::Login(login) => &login.subject,
            Self::Fact(fact) | Self::Correction(fact) => &fact.subject,
        }
    }

    /// Whose rows it may write: the user's, and that of whoever gives way to a login.
    pub fn concerned(&self) -> impl Iterator<Item = &Subject> {
        let displaced = match self {
            Self::Login(login) => login.gives_way.as_ref(),
            Self::Fact(_) | Self::Correction(_) => None,
        };
        [self.subject()].into_iter().chain(displaced)
    }

    /// What the row is to be, given the row that there is (or the exported one of the password era) and what Auth0 has
    /// said before. This is where the sources of a profile are weighed (rules 2, 3, 8).
    ///
    /// # Errors
    /// [`RepositoryError::Deleted`] for a login with a token from before the user's deletion.
    pub fn draft(self, base: Option<User>, known: &Auth0Record) -> Result<Draft, RepositoryError> {
        match self {
            Self::Login(login) => login_draft(login, base, known),
            Self::Fact(fact) => Ok(fact_draft(fact, base, known, false)),
            Self::Correction(fact) => Ok(fact_draft(fact, base, known, true)),
        }
    }
}

fn login_draft(login: &Login, base: Option<User>, known: &Auth0Record) -> Result<Draft, RepositoryError> {
    let mut record = login.directory.as_ref().map_or_else(|| known.clone(), |said| known.with_profile(said));
    let tombstone = base.as_ref().and_then(|user| match user.standing {
        Standing::Deleted { at } => Some(at),
        Standing::Active | Standing::Blocked => None,
    });
    if let Some(deleted_at) = known.deleted_at.max(tombstone) {
        if login.is_no_later_than(deleted_at) {
            return Err(RepositoryError::Deleted);
        }
        // The token is a sign of life.
        if record.deleted().is_some() {
            record.lived_at = record.lived_at.max(login.issued_at);
        }
    }
    // Without the directory's answer a token may know better than an older event; with it, it may not.
    let token =
        Token { claims: &login.claims, newer_than: if login.directory.is_none() { login.issued_at } else { None } };
    // A browser that repeats a verified address does not make it less so, nor does a token that says no more than the address.
    let stays_verified =
        |repeated: &EmailAddress| base.as_ref().is_some_and(|user| user.email_verified && user.email == *repeated);
    let claimed = |claims: &ClaimedProfile| {
        claims.email.as_ref().map(|ClaimedEmail { address, verified }| ProfileEmail {
            address: address.clone(),
            verified: verified.unwrap_or_else(|| stays_verified(address)),
        })
    };
    let (email, email_verified) = match token.or_record(&record.email, claimed) {
        Some(email) => (email.address, email.verified),
        None => (login.body.email.clone(), stays_verified(&login.body.email)),
    };
    let stored = |part: fn(&User) -> _| base.as_ref().and_then(part);
    let name = token.or_record(&record.name, |claims| claims.name.clone()).or_else(|| login.body.name.clone());
    let stored_picture = base.as_ref().and_then(|user| user.picture.clone());
    let picture =
        token.or_record(&record.picture, |claims| claims.picture.clone()).or_else(|| login.body.picture.clone());
    let standing = match (record.is_blocked(), base.as_ref().map(|user| user.standing)) {
        (Some(true), _) | (None, Some(Standing::Blocked)) => Standing::Blocked,
        _ => Standing::Active,
    };
    Ok(Draft {
        subject: login.subject.clone(),
        waited_for: waited_for(base.as_ref(), known),
        record,
        email: Some(email),
        email_verified,
        name: name.or_else(|| stored(|user| user.name.clone())),
        picture: picture.or(stored_picture),
        standing,
        base,
    })
}

/// What a token's claims are worth beside Auth0's record.
struct Token<'a> {
    claims: &'a ClaimedProfile,
    /// Records from before this moment are older than the token; `None`: none is.
    newer_than: Option<UnixTime>,
}

impl Token<'_> {
    /// The record's part, or the token's where the record is silent or older.
    fn or_record<T: Clone>(
        &self,
        record: &Option<Dated<T>>,
        claimed: impl Fn(&ClaimedProfile) -> Option<T>,
    ) -> Option<T> {
        match (record, claimed(self.claims)) {
            (Some(said), Some(claim)) if self.newer_than.is_some_and(|issued| issued > said.time.updated_at) => {
                Some(claim)
            }
            (Some(said), _) => Some(said.value.clone()),
            (None, claim) => claim,
        }
    }
}

fn fact_draft(fact: &Auth0Fact, base: Option<User>, known: &Auth0Record, is_correction: bool) -> Draft {
    let record = known.with(fact);
    let Some(user) = base else {
        return Draft {
            subject: fact.subject.clone(),
            base: None,
            waited_for: None,
            email: record.email.as_ref().map(|email| email.value.address.clone()),
            email_verified: record.email.as_ref().is_some_and(|email| email.value.verified),
            name: record.name.as_ref().map(|name| name.value.clone()),
            picture: record.picture.as_ref().map(|picture| picture.value.clone()),
            standing: standing(&record, Standing::Active),
            record,
        };
    };
    // A part of the row that a login knew better than the record stays until the record has something new to say.
    let email = record.email.as_ref().filter(|_| is_correction || record.email != known.email || user.is_displaced());
    let name = record.name.as_ref().filter(|_| is_correction || record.name != known.name);
    let picture = record.picture.as_ref().filter(|_| is_correction || record.picture != known.picture);
    Draft {
        subject: fact.subject.clone(),
        waited_for: waited_for(Some(&user), known),
        email: email
            .map(|email| email.value.address.clone())
            .or_else(|| (!user.is_displaced()).then(|| user.email.clone())),
        email_verified: email.map_or(user.email_verified, |email| email.value.verified),
        name: name.map(|name| name.value.clone()).or_else(|| user.name.clone()),
        picture: picture.map(|picture| picture.value.clone()).or_else(|| user.picture.clone()),
        standing: standing(&record, user.standing),
        record,
        base: Some(user),
    }
}

fn waited_for(base: Option<&User>, known: &Auth0Record) -> Option<EmailAddress> {
    let address = known.email.as_ref().map(|email| email.value.address.clone());
    address.filter(|_| base.is_some_and(User::is_displaced))
}

/// Auth0's word on whether the user may come in; what the row says where Auth0 has said nothing.
fn standing(record: &Auth0Record, stored: Standing) -> Standing {
    match (record.deleted(), record.is_blocked(), stored) {
        (Some(at), _, _) => Standing::Deleted { at },
        (None, Some(true), _) => Standing::Blocked,
        (None, Some(false), _) => Standing::Active,
        (None, None, stored) => stored,
    }
}
