//! A load generator: keep-alive HTTP/1.1 over loopback, one thread, one line of JSON at the end. See `load --help`.

mod answer;
mod arguments;
mod requests;
mod tally;

#[cfg(target_os = "linux")]
mod connection;
#[cfg(target_os = "linux")]
mod pace;
#[cfg(target_os = "linux")]
mod run;

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use arguments::{Arguments, USAGE};

/// The command line cannot be understood.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args_os().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => return said(&mut stdout(), USAGE, ExitCode::SUCCESS),
        Err(problem) => {
            return said(&mut stderr(), &format!("load: {problem}; see --help"), ExitCode::from(USAGE_ERROR));
        }
    };
    match measured(&arguments) {
        Ok(good) => good,
        Err(error) => said(&mut stderr(), &format!("load: {error:#}"), ExitCode::FAILURE),
    }
}

/// A stream that nobody reads any more is no reason to end otherwise.
fn said(stream: &mut dyn Write, text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(stream, "{text}");
    code
}

#[cfg(target_os = "linux")]
fn measured(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    use anyhow::Context;

    let requests = requests::Requests::read(arguments)?;
    let tally = run::run(arguments, &requests)?;
    if let Some(path) = &arguments.acknowledged {
        std::fs::write(path, tally.acknowledged_lines()).with_context(|| path.display().to_string())?;
    }
    writeln!(stdout(), "{}", tally.report())?;
    let wrong = tally.others_than(&arguments.expected);
    if !arguments.expected.is_empty() && wrong > 0 {
        return Ok(said(
            &mut stderr(),
            &format!("load: {wrong} requests were not answered as expected"),
            ExitCode::FAILURE,
        ));
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(target_os = "linux"))]
fn measured(_arguments: &Arguments) -> anyhow::Result<ExitCode> {
    anyhow::bail!("it needs Linux: timeouts finer than a millisecond are epoll's")
}
