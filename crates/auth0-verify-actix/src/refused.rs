//! Refusals as actix-web sends them.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use auth0_verify_tokio::Denial;

/// The answer to a request that is not let in. An outer middleware finds it in the response's error, with what is behind
/// it; the client sees the words alone.
#[derive(Debug)]
pub struct Refused(Denial);

impl Refused {
    /// What is behind the answer.
    #[must_use]
    pub fn denial(&self) -> &Denial {
        &self.0
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

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        for header in self.0.headers() {
            answer.append_header(header);
        }
        answer.body(self.0.body())
    }
}
