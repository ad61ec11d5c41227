//! Waiting for an answer where there is no runtime: for tests.

use std::future::Future as _;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use domain::{Reply, RepositoryError};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread.
pub(super) fn settled(reply: Reply<u32>) -> Result<u32, RepositoryError> {
    let mut coming = Box::pin(reply.settled());
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match coming.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}
