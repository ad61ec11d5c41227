//! stub
use crate::legacy::document::Document;
use crate::legacy::error::LegacyError;
use crate::legacy::pace::Pace;
use diesel::prelude::*;
use std::path::Path;
pub(super) fn contract(_: &mut PgConnection, _: Document, _: &Path, _: &mut Pace<'_>) -> Result<u64, LegacyError> {
    Err(LegacyError::NotAdopted)
}
