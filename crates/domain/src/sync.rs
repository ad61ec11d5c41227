//! The rule of `POST /auth/sync`: a login brings its row of the users table up to date.

use crate::{
    BoxError, DirectoryAnswer, DirectoryError, DisplayName, EmailAddress, EmailEvidence, PictureUrl, Principal,
    Profile, ProfileDirectory, ProfileEmail, RepositoryError, Saved, Subject, UserRecord, UserRepository,
    VerifiedToken,
};

/// What the frontend says about the person who logged in. Believed only where Auth0 is silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRequest {
    /// Who the frontend thinks this is; must be the token's subject.
    pub auth0_id: Subject,
    /// The address.
    pub email: EmailAddress,
    /// The name; `None` keeps what is stored.
    pub name: Option<DisplayName>,
    /// The avatar; `None` keeps what is stored.
    pub picture: Option<PictureUrl>,
}

/// What [`sync_user`] works with.
#[derive(Clone, Copy)]
pub struct SyncPorts<'a> {
    /// Auth0's own profiles.
    pub profiles: &'a dyn ProfileDirectory,
    /// The users table.
    pub users: &'a dyn UserRepository,
}

impl std::fmt::Debug for SyncPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SyncPorts").finish_non_exhaustive()
    }
}

/// Why a sync was refused. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The request names somebody other than the token, or the token is no person's.
    #[error("the request is not about the token's user")]
    NotYourIdentity,
    /// Auth0 no longer knows the token's user.
    #[error("auth0 has no such user")]
    UnknownToAuth0,
    /// The address belongs to another user who keeps it.
    #[error("the email address belongs to another user")]
    EmailTaken,
    /// Auth0 or the users table is out of reach.
    #[error("the sync is not possible at present")]
    Unavailable(#[source] BoxError),
    /// A defect.
    #[error("the sync failed")]
    Failed(#[source] BoxError),
}

/// Creates or updates the row of the caller, and says which.
///
/// The rules are those of the users table in `docs/users-table.md`; the numbers below are theirs.
///
/// # Errors
/// [`SyncError`]; nothing has changed then.
pub fn sync_user(caller: &VerifiedToken, request: &SyncRequest, ports: &SyncPorts<'_>) -> Result<Saved, SyncError> {
    // Rule 1: the token alone says who this is.
    if caller.subject().principal() != Principal::User || request.auth0_id != *caller.subject() {
        return Err(SyncError::NotYourIdentity);
    }
    let directory = match ports.profiles.profile_of(caller.subject()) {
        Ok(DirectoryAnswer::Found(profile)) => Some(profile),
        Ok(DirectoryAnswer::NotConfigured) => None,
        Ok(DirectoryAnswer::NoSuchUser) => return Err(SyncError::UnknownToAuth0),
        Err(outage) => return sync_during_outage(caller, request, ports, outage),
    };
    let record = resolve_profile(caller, directory.as_ref(), request);
    match ports.users.save(&record) {
        Err(RepositoryError::EmailTaken) => claim_email(&record, ports),
        outcome => Ok(outcome?),
    }
}

/// Rule 2: each part of the profile comes from the best source that has it: Auth0's directory, then the token's own
/// claims, then the request. Only the first two say anything about verification.
fn resolve_profile(caller: &VerifiedToken, directory: Option<&Profile>, request: &SyncRequest) -> UserRecord {
    let sources = || directory.into_iter().chain([caller.profile()]);
    let (email, evidence) = match sources().find_map(|profile| profile.email.as_ref()) {
        Some(email) => (email.address.clone(), evidence(email)),
        None => (request.email.clone(), EmailEvidence::None),
    };
    UserRecord {
        subject: caller.subject().clone(),
        email,
        evidence,
        name: sources().find_map(|profile| profile.name.clone()).or_else(|| request.name.clone()),
        picture: sources().find_map(|profile| profile.picture.clone()).or_else(|| request.picture.clone()),
    }
}

fn evidence(email: &ProfileEmail) -> EmailEvidence {
    if email.verified { EmailEvidence::Verified } else { EmailEvidence::Unverified }
}

/// Rule 6: while Auth0's directory is out of reach a known user gets the stored row, and an unknown one may come in
/// on an address that the token itself calls verified.
fn sync_during_outage(
    caller: &VerifiedToken,
    request: &SyncRequest,
    ports: &SyncPorts<'_>,
    outage: DirectoryError,
) -> Result<Saved, SyncError> {
    if let Some(user) = ports.users.find_by_subject(caller.subject())? {
        return Ok(Saved::Unchanged(user));
    }
    let record = resolve_profile(caller, None, request);
    if record.evidence == EmailEvidence::Verified {
        Ok(ports.users.save(&record)?)
    } else {
        Err(SyncError::Unavailable(outage.into()))
    }
}

/// Rule 4: an address that is held by another identity changes hands only when Auth0 vouches for the claimant and,
/// asked about the holder, does not vouch for them.
fn claim_email(record: &UserRecord, ports: &SyncPorts<'_>) -> Result<Saved, SyncError> {
    if record.evidence != EmailEvidence::Verified {
        return Err(SyncError::EmailTaken);
    }
    let Some(holder) = ports.users.find_by_email(&record.email)? else {
        // The holder moved on between the two statements.
        return Ok(ports.users.save(record)?);
    };
    let profile = match ports.profiles.profile_of(&holder.subject) {
        Ok(DirectoryAnswer::Found(profile)) => profile,
        Ok(DirectoryAnswer::NotConfigured | DirectoryAnswer::NoSuchUser) => return Err(SyncError::EmailTaken),
        Err(outage) => return Err(SyncError::Unavailable(outage.into())),
    };
    let keeps = profile.email.as_ref().is_some_and(|email| email.verified && email.address == record.email);
    if keeps {
        return Err(SyncError::EmailTaken);
    }
    let elsewhere = profile.email.filter(|email| email.address != record.email);
    let placeholder = EmailAddress::placeholder(holder.id);
    let moved = UserRecord {
        subject: holder.subject.clone(),
        evidence: elsewhere.as_ref().map_or(EmailEvidence::Unverified, evidence),
        email: elsewhere.map_or_else(|| placeholder.clone(), |email| email.address),
        name: profile.name,
        picture: profile.picture,
    };
    match ports.users.save(&moved) {
        // The holder's new address is somebody else's, too: that is for the holder's own next login to settle.
        Err(RepositoryError::EmailTaken) => {
            ports.users.save(&UserRecord { email: placeholder, evidence: EmailEvidence::Unverified, ..moved })?
        }
        outcome => outcome?,
    };
    Ok(ports.users.save(record)?)
}

impl From<RepositoryError> for SyncError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::EmailTaken => Self::EmailTaken,
            RepositoryError::Unavailable(cause) => Self::Unavailable(cause),
            RepositoryError::Failed(cause) => Self::Failed(cause),
        }
    }
}
