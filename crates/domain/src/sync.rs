//! The rule of `POST /auth/sync`: a login brings its row of the users table up to date.

use std::sync::Arc;
use std::time::Instant;

use crate::{
    AsyncUserRepository, Auth0Fact, Auth0Profile, BodyProfile, BoxError, Change, DirectoryAnswer, DirectoryError,
    Login, ProfileDirectory, RepositoryError, Saved, Seen, Standing, Subject, UnixTime, User, UserRepository,
    VerifiedToken,
};

/// What the frontend says about the person who logged in. Believed only where Auth0 is silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRequest {
    /// Who the frontend thinks this is; must be the token's subject.
    pub auth0_id: Subject,
    /// Who it says they are.
    pub profile: BodyProfile,
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

/// Why a sync was refused. Nothing has changed then, except that what Auth0 said of the caller's block or deletion is written
/// down, and what it said of the holder of a contested address.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The request names somebody other than the token, or the token is no person's.
    #[error("the request is not about the token's user")]
    NotYourIdentity,
    /// Auth0 no longer knows the token's user, or deleted them after the token was issued. The row, if there is one, says so from
    /// now on.
    #[error("auth0 has no such user")]
    UnknownToAuth0,
    /// Auth0 bars the token's user. The row says so from now on.
    #[error("the user is blocked")]
    Blocked,
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

/// What [`sync_user_at_once`] works with.
#[derive(Clone, Copy)]
pub struct AsyncSyncPorts<'a> {
    /// Auth0's own profiles.
    pub profiles: &'a dyn ProfileDirectory,
    /// The users table.
    pub users: &'a dyn AsyncUserRepository,
}

impl std::fmt::Debug for AsyncSyncPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AsyncSyncPorts").finish_non_exhaustive()
    }
}

/// Creates or updates the row of the caller, and says which.
///
/// The rules are those of the users table in `docs/users-table.md`; the numbers below are theirs. What a login makes of
/// the row is [`Change::draft`], and who gets an address is [`Draft::decide`](crate::Draft::decide).
///
/// # Errors
/// [`SyncError`]
pub fn sync_user(caller: &VerifiedToken, request: &SyncRequest, ports: &SyncPorts<'_>) -> Result<Saved, SyncError> {
    let mut login = login_of(caller, request)?;
    match ports.profiles.profile_of(caller.subject()) {
        Ok(DirectoryAnswer::Found(said)) => login.directory = Some(said),
        Ok(DirectoryAnswer::NotConfigured) => {}
        Ok(DirectoryAnswer::NoSuchUser { asked_at }) => return refuse_the_gone(&login, asked_at, ports.users),
        Err(outage) => return sync_during_outage(&login, ports, outage),
    }
    match (ports.users.save(Change::Login(&login)), &login.directory) {
        (Err(RepositoryError::EmailTaken), Some(said)) if said.blocked => {
            write_block(&login.subject, said, ports.users)
        }
        (Err(RepositoryError::EmailTaken), _) if vouches(&login) => claim_email(login, ports),
        (outcome, _) => admitted(outcome?),
    }
}

/// The same by a caller that holds no thread while it waits: reads first, unless nearly all are new, and writes only what
/// differs. `None` where that is not enough, because the directory has to be asked, two users contend for an address, or a
/// block or a deletion is yet to be written down: then nothing has changed, and [`sync_user`] is the way.
///
/// # Errors
/// As [`sync_user`].
pub async fn sync_user_at_once(
    caller: &VerifiedToken,
    request: &SyncRequest,
    ports: &AsyncSyncPorts<'_>,
) -> Option<Result<Saved, SyncError>> {
    let mut login = match login_of(caller, request) {
        Ok(login) => login,
        Err(refusal) => return Some(Err(refusal)),
    };
    match ports.profiles.profile_at_once(caller.subject())? {
        DirectoryAnswer::Found(said) => login.directory = Some(said),
        DirectoryAnswer::NotConfigured => {}
        DirectoryAnswer::NoSuchUser { .. } => {
            let known = ports.users.find(&login.subject).settled().await.ok()?;
            let user = known.as_ref().map(|known| &known.user);
            return is_known_to_be_gone(user, &login).then_some(Err(SyncError::UnknownToAuth0));
        }
    }
    match save_what_differs(&login, ports.users).await {
        Err(RepositoryError::EmailTaken) if is_blocked(&login) || vouches(&login) => None,
        outcome => Some(outcome.map_err(SyncError::from).and_then(admitted)),
    }
}

async fn save_what_differs(login: &Login, users: &dyn AsyncUserRepository) -> Result<Saved, RepositoryError> {
    let since = Instant::now();
    let known = if users.expects_newcomers() { None } else { users.find(&login.subject).settled().await? };
    if let Some(known) = &known
        && known.is_unchanged_by(login)?
    {
        return Ok(Saved::Unchanged(known.user.clone()));
    }
    let seen = if known.is_some() { Seen::Row } else { Seen::NoRow };
    users.log_in(Arc::new(login.clone()), seen, since).settled().await
}

/// Rule 1: the token alone says who this is.
fn login_of(caller: &VerifiedToken, request: &SyncRequest) -> Result<Login, SyncError> {
    if !caller.subject().is_a_users() || request.auth0_id != *caller.subject() {
        return Err(SyncError::NotYourIdentity);
    }
    Ok(Login {
        subject: caller.subject().clone(),
        issued_at: caller.issued_at(),
        directory: None,
        claims: caller.profile().clone(),
        body: request.profile.clone(),
        gives_way: None,
    })
}

fn is_blocked(login: &Login) -> bool {
    login.directory.as_ref().is_some_and(|said| said.blocked)
}

/// Rule 4 may yet give the address to somebody for whom Auth0 vouches.
fn vouches(login: &Login) -> bool {
    login.vouched_email().is_some()
}

/// Rule 8: Auth0 has the user no more, and the row says so from now on.
fn refuse_the_gone(login: &Login, asked_at: UnixTime, users: &dyn UserRepository) -> Result<Saved, SyncError> {
    match users.find_by_subject(&login.subject) {
        Ok(user) if is_known_to_be_gone(user.as_ref(), login) => {}
        // Also where the row cannot be read: then this is not written down either, which must not go unnoticed.
        Ok(_) | Err(_) => {
            users.save(Change::Fact(&Auth0Fact::gone(login.subject.clone(), asked_at)))?;
        }
    }
    Err(SyncError::UnknownToAuth0)
}

/// Whether nobody comes in by this login even if Auth0 is not asked again: there is no row, or it is a tombstone.
fn is_known_to_be_gone(user: Option<&User>, login: &Login) -> bool {
    match user.map(|user| user.standing) {
        None => true,
        Some(Standing::Deleted { at }) => login.is_no_later_than(at),
        Some(Standing::Active | Standing::Blocked) => false,
    }
}

/// Rule 8: a block is written down, as an event's would be, though the login cannot have its address.
fn write_block(subject: &Subject, said: &Auth0Profile, users: &dyn UserRepository) -> Result<Saved, SyncError> {
    match users.save(Change::Fact(&Auth0Fact::alive(subject.clone(), said.clone()))) {
        // They have no row that could say so.
        Err(RepositoryError::PasswordEra) => Err(SyncError::Blocked),
        outcome => {
            admitted(outcome?)?;
            // Auth0 has said later than this that they may come in.
            Err(SyncError::EmailTaken)
        }
    }
}

/// Rule 8: who may not come in is told so, whatever else the login brought.
fn admitted(saved: Saved) -> Result<Saved, SyncError> {
    match saved.user().standing {
        Standing::Active => Ok(saved),
        Standing::Blocked => Err(SyncError::Blocked),
        Standing::Deleted { .. } => Err(SyncError::UnknownToAuth0),
    }
}

/// Rule 6: while Auth0's directory is out of reach a known user gets the stored row, and an unknown one may come in
/// on an address that the token itself calls verified. A tombstone is nobody known.
fn sync_during_outage(login: &Login, ports: &SyncPorts<'_>, outage: DirectoryError) -> Result<Saved, SyncError> {
    if let Some(user) = ports.users.find_by_subject(&login.subject)? {
        match user.standing {
            Standing::Active | Standing::Blocked => return admitted(Saved::Unchanged(user)),
            Standing::Deleted { at } if login.is_no_later_than(at) => {
                return Err(SyncError::UnknownToAuth0);
            }
            Standing::Deleted { .. } => {}
        }
    }
    if vouches(login) {
        admitted(ports.users.save(Change::Login(login))?)
    } else {
        Err(SyncError::Unavailable(outage.into()))
    }
}

/// Rule 4: an address that is held by another identity changes hands only when Auth0 vouches for the claimant and,
/// asked about the holder, does not vouch for them or has them no more.
fn claim_email(mut login: Login, ports: &SyncPorts<'_>) -> Result<Saved, SyncError> {
    let Some(wanted) = login.vouched_email().cloned() else {
        return Err(SyncError::EmailTaken);
    };
    let holder = ports.users.find_by_email(&wanted)?;
    // Where there is none, the holder moved on between the two statements.
    if let Some(holder) = holder {
        if !holder.subject.is_a_users() {
            return Err(SyncError::EmailTaken);
        }
        let fact = match ports.profiles.profile_of(&holder.subject) {
            Ok(DirectoryAnswer::Found(said)) => Auth0Fact::alive(holder.subject.clone(), said),
            Ok(DirectoryAnswer::NoSuchUser { asked_at }) => Auth0Fact::gone(holder.subject.clone(), asked_at),
            Ok(DirectoryAnswer::NotConfigured) => return Err(SyncError::EmailTaken),
            Err(outage) => return Err(SyncError::Unavailable(outage.into())),
        };
        // The holder's row says what Auth0 says, whoever gets the address.
        let left = ports.users.save(Change::Fact(&fact))?.into_user();
        let keeps = match &fact.profile {
            Some(said) => said.profile.email.as_ref().is_some_and(|email| email.verified && email.address == wanted),
            // Auth0 has said later than this that they are there.
            None => !matches!(left.standing, Standing::Deleted { .. }),
        };
        if keeps {
            return Err(SyncError::EmailTaken);
        }
        login.gives_way = Some(holder.subject);
    }
    admitted(ports.users.save(Change::Login(&login))?)
}

impl From<RepositoryError> for SyncError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::EmailTaken | RepositoryError::PasswordEra => Self::EmailTaken,
            RepositoryError::Deleted => Self::UnknownToAuth0,
            RepositoryError::Unavailable(cause) => Self::Unavailable(cause),
            RepositoryError::Failed(cause) => Self::Failed(cause),
        }
    }
}
