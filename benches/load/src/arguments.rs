//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
Asks a server on loopback again and again and prints one line of JSON.

usage: load --target ADDRESS [options]

what is asked
  --target ADDRESS      where the server listens, such as 127.0.0.1:8080
  --method METHOD       default: GET
  --path PATH           default: /auth/verify
  --tokens FILE         a bearer token in each line; the request of line n (from 0) bears it
  --body TEXT           sent as application/json; {n} in it, or in the path, stands for the number of the request's line
  --header 'NAME: TEXT' one more header; as often as there are headers
  --first N             the first line that is used; default: 0
  --take N              how many lines are used; default: all. Without --tokens the numbers are N requests; default: 1
  --forged              the signature of each token gets one wrong character

how it is asked
  --connections N       default: 64; each waits for its answer before it asks again
  --seconds S           default: 5, or until --count or --once ends it; fractions allowed
  --count N             ends after so many requests
  --once                ends when every line was asked once; without it they are asked over and over
  --rate R              open loop: R requests each second, whatever the server does, and each latency counts from the
                        moment at which the request was due. Without it, closed loop: as fast as answers come
  --timeout-ms MS       default: 10000; then the connection is given up and the request counts as `timeout`
  --retry               what a connection that is refused, or closed without a byte of an answer, leaves unanswered is
                        asked again, as HTTP clients do; its latency goes on
  
what is told
  --expect STATUS       exit code 1 if any request ends otherwise; as often as there are good ones
  --every MS            a series: what ended in each span of so many milliseconds
  --acknowledged FILE   write the numbers of the requests that were answered with 2xx there, one in each line

the line of JSON
  seconds, requests (answered), per_second, cpu_us (this program's own, from the first request to the last answer),
  statuses {status: count}, failures {refused, closed, timeout, garbled: count}, retried, reopened (connections that the
  server closed with an answer), unsent (due and never sent, open loop), latency_us {mean, p50, p90, p99, p999, max},
  latency_us_by_status, series [{at_ms, good (2xx), other, failed}]";

/// What the command line says.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) target: SocketAddr,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) tokens: Option<PathBuf>,
    pub(crate) body: Option<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) first: usize,
    pub(crate) take: Option<usize>,
    pub(crate) forged: bool,
    pub(crate) connections: usize,
    /// `None`: until all is asked.
    pub(crate) time: Option<Duration>,
    pub(crate) count: Option<usize>,
    pub(crate) once: bool,
    pub(crate) rate: Option<f64>,
    pub(crate) timeout: Duration,
    pub(crate) retry: bool,
    pub(crate) expected: Vec<u16>,
    pub(crate) every: Option<Duration>,
    pub(crate) acknowledged: Option<PathBuf>,
}

impl Arguments {
    /// Reads the words behind the program's name; `None` asks for help.
    ///
    /// # Errors
    /// What is wrong, for the user.
    pub(crate) fn parse(words: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        Self::read(&mut Parser::from_args(words)).map_err(|error| error.to_string())
    }

    fn read(parser: &mut Parser) -> Result<Option<Self>, lexopt::Error> {
        let mut given = Self {
            target: SocketAddr::from(([127, 0, 0, 1], 0)),
            method: "GET".to_owned(),
            path: "/auth/verify".to_owned(),
            tokens: None,
            body: None,
            headers: Vec::new(),
            first: 0,
            take: None,
            forged: false,
            connections: 64,
            time: None,
            count: None,
            once: false,
            rate: None,
            timeout: Duration::from_secs(10),
            retry: false,
            expected: Vec::new(),
            every: None,
            acknowledged: None,
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("target") => given.target = parser.value()?.parse()?,
                Arg::Long("method") => given.method = parser.value()?.string()?,
                Arg::Long("path") => given.path = parser.value()?.string()?,
                Arg::Long("tokens") => given.tokens = Some(parser.value()?.into()),
                Arg::Long("body") => given.body = Some(parser.value()?.string()?),
                Arg::Long("header") => given.headers.push(parser.value()?.string()?),
                Arg::Long("first") => given.first = parser.value()?.parse()?,
                Arg::Long("take") => given.take = Some(parser.value()?.parse_with(positive)?),
                Arg::Long("forged") => given.forged = true,
                Arg::Long("connections") => given.connections = parser.value()?.parse_with(positive)?,
                Arg::Long("seconds") => given.time = Some(parser.value()?.parse_with(seconds)?),
                Arg::Long("count") => given.count = Some(parser.value()?.parse_with(positive)?),
                Arg::Long("once") => given.once = true,
                Arg::Long("rate") => given.rate = Some(parser.value()?.parse_with(rate)?),
                Arg::Long("timeout-ms") => given.timeout = parser.value()?.parse_with(milliseconds)?,
                Arg::Long("retry") => given.retry = true,
                Arg::Long("expect") => given.expected.push(parser.value()?.parse()?),
                Arg::Long("every") => given.every = Some(parser.value()?.parse_with(milliseconds)?),
                Arg::Long("acknowledged") => given.acknowledged = Some(parser.value()?.into()),
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        if given.target.port() == 0 {
            return Err("--target is missing".into());
        }
        if given.time.is_none() && given.count.is_none() && !given.once {
            given.time = Some(Duration::from_secs(5));
        }
        Ok(Some(given))
    }
}

fn positive(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|&number| number > 0).ok_or("a whole number from 1 is expected")
}

fn milliseconds(text: &str) -> Result<Duration, &'static str> {
    positive(text).map(|number| Duration::from_millis(number as u64))
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().filter(|&seconds: &f64| seconds > 0.0);
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).ok_or("seconds are expected")
}

fn rate(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|rate: &f64| rate.is_normal() && *rate > 0.0).ok_or("requests each second are expected")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Arguments>, String> {
        Arguments::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn five_seconds_are_asked_for_unless_something_else_ends_it() {
        let time = |line: &str| parse(&format!("--target 127.0.0.1:1 {line}")).unwrap().unwrap().time;
        assert_eq!(time(""), Some(Duration::from_secs(5)));
        assert_eq!(time("--once"), None);
        assert_eq!(time("--count 3"), None);
        assert_eq!(time("--count 3 --seconds 0.5"), Some(Duration::from_millis(500)));
    }

    #[test]
    fn every_mistake_is_named() {
        for (line, problem) in [
            ("", "--target is missing"),
            ("--target here", "here"),
            ("--target 127.0.0.1:1 --rate 0", "requests each second are expected"),
            ("--target 127.0.0.1:1 --connections 0", "a whole number from 1 is expected"),
            ("--fast", "--fast"),
        ] {
            let said = parse(line).unwrap_err();
            assert!(said.contains(problem), "{line}: {said}");
        }
    }

    #[test]
    fn the_help_names_every_option() {
        assert!(parse("--help").unwrap().is_none());
        for option in ["first", "take", "forged", "rate", "retry", "every", "acknowledged", "timeout-ms", "header"] {
            assert!(USAGE.contains(&format!("--{option} ")), "{option}");
        }
    }
}
