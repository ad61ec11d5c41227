//! What the developer sees.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};

/// The terminal, or whatever stands in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    colour: bool,
}

impl Screen {
    /// In colour only on a terminal whose user has not set `NO_COLOR`.
    pub(crate) fn detect() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: stdout().is_terminal() && !unwanted }
    }

    /// One line on standard output. A reader who has gone away (`| head`) is no error.
    pub(crate) fn line(self, text: impl Display) {
        let _ = writeln!(stdout(), "{text}");
    }

    /// One line on standard error.
    pub(crate) fn complain(self, text: impl Display) {
        let _ = writeln!(stderr(), "{text}");
    }

    /// A heading.
    pub(crate) fn bold(self, text: impl Display) -> String {
        self.paint("1", text)
    }

    /// What may be overlooked.
    pub(crate) fn dim(self, text: impl Display) -> String {
        self.paint("2", text)
    }

    /// It went well.
    pub(crate) fn green(self, text: impl Display) -> String {
        self.paint("32", text)
    }

    /// It did not.
    pub(crate) fn red(self, text: impl Display) -> String {
        self.paint("31", text)
    }

    fn paint(self, code: &str, text: impl Display) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// How long something took, for a person: `3 ms`, `1.4 s`, `2 min 5 s`.
pub(crate) fn duration(time: std::time::Duration) -> String {
    match time.as_millis() {
        millis @ 0..1000 => format!("{millis} ms"),
        millis @ 1000..60_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        millis => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_duration_reads_as_a_person_would_say_it() {
        for (millis, text) in
            [(0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (12_345, "12.3 s"), (125_000, "2 min 5 s")]
        {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn without_colour_text_stays_as_it_is() {
        assert_eq!(Screen { colour: false }.red("no"), "no");
        assert_eq!(Screen { colour: true }.red("no"), "\x1b[31mno\x1b[0m");
    }
}
