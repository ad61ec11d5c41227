//! The tenant's idea of the time.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::header::{HeaderValue, HttpDate, TryIntoHeaderValue};

use crate::lock::lock;

#[derive(Clone, Copy, Debug)]
pub(crate) enum TenantTime {
    /// The machine's time and so many seconds.
    Offset(i64),
    /// Always this Unix time.
    Fixed(i64),
}

#[derive(Debug)]
pub(crate) struct TenantClock(Mutex<TenantTime>);

impl TenantClock {
    pub(crate) fn new(time: TenantTime) -> Self {
        Self(Mutex::new(time))
    }

    pub(crate) fn set(&self, time: TenantTime) {
        *lock(&self.0) = time;
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub(crate) fn now(&self) -> i64 {
        self.now_in_milliseconds().div_euclid(1000)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn now_in_milliseconds(&self) -> i64 {
        match *lock(&self.0) {
            TenantTime::Offset(seconds) => machine_time().saturating_add(seconds.saturating_mul(1000)),
            TenantTime::Fixed(time) => time.saturating_mul(1000),
        }
    }

    /// The time for a header `Date`; none before 1970.
    pub(crate) fn http_date(&self) -> Option<HeaderValue> {
        let time = UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(self.now()).ok()?))?;
        HttpDate::from(time).try_into_value().ok()
    }
}

impl Default for TenantClock {
    /// The machine's time.
    fn default() -> Self {
        Self::new(TenantTime::Offset(0))
    }
}

fn machine_time() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}
