//! What the log says about failures: each kind of them at most once a minute.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::in_one_line;

use crate::ManagementError;

const INTERVAL: Duration = Duration::from_secs(60);

/// Logs failures. There is nobody else to do it: whoever is known is served in spite of them.
#[derive(Debug, Default)]
pub(crate) struct Complaints(Mutex<HashMap<Discriminant<ManagementError>, Duration>>);

impl Complaints {
    /// Says it, unless the same was said within a minute. What only the operator can mend is an error, the rest a warning.
    pub(crate) fn about(&self, error: &ManagementError, now: Duration) {
        if !self.is_news(error, now) {
            return;
        }
        let text = in_one_line(error);
        if error.is_misconfiguration() {
            log::error!("profiles cannot be read from auth0: {text}");
        } else {
            log::warn!("a profile could not be read from auth0: {text}");
        }
    }

    fn is_news(&self, error: &ManagementError, now: Duration) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = said.get(&discriminant(error)).is_none_or(|at| now.saturating_sub(*at) >= INTERVAL);
        if is_news {
            said.insert(discriminant(error), now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_failure_is_news_once_a_minute() {
        let (complaints, at) = (Complaints::default(), Duration::from_secs);
        assert!(complaints.is_news(&ManagementError::Status(500), at(10)));
        assert!(!complaints.is_news(&ManagementError::Status(503), at(69)));
        assert!(complaints.is_news(&ManagementError::RefusedCredentials, at(69)));
        assert!(complaints.is_news(&ManagementError::Status(500), at(70)));
    }
}
