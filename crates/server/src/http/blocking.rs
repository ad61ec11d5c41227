//! The only door to threads that may wait.

use actix_web::web;

use crate::http::api_error::ApiError;

/// Runs one blocking step, with all its queries in it, off the worker's thread, and brings what it returned.
///
/// # Errors
/// When the step panicked: a defect, but of this one request.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    web::block(work).await.map_err(|gone| ApiError::Internal(gone.into()))
}
