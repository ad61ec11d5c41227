//! The only door to threads that may wait.

use actix_web::web;

use crate::http::api_error::ApiError;

/// Runs one blocking step, with all its queries in it, off the worker's thread.
pub(crate) async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Into<ApiError> + Send + 'static,
{
    match web::block(work).await {
        Ok(outcome) => outcome.map_err(Into::into),
        // The work panicked: a defect, but of this one request.
        Err(gone) => Err(ApiError::Internal(gone.into())),
    }
}
