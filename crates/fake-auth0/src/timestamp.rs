//! Points in time as Auth0 writes them.

use jiff::Timestamp;

/// Milliseconds since 1970 as `2026-01-31T12:00:00.000Z`.
pub(crate) fn iso8601(milliseconds: i64) -> String {
    let timestamp = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX);
    format!("{timestamp:.3}")
}

/// Milliseconds since 1970 of an RFC 3339 time; the part below a millisecond is dropped.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_are_read_back() {
        assert_eq!(iso8601(1_769_860_800_007), "2026-01-31T12:00:00.007Z");
        assert_eq!(iso8601(0), "1970-01-01T00:00:00.000Z");
        for time in [0, 1, 1_769_860_800_007] {
            assert_eq!(milliseconds(&iso8601(time)), Some(time));
        }
        assert_eq!(milliseconds("2026-01-31T13:00:00+01:00"), Some(1_769_860_800_000));
        assert_eq!(milliseconds("yesterday"), None);
    }
}
