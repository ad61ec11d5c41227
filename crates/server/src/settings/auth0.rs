//! The tenant whose tokens are accepted.

use auth0_verify::{Audience, Issuer};
use domain::Secret;

use super::key;
use super::reader::Reader;

/// The tenant and what connects the service with it.
#[derive(Clone, Debug)]
pub struct Auth0Settings {
    /// Whose tokens are accepted: the domains of one tenant, at least one.
    pub issuers: Vec<Issuer>,
    /// For whom tokens may be meant; a token names any of them. At least one.
    pub audiences: Vec<Audience>,
    /// The client for the Management API; profiles come from tokens and requests alone without one.
    pub management: Option<ManagementCredentials>,
    /// Bearers that the event webhook accepts; none leaves the webhook closed.
    pub events_tokens: Vec<Secret>,
}

/// A machine-to-machine client of the tenant.
#[derive(Clone, Debug)]
pub struct ManagementCredentials {
    /// Its public name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

impl Auth0Settings {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let issuers = reader.required_list(
            key::AUTH0_DOMAIN,
            "a domain as Auth0 shows it, such as acme.eu.auth0.com",
            Issuer::parse,
        );
        let audiences = reader.required_list(
            key::AUTH0_API_IDENTIFIER,
            "the identifier of the API as Auth0 shows it, such as https://api.acme.com",
            Audience::parse,
        );
        let management = ManagementCredentials::read(reader);
        let events_tokens = reader.list(key::AUTH0_EVENTS_TOKEN, |token| credential(token).map(Secret::new));
        Some(Self { issuers: issuers?, audiences: audiences?, management: management?, events_tokens: events_tokens? })
    }
}

impl ManagementCredentials {
    fn read(reader: &mut Reader) -> Option<Option<Self>> {
        let id_is_set = reader.is_set(key::AUTH0_CLIENT_ID);
        let secret_is_set = reader.is_set(key::AUTH0_CLIENT_SECRET);
        match (id_is_set, secret_is_set) {
            (false, false) => Some(None),
            (true, false) => {
                reader.miss(key::AUTH0_CLIENT_SECRET, "the secret of the client that AUTH0_CLIENT_ID names");
                None
            }
            (false, true) => {
                reader.miss(key::AUTH0_CLIENT_ID, "the client that AUTH0_CLIENT_SECRET belongs to");
                None
            }
            (true, true) => {
                let client_id = reader.required(key::AUTH0_CLIENT_ID, credential);
                let client_secret = reader.required(key::AUTH0_CLIENT_SECRET, credential);
                Some(Some(Self { client_id: client_id?, client_secret: Secret::new(client_secret?) }))
            }
        }
    }
}

/// Identifiers and secrets of OAuth are visible ASCII (RFC 6749 appendix A); what else is there was pasted by mistake.
fn credential(text: &str) -> Result<String, &'static str> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("expected visible ASCII characters without spaces")
    }
}
