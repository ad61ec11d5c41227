//! Refusals as responses of the `http` crate.

use std::fmt;

use auth0_verify_tokio::Denial;
use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};

/// The answer to a request that is not let in. The client sees the words alone; the gate has told its
/// [`Watcher`](crate::Watcher) what is behind them.
#[derive(Debug)]
pub struct Refused(Denial);

impl Refused {
    /// What is behind the answer.
    #[must_use]
    pub fn denial(&self) -> &Denial {
        &self.0
    }

    /// The whole answer.
    #[must_use]
    pub fn into_http<B: From<String>>(self) -> Response<B> {
        let mut response = Response::new(self.0.body().into());
        *response.status_mut() = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.0.headers() {
            // What a challenger renders fits into a header.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

impl From<Denial> for Refused {
    fn from(denial: Denial) -> Self {
        Self(denial)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.words().1)
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
