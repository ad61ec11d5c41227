//! The log of a server that nobody watches at a terminal.

use std::io;
use std::panic;
use std::sync::OnceLock;
use std::time::Instant;

use env_filter::Filter;
use log::{Level, Log, Metadata, Record, SetLoggerError};

use super::access_line::AccessLine;
use super::sink::{Dropped, Kind, Sink};
use super::{init as init_at_once, json, may_be_written, message, write_line};
use crate::settings::{LogFormat, LogSettings};

/// The target of the lines about requests.
const ACCESS: &str = "access";

static GATHERED: OnceLock<Gathered> = OnceLock::new();

#[derive(Debug)]
struct Gathered {
    filter: Filter,
    format: LogFormat,
    /// Whether every request leaves a line.
    access: bool,
    sink: Sink,
}

/// Starts the log of this process.
pub(super) fn init(settings: &LogSettings) -> Result<(), SetLoggerError> {
    let format = settings.format;
    let lost = move |time: &str, lines: u64| {
        let message = format!("{lines} lines were lost: standard error was not read");
        match format {
            LogFormat::Json => json::line(time, Level::Warn, "log", &message),
            LogFormat::Text => format!("{time} WARN  log  {message}\n"),
        }
    };
    // Without a thread of its own, the log is one that writes at once.
    let Ok(sink) = Sink::to(io::stderr(), lost) else { return init_at_once(settings) };
    let filter = env_filter::Builder::new().parse(settings.filter.as_str()).build();
    let access = filter.enabled(&Metadata::builder().target(ACCESS).level(Level::Info).build());
    let most = filter.filter();
    log::set_logger(GATHERED.get_or_init(|| Gathered { filter, format, access, sink }))?;
    log::set_max_level(most);
    // A panic is told by standard error directly; what led to it comes first.
    let told = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        super::flush();
        told(panic);
    }));
    Ok(())
}

/// Leaves the line of a request that has just been answered, if it is asked for.
pub(crate) fn access(answered: Instant, line: &AccessLine<'_>) {
    let Some(gathered) = GATHERED.get() else {
        log::info!(target: ACCESS, "{line}");
        return;
    };
    if gathered.access {
        gathered.sink.put(Kind::Request, answered, |out, time| match gathered.format {
            LogFormat::Text => line.write_text(out, time),
            LogFormat::Json => line.write_json(out, time),
        });
    }
}

/// The lines that were lost so far, because standard error was not read.
pub(crate) fn dropped() -> Dropped {
    GATHERED.get().map_or_else(Dropped::default, |gathered| gathered.sink.dropped())
}

impl Log for Gathered {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        may_be_written(metadata) && self.filter.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !may_be_written(record.metadata()) || !self.filter.matches(record) {
            return;
        }
        let about_request = record.target() == ACCESS && record.level() >= Level::Info;
        let kind = if about_request { Kind::Request } else { Kind::Other };
        // Outside of the lock: a message may be anything, even one that logs.
        let words = match self.format {
            LogFormat::Text => {
                let mut line = Vec::new();
                // Memory takes whatever is written.
                let level = format_args!("{:<5}", record.level());
                let _ = write_line(&mut line, "", level, record.target(), record.args());
                line
            }
            LogFormat::Json => message(record).into_bytes(),
        };
        self.sink.put(kind, Instant::now(), |out, time| match self.format {
            LogFormat::Text => {
                out.extend_from_slice(time.as_bytes());
                out.extend_from_slice(&words);
            }
            LogFormat::Json => {
                let words = String::from_utf8_lossy(&words);
                out.extend_from_slice(json::line(time, record.level(), record.target(), &words).as_bytes());
            }
        });
    }

    fn flush(&self) {
        self.sink.flush();
    }
}
