//! The load generator, run and understood.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

use super::cores::Cores;

/// What it reports.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Outcome {
    /// Those that were answered.
    pub(in crate::bench) requests: f64,
    /// Those of an open loop that were due and never sent.
    pub(in crate::bench) unsent: f64,
    pub(in crate::bench) per_second: f64,
    pub(in crate::bench) p50: Duration,
    pub(in crate::bench) p99: Duration,
    /// The generator's own processor time.
    pub(in crate::bench) cpu: Duration,
}

/// A generator at work; it is ended if nobody waits for it.
#[derive(Debug)]
pub(in crate::bench) struct Load(Option<Child>);

impl Load {
    /// Starts it. `words`: what it is to ask, as its `--help` says.
    ///
    /// # Errors
    /// It cannot be started.
    pub(in crate::bench) fn start(
        program: &Path,
        target: SocketAddr,
        tokens: &Path,
        words: &[String],
    ) -> anyhow::Result<Self> {
        Self::start_on(None, program, target, tokens, words)
    }

    /// The same on these cores alone.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(in crate::bench) fn start_on(
        cores: Option<&Cores>,
        program: &Path,
        target: SocketAddr,
        tokens: &Path,
        words: &[String],
    ) -> anyhow::Result<Self> {
        let mut command = match cores.map(Cores::words) {
            Some([first, rest @ ..]) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(["--target", &target.to_string()]).arg("--tokens").arg(tokens).args(words);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Self(Some(command.spawn().context("the load generator cannot be started")?)))
    }

    /// Waits for its report.
    ///
    /// # Errors
    /// A request was not answered as expected. One that was never sent is only counted.
    pub(in crate::bench) fn finish(mut self) -> anyhow::Result<Outcome> {
        let child = self.0.take().context("the load generator is gone")?;
        let output = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let problem = String::from_utf8_lossy(&output.stderr);
            bail!("{}\n{}", problem.trim(), said.trim());
        }
        outcome(&serde_json::from_str(&said).context("the load generator's report")?)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn outcome(report: &Value) -> anyhow::Result<Outcome> {
    let number = |place: &str| report.pointer(place).and_then(Value::as_f64).with_context(|| place.to_owned());
    let micros = |place: &str| Ok::<_, anyhow::Error>(Duration::from_secs_f64(number(place)? / 1e6));
    Ok(Outcome {
        requests: number("/requests")?,
        unsent: number("/unsent")?,
        per_second: number("/per_second")?,
        p50: micros("/latency_us/p50")?,
        p99: micros("/latency_us/p99")?,
        cpu: micros("/cpu_us")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_is_understood() {
        let mut report = json!({
            "requests": 10, "per_second": 5.0, "unsent": 3, "cpu_us": 70,
            "latency_us": { "p50": 100, "p99": 2000 },
        });
        let read = outcome(&report).unwrap();
        assert_eq!(
            (read.p50, read.p99, read.cpu.as_micros()),
            (Duration::from_micros(100), Duration::from_millis(2), 70)
        );
        assert_eq!((read.requests, read.unsent), (10.0, 3.0));
        report["latency_us"] = Value::Null;
        assert!(outcome(&report).is_err());
    }
}
