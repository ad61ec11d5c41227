//! A guard as a layer.

use auth0_verify_tokio::Guard;
use tower_layer::Layer;

use crate::GuardService;

/// Lays a guard over a service: one route's handler, a router, a whole server.
///
/// CORS belongs outside, so that a preflight, which never brings a token, is answered before.
#[derive(Clone, Debug)]
pub struct GuardLayer(Guard);

impl GuardLayer {
    /// The guard is made by the [`Gate`](crate::Gate) of the service.
    #[must_use]
    pub fn new(guard: Guard) -> Self {
        Self(guard)
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, inner: S) -> GuardService<S> {
        GuardService::new(self.0.clone(), inner)
    }
}
