//! stub
use crate::legacy::document::Document;
use crate::legacy::error::LegacyError;
use crate::legacy::pace::Pace;
use diesel::prelude::*;
pub(super) fn restore(_: &mut PgConnection, _: &Document, _: &mut Pace<'_>) -> Result<Vec<String>, LegacyError> {
    Err(LegacyError::NotAdopted)
}
