//! Authorization codes: short-lived, bound to who asked for them, good once.

use super::authorization::Authorization;
use super::pkce::Challenge;
use super::session::Session;
use crate::tenant::Tenant;

/// Seconds within which a code is to be redeemed.
const LIFETIME: i64 = 60;

/// What somebody agreed to by logging in.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) user_id: String,
    pub(super) audience: Option<String>,
    pub(super) scope: String,
    pub(super) sid: String,
    pub(super) authenticated_at: i64,
    /// The thumbprint of the key that the client showed when it redeemed the code, if it did.
    pub(super) bound_to: Option<String>,
}

impl Grant {
    pub(super) fn has_scope(&self, wanted: &str) -> bool {
        self.scope.split_whitespace().any(|scope| scope == wanted)
    }
}

/// What a code stands for.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) challenge: Challenge,
    pub(super) nonce: Option<String>,
    /// Whether the ID token says when the login was: asked for by `max_age` (OpenID Connect Core §2).
    pub(super) tells_time: bool,
    pub(super) use_: Use,
}

/// What has become of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Unused,
    /// With the family of refresh tokens that came of it, if one did.
    Used(Option<String>),
}

/// A code for this request and session.
pub(super) fn issue(authorization: &Authorization, session: &Session, tenant: &Tenant) -> String {
    let code = Code {
        grant: Grant {
            client_id: authorization.client.id().to_owned(),
            user_id: session.user_id.clone(),
            audience: authorization.audience.clone(),
            scope: authorization.scope.clone(),
            sid: session.sid.clone(),
            authenticated_at: session.authenticated_at,
            bound_to: None,
        },
        redirect_uri: authorization.redirect_uri.clone(),
        challenge: authorization.challenge.clone(),
        nonce: authorization.nonce.clone(),
        tells_time: authorization.max_age.is_some(),
        use_: Use::Unused,
    };
    let now = tenant.now();
    tenant.login.codes.keep(code, now + LIFETIME, now)
}
