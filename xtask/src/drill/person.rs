//! People with real tokens.

/// Somebody who may log in.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) subject: String,
    pub(super) email: String,
    pub(super) token: String,
}

impl Person {
    /// The person of this number in a crowd, with a token of the tenant.
    pub(super) fn new(crowd: &str, number: usize, token: String) -> Self {
        Self { subject: Self::subject(crowd, number), email: format!("{crowd}-{number}@example.com"), token }
    }

    /// The subject of the person of this number.
    pub(super) fn subject(crowd: &str, number: usize) -> String {
        format!("auth0|{crowd}-{number}")
    }
}
