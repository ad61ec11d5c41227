//! The endpoints that can be counted and made to fail.

/// One of the tenant's endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `GET /.well-known/jwks.json`
    Jwks,
    /// `GET /.well-known/openid-configuration`
    OpenidConfiguration,
    /// `POST /oauth/token`
    Token,
    /// `GET /api/v2/users/{id}`
    Users,
    /// `GET /userinfo`
    Userinfo,
    /// `GET /authorize`
    Authorize,
}

impl Endpoint {
    /// Every endpoint there is.
    pub const ALL: &[Self] =
        &[Self::Jwks, Self::OpenidConfiguration, Self::Token, Self::Users, Self::Userinfo, Self::Authorize];

    /// A stable name: `jwks`, `openid-configuration`, `token`, `users`, `userinfo`, `authorize`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jwks => "jwks",
            Self::OpenidConfiguration => "openid-configuration",
            Self::Token => "token",
            Self::Users => "users",
            Self::Userinfo => "userinfo",
            Self::Authorize => "authorize",
        }
    }

    /// The path, with `{id}` for the part that varies.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Jwks => "/.well-known/jwks.json",
            Self::OpenidConfiguration => "/.well-known/openid-configuration",
            Self::Token => "/oauth/token",
            Self::Users => "/api/v2/users/{id}",
            Self::Userinfo => "/userinfo",
            Self::Authorize => "/authorize",
        }
    }
}
