//! Who is told what a gate sees.

use domain::{VerifiedToken, VerifyError, in_one_line};

use crate::Denial;

/// Is told what a gate sees: for metrics and logs.
pub trait Watcher: Send + Sync {
    /// A request brought something that was meant as a token, and this is what it is worth.
    fn token_judged(&self, outcome: Result<&VerifiedToken, &VerifyError>);

    /// A request is not let in.
    fn denied(&self, denial: &Denial);
}

/// Writes to the log why requests are not let in: our own trouble as a warning, defects as errors, the client's own
/// mistakes at `debug`. No line holds a token.
#[derive(Clone, Copy, Debug)]
pub struct LogWatcher;

impl Watcher for LogWatcher {
    fn token_judged(&self, _: Result<&VerifiedToken, &VerifyError>) {}

    fn denied(&self, denial: &Denial) {
        let why = in_one_line(denial);
        match denial.status() {
            503 => log::warn!("{why}"),
            500 => log::error!("{why}"),
            status => log::debug!("{status}: {why}"),
        }
    }
}
