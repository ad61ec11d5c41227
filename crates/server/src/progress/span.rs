//! Times for people.

use std::fmt;
use std::time::Duration;

/// A time as people say it: `12 s`, `6 min 7 s`, `3 h 5 min`.
#[derive(Clone, Copy, Debug)]
pub struct Span(pub Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
            (0, 0, seconds) => write!(f, "{seconds} s"),
            (0, minutes, seconds) => write!(f, "{minutes} min {seconds} s"),
            (hours, minutes, _) => write!(f, "{hours} h {minutes} min"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let said = |seconds| Span(Duration::from_secs(seconds)).to_string();
        assert_eq!([said(0), said(59), said(367), said(11_105)], ["0 s", "59 s", "6 min 7 s", "3 h 5 min"]);
    }
}
