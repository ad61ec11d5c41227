//! How a report is written.

/// The form of a report on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Columns for a person.
    #[default]
    Table,
    /// One JSON document, whose members are documented and stay.
    Json,
}

impl Format {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "table" => Some(Self::Table),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}
