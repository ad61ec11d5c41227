//! Files for Auth0's bulk import: what may stand in them, how they are written and checked.
//!
//! The source of every rule here is Auth0's page "Bulk User Import Schema and Examples", unless another one is named.

mod check;
mod check_hash;
mod email_form;
mod files;
mod hash;
mod user;

pub use check::{CheckedFile, FileFault, FileUser, check_import_file};
pub use files::{ImportFile, ImportFiles, ImportFilesError, import_files_in};
pub use hash::{HashFormat, PasswordHash, RecognisedHash, Unrecognised};
pub use user::{ImportDraft, ImportUser, Refusal};

/// The longest file that is written or accepted, in bytes.
///
/// Auth0 says "500KB". That is 500,000 bytes if a kilobyte is a thousand and 512,000 if it is 1,024; a file within the
/// smaller of the two is accepted in both readings.
pub const MAX_IMPORT_FILE_BYTES: usize = 500_000;

/// What Auth0 forbids as a member of `app_metadata`, because a user has a member of that name already.
const RESERVED_METADATA: [&str; 18] = [
    "__tenant",
    "_id",
    "blocked",
    "clientID",
    "created_at",
    "email",
    "email_verified",
    "globalClientID",
    "global_client_id",
    "identities",
    "lastIP",
    "lastLogin",
    "loginsCount",
    "metadata",
    "multifactor",
    "multifactor_last_modified",
    "updated_at",
    "user_id",
];
