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
    /// `POST /api/v2/jobs/users-imports`
    UsersImports,
    /// `POST /api/v2/jobs/users-exports`
    UsersExports,
    /// `GET /api/v2/jobs/{id}`
    Job,
    /// `GET /api/v2/jobs/{id}/errors`
    JobErrors,
    /// `GET /exports/{job}/{key}/{file}`: what the `location` of a finished export names
    ExportFile,
    /// `GET /api/v2/events`
    Events,
    /// `GET /userinfo`
    Userinfo,
    /// `GET /authorize`
    Authorize,
}

impl Endpoint {
    /// Every endpoint there is.
    pub const ALL: &[Self] = &[
        Self::Jwks,
        Self::OpenidConfiguration,
        Self::Token,
        Self::Users,
        Self::UsersImports,
        Self::UsersExports,
        Self::Job,
        Self::JobErrors,
        Self::ExportFile,
        Self::Events,
        Self::Userinfo,
        Self::Authorize,
    ];

    /// A stable name: `jwks`, `openid-configuration`, `users-imports` and so on.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jwks => "jwks",
            Self::OpenidConfiguration => "openid-configuration",
            Self::Token => "token",
            Self::Users => "users",
            Self::UsersImports => "users-imports",
            Self::UsersExports => "users-exports",
            Self::Job => "job",
            Self::JobErrors => "job-errors",
            Self::ExportFile => "export-file",
            Self::Events => "events",
            Self::Userinfo => "userinfo",
            Self::Authorize => "authorize",
        }
    }

    /// The path, with `{id}` and the like for the parts that vary.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Jwks => "/.well-known/jwks.json",
            Self::OpenidConfiguration => "/.well-known/openid-configuration",
            Self::Token => "/oauth/token",
            Self::Users => "/api/v2/users/{id}",
            Self::UsersImports => "/api/v2/jobs/users-imports",
            Self::UsersExports => "/api/v2/jobs/users-exports",
            Self::Job => "/api/v2/jobs/{id}",
            Self::JobErrors => "/api/v2/jobs/{id}/errors",
            Self::ExportFile => "/exports/{job}/{key}/{file}",
            Self::Events => "/api/v2/events",
            Self::Userinfo => "/userinfo",
            Self::Authorize => "/authorize",
        }
    }

    /// Whether it is of the Management API, whose requests a tenant may limit.
    #[must_use]
    pub fn is_management(self) -> bool {
        self.path().starts_with("/api/v2/")
    }
}
