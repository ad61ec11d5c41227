//! The users of an import file that was written for local ids.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use auth0_management::{CheckedFile, FileUser, check_import_file};

/// A file as Auth0 would read it, and its bytes.
pub(super) struct LocalFile {
    pub(super) bytes: Vec<u8>,
    pub(super) checked: CheckedFile,
}

impl LocalFile {
    /// Reads and checks it.
    ///
    /// # Errors
    /// The file cannot be read, Auth0 would refuse it, or a user has no local id.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        let checked = check_import_file(&bytes).map_err(|faults| {
            let first: Vec<_> = faults.iter().take(3).map(ToString::to_string).collect();
            anyhow::anyhow!("{}: auth0 would refuse it: {}", path.display(), first.join("; "))
        })?;
        let nobody = checked.users.iter().position(|user| local_id(user).is_none());
        if let Some(index) = nobody {
            anyhow::bail!("{}: user {}: its user_id is no local id", path.display(), index + 1);
        }
        Ok(Self { bytes, checked })
    }

    /// The local ids, in order.
    pub(super) fn ids(&self) -> Vec<i64> {
        self.checked.users.iter().filter_map(local_id).collect()
    }

    /// Who has this id, or else this address.
    pub(super) fn find(&self, id: Option<&str>, email: Option<&str>) -> Option<&FileUser> {
        let users = &self.checked.users;
        let by_id = id.and_then(|id| users.iter().find(|user| user.user_id.as_deref() == Some(id)));
        by_id.or_else(|| {
            let email = email?.to_lowercase();
            users.iter().find(|user| user.email.to_lowercase() == email)
        })
    }
}

impl std::fmt::Debug for LocalFile {
    /// Without the bytes, which hold hashes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalFile").field("users", &self.checked.users.len()).finish_non_exhaustive()
    }
}

/// The id of the row that the user was made of.
pub(super) fn local_id(user: &FileUser) -> Option<i64> {
    user.user_id.as_deref()?.parse().ok()
}
