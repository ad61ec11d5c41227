//! Waiting for a condition, with a deadline.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;

/// Between two looks.
const GLANCE: Duration = Duration::from_millis(5);

/// Looks again and again until there is something to see.
///
/// # Errors
/// There is nothing within that time, or looking itself fails.
pub(super) fn until<T>(
    what: &str,
    within: Duration,
    mut look: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        if Instant::now() > deadline {
            bail!("{what}: not within {} seconds", within.as_secs_f32());
        }
        thread::park_timeout(GLANCE);
    }
}

/// Lets time pass up to a moment.
pub(super) fn up_to(moment: Instant) {
    loop {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_when_there_is_something_to_see_and_fails_when_there_is_not() {
        let mut looks = 0;
        let seen = until("three looks", Duration::from_secs(60), || {
            looks += 1;
            Ok((looks == 3).then_some(looks))
        });
        assert_eq!(seen.unwrap(), 3);
        let failed = until("nothing", Duration::from_millis(1), || Ok(None::<()>)).unwrap_err();
        assert_eq!(failed.to_string(), "nothing: not within 0.001 seconds");
    }
}
