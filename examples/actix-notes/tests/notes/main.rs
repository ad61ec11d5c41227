//! The service as its README shows it.
