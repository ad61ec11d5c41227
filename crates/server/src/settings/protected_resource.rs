//! What the server tells about itself to programs that look for a token.

use super::auth0::Auth0Settings;
use super::public_url::PublicUrl;

/// The service as a protected resource (RFC 9728 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedResource {
    /// How clients reach it: its public URL, or the API's identifier where none is set.
    pub resource: String,
    /// Who issues tokens for it.
    pub authorization_servers: Vec<String>,
}

impl ProtectedResource {
    pub(super) fn of(auth0: &Auth0Settings, public_url: Option<&PublicUrl>) -> Option<Self> {
        let resource = match public_url {
            Some(url) => url.as_str().to_owned(),
            None => auth0.audiences.first()?.as_str().to_owned(),
        };
        let authorization_servers = auth0.issuers.iter().map(|issuer| issuer.as_str().to_owned()).collect();
        Some(Self { resource, authorization_servers })
    }
}
