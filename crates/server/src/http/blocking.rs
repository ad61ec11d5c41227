//! The only door to threads that may wait.

use std::time::Duration;

use actix_web::web;
use tokio::time::timeout;

use crate::http::api_error::ApiError;

/// Longer than any step takes while the database and Auth0 answer, or refuse. A database that hangs holds the thread, and its
/// client is not to be held as well.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs one blocking step, with all its queries in it, off the worker's thread, and brings what it returned.
///
/// # Errors
/// When the step panicked: a defect, but of this one request. When it takes for ever: it may be carried out all the same.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    match timeout(PATIENCE, web::block(work)).await {
        Ok(outcome) => outcome.map_err(|gone| ApiError::Internal(gone.into())),
        Err(_) => Err(ApiError::Unavailable("it takes too long".into())),
    }
}
