//! What a failure costs: nothing is asked for a while, and then by one only.

use std::time::Duration;

use crate::ManagementError;

/// How long nothing is asked after a failure.
pub(crate) const COOLDOWN: Duration = Duration::from_secs(5);

/// Stands between callers and a service in trouble. Times are uptimes of the clock.
#[derive(Debug, Default)]
pub(crate) struct Pause(Option<Trouble>);

#[derive(Debug)]
struct Trouble {
    error: ManagementError,
    until: Duration,
}

impl Pause {
    /// Whether a request may be made.
    ///
    /// # Errors
    /// The failure that began the pause.
    pub(crate) fn check(&self, now: Duration) -> Result<(), ManagementError> {
        match &self.0 {
            Some(trouble) if now < trouble.until => Err(trouble.error.clone()),
            _ => Ok(()),
        }
    }

    /// Lets a request pass. After trouble only one passes in a [`COOLDOWN`], until one succeeds: the others need not
    /// wait for a service to time out.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub(crate) fn admit(&mut self, now: Duration) -> Result<(), ManagementError> {
        self.check(now)?;
        if let Some(trouble) = &mut self.0 {
            trouble.until = now + COOLDOWN;
        }
        Ok(())
    }

    /// A request failed.
    pub(crate) fn begin(&mut self, now: Duration, length: Duration, error: ManagementError) {
        self.0 = Some(Trouble { error, until: now.saturating_add(length) });
    }

    /// A request succeeded.
    pub(crate) fn end(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn without_trouble_everybody_passes() {
        let mut pause = Pause::default();
        assert!(pause.admit(at(0)).is_ok() && pause.admit(at(0)).is_ok());
    }

    #[test]
    fn after_trouble_one_passes_per_cooldown_until_one_succeeds() {
        let mut pause = Pause::default();
        pause.begin(at(0), COOLDOWN, ManagementError::Status(503));
        assert!(matches!(pause.admit(at(4)), Err(ManagementError::Status(503))));
        assert!(pause.admit(at(5)).is_ok());
        assert!(pause.admit(at(9)).is_err());
        assert!(pause.admit(at(10)).is_ok());
        pause.end();
        assert!(pause.admit(at(10)).is_ok() && pause.admit(at(10)).is_ok());
    }
}
