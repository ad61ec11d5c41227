//! The time at the head of a line.

use std::fmt::Write as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Writes times as `2026-11-22T20:40:00.123Z`. Within a second only the milliseconds are written anew, and for a tenth of
/// one the clock is not asked again.
#[derive(Debug, Default)]
pub(super) struct LineTime {
    asked: Option<(Instant, Duration)>,
    second: Option<u64>,
    text: String,
}

impl LineTime {
    /// How much of the text is the same for a whole second.
    const TO_THE_SECOND: usize = "2026-11-22T20:40:00".len();

    /// For how long the system's clock is believed to go on as steadily as any; then it may have been set.
    const BELIEVED: Duration = Duration::from_millis(100);

    /// The time by the system's clock at a moment that has just passed.
    pub(super) fn of(&mut self, moment: Instant) -> &str {
        let believed = self.asked.and_then(|(at, time)| {
            let since = moment.checked_duration_since(at)?;
            (since < Self::BELIEVED).then(|| time + since)
        });
        let time = believed.unwrap_or_else(|| {
            // A clock that stands before 1970 is as wrong as one that stands there.
            let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.asked = Some((moment, time));
            time
        });
        self.at(time.as_secs(), time.subsec_millis())
    }

    fn at(&mut self, second: u64, millis: u32) -> &str {
        if self.second != Some(second) {
            self.second = Some(second);
            self.text.clear();
            let time = i64::try_from(second).ok().and_then(|second| jiff::Timestamp::from_second(second).ok());
            let _ = write!(self.text, "{}", time.unwrap_or(jiff::Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%S"));
        }
        self.text.truncate(Self::TO_THE_SECOND);
        self.text.push('.');
        for digit in [millis / 100, millis / 10, millis] {
            self.text.push(char::from_digit(digit % 10, 10).unwrap_or('0'));
        }
        self.text.push('Z');
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_to_the_millisecond_in_utc() {
        let mut time = LineTime::default();
        for (second, millis, text) in [
            (1_795_380_000, 123, "2026-11-22T20:40:00.123Z"),
            (1_795_380_000, 7, "2026-11-22T20:40:00.007Z"),
            (1_795_380_001, 999, "2026-11-22T20:40:01.999Z"),
            (0, 0, "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(time.at(second, millis), text);
        }
        let moment = Instant::now();
        let soon = time.of(moment).to_owned();
        assert_eq!(time.of(moment), soon);
        assert!(time.of(moment + Duration::from_millis(99)) > soon.as_str());
        assert_eq!(time.at(u64::MAX, 0).len(), "2026-11-22T20:40:00.123Z".len());
    }
}
