//! The forms in which Auth0 writes access tokens.

/// The two forms of access token that an Auth0 API can be set to ("JSON Web Token Profile").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Auth0's own, the default: `typ: JWT`, the client in `azp`, no `jti`.
    Auth0,
    /// RFC 9068: `typ: at+jwt`, the client in `client_id`, a `jti`.
    Rfc9068,
}
