//! What one worker takes of its clients: how many of them may wait, and the bodies that nobody wants.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::{Error, web};

use auth0_verify_actix::Gate;

use crate::http::api_error::ApiError;
use crate::http::unread_body::{announces_small_body, drained};
use crate::metrics::{Route, WorkerRequests};

/// The limits of one worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The most requests for one route that wait at once. A request that is answered from memory never waits.
    pub(super) waiting: u64,
    /// The longest body that is wanted.
    pub(super) body_bytes: usize,
}

/// The routes behind these limits.
pub(crate) struct Bounded<S> {
    service: S,
    worker: Rc<WorkerRequests>,
    bounds: Bounds,
}

/// What becomes of a request behind [`Bounded`].
pub(crate) enum BoundedAnswer<F> {
    /// Whatever the route says, with nothing in between.
    Plain(F),
    /// The same, once the rest of the body is read.
    Drained(Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>),
    /// Nobody was asked. Gone once it was given.
    Shed(Option<Box<ServiceResponse<BoxBody>>>),
}

impl<S> Bounded<S> {
    pub(super) fn new(service: S, worker: Rc<WorkerRequests>, bounds: Bounds) -> Self {
        Self { service, worker, bounds }
    }

    /// The route that has no room for one more, if that is what is asked for. The request itself counts already.
    fn without_room(&self, request: &ServiceRequest) -> Option<Route> {
        let route = Route::of(request.method().as_str(), request.path());
        // The line is counted for those alone who would be sent away without it.
        let is_full = |room| self.worker.in_flight(route) > room;
        let is_shed =
            route.may_wait() && is_full(self.bounds.waiting) && is_full(self.bounds.waiting + in_line(request));
        is_shed.then_some(route)
    }
}

impl<S> Service<ServiceRequest> for Bounded<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error> + 'static,
    S::Future: Unpin + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = BoundedAnswer<S::Future>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if let Some(route) = self.without_room(&request) {
            self.worker.shed(route);
            return BoundedAnswer::Shed(Some(Box::new(request.error_response(ApiError::Overloaded))));
        }
        if announces_small_body(&request, self.bounds.body_bytes) {
            return BoundedAnswer::Drained(Box::pin(drained(&self.service, request)));
        }
        BoundedAnswer::Plain(self.service.call(request))
    }
}

/// How many only wait for this very thread to look at their tokens, as it would without any line: a flood of forged ones takes
/// nobody's room.
fn in_line(request: &ServiceRequest) -> u64 {
    request.app_data::<web::Data<Gate>>().map_or(0, |gate| gate.in_line() as u64)
}

impl<F> Future for BoundedAnswer<F>
where
    F: Future<Output = Result<ServiceResponse<BoxBody>, Error>> + Unpin,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        match self.get_mut() {
            Self::Plain(answer) => Pin::new(answer).poll(context),
            Self::Drained(answer) => answer.as_mut().poll(context),
            Self::Shed(answer) => answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(*answer))),
        }
    }
}
