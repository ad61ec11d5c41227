//! The one layer that every request passes outside of its route. Nothing is boxed for a request that brings neither a
//! body nor an origin, as those of other services bring none.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_cors::{Cors, CorsMiddleware};
use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::{ConnectionType, StatusCode};

use crate::http::bounded::{Bounded, BoundedAnswer};
use crate::http::cors::{concerns_pages, cors, tell_caches};
use crate::http::observe::Observed;
use crate::http::unread_body::UnreadBody;
use crate::metrics::{Metrics, WorkerRequests};
use crate::readiness::Readiness;
use crate::settings::HttpSettings;

/// The outermost middleware: an id, a line in the log and a count for each request, who may read the answer, and what a
/// client may take of a worker. While the server drains, each answer ends its connection: whoever has more to ask goes to
/// another node, and nobody is cut off in the middle of a request when the listener closes (RFC 9112 §9.6). So does the answer
/// to a client that offers another protocol and does not get it, as actix keeps no such connection, and would not say so.
pub(crate) struct Front {
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
    cors: Cors,
    most_waiting: u64,
    max_body_bytes: usize,
}

/// What [`Front`] makes of a service.
pub(crate) struct FrontService<S> {
    worker: Rc<WorkerRequests>,
    readiness: Arc<Readiness>,
    plain: Rc<Bounded<S>>,
    for_pages: CorsMiddleware<Rc<Bounded<S>>>,
    max_body_bytes: usize,
}

/// What becomes of a request behind [`Front`].
pub(crate) struct FrontAnswer<F> {
    /// Until the answer is known. Whoever has one waits no more, whatever is still to come of the body.
    observed: Option<Observed>,
    way: Way<F>,
    unread: Option<UnreadBody>,
    is_last: bool,
}

/// How a request is answered.
enum Way<F> {
    /// Nobody's page asks.
    Plain(BoundedAnswer<F>),
    /// A page does, or a browser on its behalf.
    ForPages(Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>),
    /// It is answered, once the rest of the body is read.
    Drained(Pin<Box<dyn Future<Output = ServiceResponse<BoxBody>>>>),
}

impl Front {
    /// For one of the workers that a server has in all.
    pub(crate) fn new(
        metrics: Arc<Metrics>,
        readiness: Arc<Readiness>,
        settings: &HttpSettings,
        workers: usize,
    ) -> Self {
        let waiting = settings.max_waiting.div_ceil(workers.max(1));
        let most_waiting = u64::try_from(waiting).unwrap_or(u64::MAX);
        let (cors, max_body_bytes) = (cors(&settings.allowed_origins), settings.max_body_bytes);
        Self { metrics, readiness, cors, most_waiting, max_body_bytes }
    }
}

impl<S> Transform<S, ServiceRequest> for Front
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error> + 'static,
    S::Future: Unpin + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type InitError = ();
    type Transform = FrontService<S>;
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let worker = self.metrics.requests.worker();
        let plain = Rc::new(Bounded::new(service, Rc::clone(&worker), self.most_waiting));
        let for_pages = self.cors.new_transform(Rc::clone(&plain)).into_inner();
        let (readiness, max_body_bytes) = (Arc::clone(&self.readiness), self.max_body_bytes);
        ready(for_pages.map(|for_pages| FrontService { worker, readiness, plain, for_pages, max_body_bytes }))
    }
}

impl<S> Service<ServiceRequest> for FrontService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error> + 'static,
    S::Future: Unpin + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = FrontAnswer<S::Future>;

    forward_ready!(plain);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let observed = Some(Observed::begin(&self.worker, &request));
        let is_last = self.readiness.is_draining() || request.head().upgrade();
        let unread = UnreadBody::of(&mut request, self.max_body_bytes);
        let way = if concerns_pages(&request) {
            let answer = self.for_pages.call(request);
            Way::ForPages(Box::pin(async move { Ok(answer.await?.map_into_boxed_body()) }))
        } else {
            Way::Plain(self.plain.call(request))
        };
        FrontAnswer { observed, way, unread, is_last }
    }
}

impl<F> Future for FrontAnswer<F>
where
    F: Future<Output = Result<ServiceResponse<BoxBody>, Error>> + Unpin,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { observed, way, unread, is_last } = self.get_mut();
        // Only a middleware fails in another way than by its answer, and none of ours does.
        let mut response = match way {
            Way::Plain(answer) => {
                let mut response = ready!(Pin::new(answer).poll(context))?;
                tell_caches(response.headers_mut());
                response
            }
            Way::ForPages(answer) => ready!(answer.as_mut().poll(context))?,
            Way::Drained(answer) => return answer.as_mut().poll(context).map(Ok),
        };
        if let Some(observed) = observed.take() {
            response = observed.answered(response);
        }
        if *is_last && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        let Some(unread) = unread.take() else { return Poll::Ready(Ok(response)) };
        let mut drained = Box::pin(unread.drained_for(response));
        // Mostly nothing is left.
        let answer = drained.as_mut().poll(context).map(Ok);
        *way = Way::Drained(drained);
        answer
    }
}
