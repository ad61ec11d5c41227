//! The machine-to-machine client and the tokens that it was given.

use std::collections::HashMap;
use std::fmt;

/// Who may ask `/oauth/token`, and for what. `Debug` does not show the secret.
#[derive(Clone)]
pub(crate) struct MachineClient {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// What a Management API token is good for, separated by spaces.
    pub(crate) management_scope: String,
    /// Seconds that a token lasts.
    pub(crate) lifetime: i64,
}

/// A Management API token that was given out.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) scope: String,
    pub(crate) expires_at: i64,
}

/// Management API tokens by their text.
pub(crate) type Grants = HashMap<String, Grant>;

impl Default for MachineClient {
    fn default() -> Self {
        Self {
            id: "machine-client".to_owned(),
            secret: "machine-secret".to_owned(),
            management_scope: "read:users".to_owned(),
            lifetime: 86_400,
        }
    }
}

impl fmt::Debug for MachineClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MachineClient").field("id", &self.id).finish_non_exhaustive()
    }
}
