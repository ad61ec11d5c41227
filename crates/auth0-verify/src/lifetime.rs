//! From when and until when a token is good.

use std::time::Duration;

use domain::{Rejection, UnixTime};

/// The tolerance between the issuer's clock and ours, on both ends of a token's life: at most 60 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leeway(Duration);

impl Leeway {
    /// That many seconds, or 60 if they are more.
    #[must_use]
    pub fn from_secs(secs: u8) -> Self {
        Self(Duration::from_secs(secs.min(60).into()))
    }

    pub(crate) fn as_duration(self) -> Duration {
        self.0
    }
}

impl Default for Leeway {
    /// 30 seconds.
    fn default() -> Self {
        Self::from_secs(30)
    }
}

/// What a token says about time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub(crate) expires_at: UnixTime,
    pub(crate) not_before: Option<UnixTime>,
    pub(crate) issued_at: Option<UnixTime>,
}

impl Lifetime {
    /// RFC 7519 §4.1.4 to §4.1.6: for a token that comes for the first time and for one that is known already.
    pub(crate) fn judge(&self, now: UnixTime, leeway: Leeway) -> Result<(), Rejection> {
        if now >= self.expires_at.plus(leeway.0) {
            return Err(Rejection::Expired);
        }
        let is_to_come = |date: UnixTime| date > now.plus(leeway.0);
        if self.not_before.is_some_and(is_to_come) {
            return Err(Rejection::NotYetValid);
        }
        if self.issued_at.is_some_and(is_to_come) {
            return Err(Rejection::IssuedInFuture);
        }
        Ok(())
    }
}
