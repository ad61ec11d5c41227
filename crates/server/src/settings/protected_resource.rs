//! What the server tells about itself to programs that look for a token.

use auth0_verify::Challenger;

use super::auth0::Auth0Settings;
use super::public_url::PublicUrl;

/// The service as a protected resource (RFC 9728 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedResource {
    /// How clients reach it: its public URL, or the API's identifier where none is set.
    pub resource: String,
    /// Who issues tokens for it.
    pub authorization_servers: Vec<String>,
    /// How it asks for a token. With a public URL, a challenge tells where the metadata is (RFC 9728 §5.1).
    pub challenger: Challenger,
}

impl ProtectedResource {
    pub(super) fn of(auth0: &Auth0Settings, public_url: Option<&PublicUrl>) -> Option<Self> {
        let resource = match public_url {
            Some(url) => url.as_str().to_owned(),
            None => auth0.audiences.first()?.as_str().to_owned(),
        };
        let authorization_servers = auth0.issuers.iter().map(|issuer| issuer.as_str().to_owned()).collect();
        // Neither the realm nor a parsed URL holds what a header cannot.
        let challenger = Challenger::for_realm("authsync").ok()?;
        let challenger = match public_url {
            Some(url) => challenger.with_metadata_at(&format!("{url}/.well-known/oauth-protected-resource")).ok()?,
            None => challenger,
        };
        Some(Self { resource, authorization_servers, challenger })
    }
}
