//! The log: one line per record, to standard error.

mod access;
mod access_line;
mod gathered;
mod json;
mod line_time;
mod sink;

use std::fmt::{self, Display, Write as _};
use std::io::{self, IsTerminal as _, Write};

use log::{Level, Log, Metadata, Record, SetLoggerError};

use crate::settings::{LogFormat, LogSettings};

pub(crate) use self::access_line::AccessLine;
pub(crate) use self::gathered::{access, dropped};
pub(crate) use self::sink::Dropped;

/// Whose records below `info` are written: those of this program's own crates and of its own targets.
/// Libraries quote there what comes over the wire, such as a malformed header, and a token may stand in any of it. A
/// crate that is forgotten here is too quiet, never too loud.
const OURS: &[&str] = &[
    "access",
    "auth0_http",
    "auth0_management",
    "auth0_verify",
    "auth0_verify_actix",
    "auth0_verify_tokio",
    "authsync",
    "domain",
    "events",
    "http",
    "persistence",
    "server",
];

/// Starts the log of this process. A line reads `2026-11-22T20:40:00.123Z INFO  http  message`, or is a JSON object.
///
/// At `debug` and `trace` it holds what this program itself says; libraries are heard from `info` on.
///
/// # Errors
/// When the process has a logger already.
pub fn init(settings: &LogSettings) -> Result<(), SetLoggerError> {
    let format = settings.format;
    let logger = env_logger::Builder::new()
        .parse_filters(settings.filter.as_str())
        .target(env_logger::Target::Stderr)
        .format(move |out, record| {
            let time = out.timestamp_millis();
            if format == LogFormat::Json {
                let line = json::line(&time.to_string(), record.level(), record.target(), &message(record));
                return out.write_all(line.as_bytes());
            }
            let style = out.default_level_style(record.level());
            let level = format!("{style}{:<5}{style:#}", record.level());
            write_line(out, time, level, record.target(), record.args())
        })
        .build();
    let most = logger.filter();
    log::set_boxed_logger(Box::new(Discreet(logger)))?;
    log::set_max_level(most);
    Ok(())
}

/// The same for a server: unless somebody watches at a terminal, lines are gathered in memory for a moment and written by a
/// thread of their own, so that no request waits for whoever reads them. Lines about requests wait 50 ms at most, others
/// not at all. A reader that does not keep up loses lines, those about requests first; the next line says how many.
///
/// # Errors
/// As [`init`].
pub fn init_for_server(settings: &LogSettings) -> Result<(), SetLoggerError> {
    if io::stderr().is_terminal() { init(settings) } else { gathered::init(settings) }
}

/// Writes whatever was logged so far, unless nobody reads it.
pub fn flush() {
    log::logger().flush();
}

/// Keeps to itself what libraries say below `info`, whatever the filter asks for.
#[derive(Debug)]
struct Discreet<L>(L);

impl<L: Log> Log for Discreet<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        may_be_written(metadata) && self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if may_be_written(record.metadata()) {
            self.0.log(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

fn may_be_written(metadata: &Metadata<'_>) -> bool {
    let origin = metadata.target().split("::").next().unwrap_or_default();
    metadata.level() <= Level::Info || OURS.contains(&origin)
}

fn message(record: &Record<'_>) -> String {
    let mut message = String::new();
    // What a broken `Display` wrote until it failed is worth its line.
    let _ = write!(message, "{}", record.args());
    message
}

/// Writes one record as one line, whatever the message holds.
fn write_line(
    out: &mut impl Write,
    time: impl Display,
    level: impl Display,
    target: &str,
    message: impl Display,
) -> io::Result<()> {
    // In one piece, so that lines of several threads do not mix.
    let mut line = format!("{time} {level} ");
    let mut escaped = Escaped(&mut line);
    // Only a broken `Display` can fail here; what it wrote until then is still worth its line.
    let _ = write!(escaped, "{target}  {message}");
    line.push('\n');
    out.write_all(line.as_bytes())
}

/// Passes text on with everything escaped that could end the line, hide a part of it or steer a terminal. Much of what
/// is logged was sent by somebody else.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '\t' => self.0.push(' '),
                _ if is_deceptive(c) => self.0.extend(c.escape_default()),
                _ => self.0.push(c),
            }
        }
        Ok(())
    }
}

/// Control characters, the two line separators, and the marks that turn the direction of writing.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(target: &str, message: &str) -> String {
        let mut out = Vec::new();
        write_line(&mut out, "2026-11-22T20:40:00.123Z", "INFO ", target, message).expect("written to memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_record_is_a_line_of_time_level_target_and_message() {
        assert_eq!(line("http", "200 in 3 ms"), "2026-11-22T20:40:00.123Z INFO  http  200 in 3 ms\n");
    }

    #[test]
    fn a_message_cannot_start_a_line_of_its_own() {
        for separator in ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}"] {
            let forged = format!("a{separator}2026-11-22T20:40:00.124Z ERROR http  forged");
            let line = line("http", &forged);
            assert_eq!(line.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}']).count(), 1);
            assert!(line.ends_with("forged\n"), "{line:?}");
        }
        assert_eq!(line("http", "a\nb"), "2026-11-22T20:40:00.123Z INFO  http  a\\nb\n");
    }

    #[test]
    fn a_message_cannot_steer_the_terminal_or_turn_the_text() {
        assert_eq!(
            line("http", "\u{1b}[2J\u{202e}x\0"),
            "2026-11-22T20:40:00.123Z INFO  http  \\u{1b}[2J\\u{202e}x\\u{0}\n"
        );
    }

    #[test]
    fn libraries_are_not_heard_below_info() {
        let may = |target, level| may_be_written(&Metadata::builder().target(target).level(level).build());
        for target in ["actix_http::h1::decoder", "ureq", "rustls::client", "mio", "r2d2", "httpx", "server2::http", ""]
        {
            assert!(may(target, Level::Info) && may(target, Level::Error), "{target}");
            assert!(!may(target, Level::Debug) && !may(target, Level::Trace), "{target}");
        }
        for target in ["access", "http", "server::serve", "auth0_verify::key_cache", "persistence"] {
            assert!(may(target, Level::Trace), "{target}");
        }
    }

    #[test]
    fn other_languages_are_left_alone() {
        assert!(line("http", "Grüße 你好 👩‍💻").ends_with("Grüße 你好 👩‍💻\n"));
    }
}
