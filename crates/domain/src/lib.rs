//! Who a user is, and how a login changes the users table.
//!
//! This crate promises three things:
//!
//! - A value that exists is valid. [`Subject`], [`EmailAddress`], [`DisplayName`] and [`PictureUrl`] have one
//!   constructor each, and it checks the rule.
//! - A rule about users is written here and nowhere else: [`sync_user`] for a login, [`take_in`] for an event,
//!   [`confirm_user`] for a check, and below them [`Change::draft`] and [`Draft::decide`], which every change of the
//!   table goes through, wherever it comes from.
//! - It does no I/O and names no framework. What it needs from outside are the traits [`TokenVerifier`],
//!   [`ProfileDirectory`], [`UserRepository`], [`EventInbox`], [`UserChanges`] and [`Clock`]; all are blocking and
//!   object-safe, so that a caller wires `Arc<dyn …>` once. [`AsyncUserRepository`] is the users table for those who
//!   cannot wait, by the futures of the standard library.
//!
//! ```
//! use domain::in_memory::InMemoryUserRepository;
//! use domain::{
//!     BodyProfile, EmailAddress, Grants, NoDirectory, Profile, Saved, Subject, SyncPorts, SyncRequest, UnixTime,
//!     VerifiedClaims, VerifiedToken, sync_user,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let subject = Subject::parse("auth0|123456789")?;
//! // In production only a token verifier makes this value.
//! let caller = VerifiedToken::assert_verified(VerifiedClaims {
//!     subject: subject.clone(),
//!     issued_at: None,
//!     expires_at: UnixTime::from_secs(2_000_000_000),
//!     profile: Profile::default(),
//!     grants: Grants::default(),
//! });
//! let profile = BodyProfile { email: EmailAddress::parse("User@Example.com")?, name: None, picture: None };
//! let request = SyncRequest { auth0_id: subject, profile };
//! let ports = SyncPorts { profiles: &NoDirectory, users: &InMemoryUserRepository::default() };
//!
//! let saved = sync_user(&caller, &request, &ports)?;
//! assert!(matches!(&saved, Saved::Created(user) if user.email.as_str() == "user@example.com"));
//! # Ok(())
//! # }
//! ```

mod async_repository;
mod at_once;
mod auth0_fact;
mod auth0_record;
mod clock;
mod confirm;
mod contest;
mod directory;
mod draft;
mod email;
mod error_line;
mod event_inbox;
mod grants;
#[cfg(any(test, feature = "in-memory"))]
pub mod in_memory;
#[cfg(any(test, feature = "in-memory"))]
pub mod in_memory_inbox;
mod key_set_store;
mod login;
mod presented;
mod profile;
mod replay_store;
mod repository;
mod requirement;
mod secret;
mod subject;
mod sync;
mod take_in;
mod token;
mod user;
mod user_changes;
mod user_pages;
mod verifier;

pub use async_repository::{AsyncUserRepository, KnownUser, Reply, Seen};
pub use at_once::{AtOnce, UnsettledToken};
pub use auth0_fact::{Auth0Fact, Auth0Profile, RecordTime};
pub use auth0_record::{Auth0Record, Dated};
pub use clock::{Clock, ManualClock, SystemClock, UnixTime};
pub use confirm::{ConfirmError, admit_user, confirm_user, confirm_user_by_copy, confirm_user_later};
pub use contest::{Claimant, Plan};
pub use directory::{DirectoryAnswer, DirectoryError, NoDirectory, ProfileDirectory};
pub use draft::{Change, Draft};
pub use email::{EmailAddress, EmailAddressError};
pub use error_line::in_one_line;
pub use event_inbox::{Cursor, DeadLetter, EventId, EventIdError, EventInbox, Letter, LetterBody, LetterId, SEEN_FOR};
pub use grants::Grants;
pub use key_set_store::{KeySetStore, StoredKeySet};
pub use login::{BodyProfile, Login};
pub use presented::{DpopProof, Presented, ProvenToken, RequestTarget};
pub use profile::{
    ClaimedEmail, ClaimedProfile, DisplayName, DisplayNameError, PictureUrl, PictureUrlError, Profile, ProfileEmail,
};
pub use replay_store::{ProofUse, ReplayStore, UsedProof};
pub use repository::{RepositoryError, Saved, SchemaState, UserRepository};
pub use requirement::{Missing, Requirement};
pub use secret::Secret;
pub use subject::{Principal, Subject, SubjectError};
pub use sync::{AsyncSyncPorts, SyncError, SyncPorts, SyncRequest, sync_user, sync_user_at_once};
pub use take_in::{InboxPorts, TakenIn, ToldEvent, take_in};
pub use token::{AccessToken, VerifiedClaims, VerifiedToken};
pub use user::{Standing, User, UserId};
pub use user_changes::{ChangeListener, UserChange, UserChanges};
pub use user_pages::{UnreadableRow, UserPage, UserPages};
pub use verifier::{
    FetchOutcome, IssuerKeys, KeyReadiness, KeyReport, Rejection, TokenCacheReport, TokenVerifier, VerifyError,
};

/// The cause behind an error, kept for the log and never shown to a client.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
