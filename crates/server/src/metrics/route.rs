//! The routes as metrics tell them apart.

/// What a request asked for: one of a fixed set, so that made-up paths make no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// `POST /auth/sync`.
    Sync,
    /// `GET /auth/verify`.
    Verify,
    /// `POST /auth0/events`.
    Events,
    /// `GET /ws`.
    WebSocket,
    /// `GET /.well-known/oauth-protected-resource`.
    ProtectedResource,
    /// `GET /healthz`.
    Health,
    /// `GET /readyz`.
    Readiness,
    /// `GET /metrics`.
    Metrics,
    /// `GET /openapi.json`.
    Document,
    /// `GET /asyncapi.json`.
    SocketDocument,
    /// `GET /docs`.
    Docs,
    /// A browser's question before a request of its own (CORS), to whatever path.
    Preflight,
    /// No route of ours.
    Unmatched,
}

impl Route {
    /// Every route there is.
    pub const ALL: [Self; 13] = [
        Self::Sync,
        Self::Verify,
        Self::Events,
        Self::WebSocket,
        Self::ProtectedResource,
        Self::Health,
        Self::Readiness,
        Self::Metrics,
        Self::Document,
        Self::SocketDocument,
        Self::Docs,
        Self::Preflight,
        Self::Unmatched,
    ];

    /// The route of a request by its method and its path, without the query and without needless percent-encoding.
    #[must_use]
    pub fn of(method: &str, path: &str) -> Self {
        if method == "OPTIONS" {
            return Self::Preflight;
        }
        match path {
            "/auth/sync" => Self::Sync,
            "/auth/verify" => Self::Verify,
            "/auth0/events" => Self::Events,
            "/ws" => Self::WebSocket,
            "/.well-known/oauth-protected-resource" => Self::ProtectedResource,
            "/healthz" => Self::Health,
            "/readyz" => Self::Readiness,
            "/metrics" => Self::Metrics,
            "/openapi.json" => Self::Document,
            "/asyncapi.json" => Self::SocketDocument,
            "/docs" => Self::Docs,
            _ => Self::Unmatched,
        }
    }

    /// Its place in [`ALL`](Self::ALL).
    pub(super) const fn index(self) -> usize {
        self as usize
    }

    /// Whether a request for it may wait for the database or the issuer.
    pub(crate) const fn may_wait(self) -> bool {
        matches!(self, Self::Sync | Self::Verify | Self::Events | Self::WebSocket)
    }

    /// The value of the label `route`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Sync => "/auth/sync",
            Self::Verify => "/auth/verify",
            Self::Events => "/auth0/events",
            Self::WebSocket => "/ws",
            Self::ProtectedResource => "/.well-known/oauth-protected-resource",
            Self::Health => "/healthz",
            Self::Readiness => "/readyz",
            Self::Metrics => "/metrics",
            Self::Document => "/openapi.json",
            Self::SocketDocument => "/asyncapi.json",
            Self::Docs => "/docs",
            Self::Preflight => "preflight",
            Self::Unmatched => "unmatched",
        }
    }

    /// The statuses that it is expected to answer; any other is counted as `other`.
    pub(super) fn statuses(self) -> &'static [u16] {
        match self {
            Self::Sync => &[200, 400, 401, 403, 405, 408, 409, 413, 415, 500, 503],
            Self::Verify => &[200, 401, 403, 404, 405, 500, 503],
            Self::Events => &[204, 401, 404, 405, 413, 500, 503],
            Self::WebSocket => &[101, 400, 401, 403, 404, 405, 500, 503],
            Self::Readiness => &[200, 405, 503],
            Self::ProtectedResource
            | Self::Health
            | Self::Metrics
            | Self::Document
            | Self::SocketDocument
            | Self::Docs => &[200, 405],
            Self::Preflight => &[200, 400],
            Self::Unmatched => &[404],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_ours_leads_to_the_route_of_its_label() {
        for route in Route::ALL {
            if route.label().starts_with('/') {
                assert_eq!(Route::of("GET", route.label()), route);
            }
        }
    }

    #[test]
    fn a_made_up_path_is_no_label() {
        for path in ["/", "/auth/sync/", "/auth/sync/1", "/AUTH/SYNC", "/auth%2Fsync", "unmatched", ""] {
            assert_eq!(Route::of("GET", path), Route::Unmatched, "{path}");
        }
    }

    #[test]
    fn a_preflight_does_not_count_as_the_request_behind_it() {
        assert_eq!(Route::of("OPTIONS", "/auth/sync"), Route::Preflight);
    }
}
