//! How many of its clients one worker lets wait.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::{Error, web};

use auth0_verify_actix::Gate;

use crate::http::api_error::ApiError;
use crate::http::observe::route_of;
use crate::metrics::{Route, WorkerRequests};

/// The routes behind this limit.
pub(crate) struct Bounded<S> {
    service: S,
    worker: Rc<WorkerRequests>,
    most_waiting: u64,
}

/// What becomes of a request behind [`Bounded`].
pub(crate) enum BoundedAnswer<F> {
    /// Whatever the route says, with nothing in between.
    Plain(F),
    /// Nobody was asked. Gone once it was given.
    Shed(Option<Box<ServiceResponse<BoxBody>>>),
}

impl<S> Bounded<S> {
    /// At most so many requests for one route wait at once. A request that is answered from memory never waits.
    pub(super) fn new(service: S, worker: Rc<WorkerRequests>, most_waiting: u64) -> Self {
        Self { service, worker, most_waiting }
    }

    /// The route that has no room for one more, if that is what is asked for. The request itself counts already.
    fn without_room(&self, request: &ServiceRequest) -> Option<Route> {
        let route = route_of(request);
        // The line is counted for those alone who would be sent away without it.
        let is_full = |room| self.worker.in_flight(route) > room;
        let is_shed = route.may_wait() && is_full(self.most_waiting) && is_full(self.most_waiting + in_line(request));
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
            Self::Shed(answer) => answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(*answer))),
        }
    }
}
