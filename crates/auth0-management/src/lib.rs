//! Auth0's own profiles, read over the Management API, and its bulk imports and exports.
//!
//! What this crate promises of a [`ManagementDirectory`]:
//!
//! - A profile is what `GET <issuer>api/v2/users/{id}` says of exactly that id. Anything else that comes back is an
//!   error and never somebody else's profile.
//! - A user is read at most once in [`Limits::remembered_for`], however often and from however many threads they are
//!   asked about; [`forget`](domain::ProfileDirectory::forget) makes an exception.
//! - No more requests are made than [`Limits`] allow, and none before the moment that Auth0 names in
//!   `x-ratelimit-reset` or `Retry-After`. Without a budget the answer is an error at once, never a wait.
//! - An answer or an error comes within [`auth0_http::TOTAL_TIMEOUT`] of the first byte sent, tokens included. During an
//!   outage one request in five seconds asks whether it is over; everybody else gets an error at once.
//! - A wrong secret ([`ManagementError::RefusedCredentials`]) and a missing scope ([`ManagementError::MissingScope`]) are
//!   told from an outage, by type and in the log.
//! - The client's secret and its tokens appear in no error, no log line and no `Debug`.
//!
//! Commands that may take their time use a [`JobClient`] for bulk imports and exports, which waits where the directory
//! gives up. What an import may hold is made and checked by [`PasswordHash::recognise`], [`ImportUser`],
//! [`ImportFiles`] and [`check_import_file`], without any network.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use auth0_management::{Limits, ManagementDirectory};
//! use domain::{DirectoryAnswer, ProfileDirectory, Secret, Subject, SystemClock};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = ManagementDirectory::new(
//!     "https://acme.eu.auth0.com/",
//!     "client-id",
//!     Secret::new("client-secret"),
//!     Arc::new(SystemClock::default()),
//!     Limits::default(),
//! );
//! match directory.profile_of(&Subject::parse("auth0|123456789")?)? {
//!     DirectoryAnswer::Found(said) => println!("{:?}", said.profile.email),
//!     DirectoryAnswer::NoSuchUser { .. } | DirectoryAnswer::NotConfigured => println!("unknown to Auth0"),
//! }
//! # Ok(())
//! # }
//! ```

mod auth0_user;
mod complaints;
mod directory;
mod error;
mod event;
mod event_stream;
mod exported_user;
mod flight;
mod granted_access;
mod http_answer;
mod import_file;
mod jobs;
mod limits;
mod machine_token;
mod pause;
mod profile_book;
mod profile_cache;
mod rate_limit;
mod user_answer;
mod user_reader;
mod user_url;

pub use directory::ManagementDirectory;
pub use error::ManagementError;
pub use event::{Event, EventContent, EventFault, EventKind, EventProblem, read_event};
pub use event_stream::{EventStream, EventStreamClient, StreamContent, StreamError, StreamMessage, StreamStart};
pub use exported_user::{BadExportLine, EXPORTED_FIELDS, exported_user_as_event, read_exported_user};
pub use granted_access::GrantedAccess;
pub use import_file::{
    CheckedFile, FileFault, FileUser, HashFormat, ImportDraft, ImportFile, ImportFiles, ImportFilesError, ImportUser,
    MAX_IMPORT_FILE_BYTES, PasswordHash, RecognisedHash, Refusal, Unrecognised, check_import_file, import_files_in,
};
pub use jobs::{
    ExportBroken, ExportLine, ExportLines, ImportErrors, ImportOrder, ImportSummary, Job, JobClient, JobError,
    JobStatus, LineTooLong, MAX_EXPORT_LINE_BYTES, Patience, RefusedRow, RowFault, SleepingWaiter, Waiter, Waiting,
};
pub use limits::Limits;
