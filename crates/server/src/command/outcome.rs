//! What a command leaves behind.

/// The end of a command that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// For standard output; ends with a line feed unless it is empty.
    pub report: String,
    /// Whether nothing is left to look at. If something is, the exit code says so.
    pub complete: bool,
}

impl Outcome {
    /// Everything is done.
    #[must_use]
    pub fn complete(report: impl Into<String>) -> Self {
        Self { report: report.into(), complete: true }
    }
}
