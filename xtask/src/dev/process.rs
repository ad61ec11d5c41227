//! A program that runs beside this one and ends with it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, PipeReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::events::Event;

/// Variables that a program keeps from our environment; everything else it gets by name.
const KEPT: [&str; 6] = ["HOME", "PATH", "RUST_BACKTRACE", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR"];
/// Lines remembered for the case of trouble.
const REMEMBERED: usize = 200;
/// How long a program may take to end once its standard input is closed.
const FAREWELL: Duration = Duration::from_secs(3);

/// A program that ends when its standard input closes, which also happens when we are killed.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    lifeline: Option<ChildStdin>,
    log: Arc<Mutex<VecDeque<String>>>,
}

impl Process {
    /// Starts `command` with next to nothing of our environment, in a process group of its own, so that a Ctrl-C
    /// reaches us alone. Whatever it writes goes to `events`.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn start(name: &'static str, mut command: Command, events: Sender<Event>) -> anyhow::Result<Self> {
        let (output, input) = std::io::pipe()?;
        // What the caller has set stays, also where our environment has a variable of that name.
        let set: Vec<OsString> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        for (variable, _) in std::env::vars_os() {
            if !KEPT.iter().any(|kept| variable == *kept) && !set.contains(&variable) {
                command.env_remove(variable);
            }
        }
        command.stdin(Stdio::piped()).stdout(input.try_clone()?).stderr(input).process_group(0);
        let mut child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        // It holds the writing end of the pipe; while it lives, the reading end sees no end.
        drop(command);
        let log = Arc::new(Mutex::new(VecDeque::new()));
        follow(name, output, Arc::clone(&log), events);
        Ok(Self { name, lifeline: child.stdin.take(), child, log })
    }

    /// The program's name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is gone.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Its last `count` lines.
    pub(crate) fn last_lines(&self, count: usize) -> Vec<String> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().skip(log.len().saturating_sub(count)).cloned().collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let deadline = Instant::now() + FAREWELL;
        while Instant::now() < deadline {
            if self.has_ended() {
                return;
            }
            thread::park_timeout(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(name: &'static str, output: PipeReader, log: Arc<Mutex<VecDeque<String>>>, events: Sender<Event>) {
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            {
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                if log.len() == REMEMBERED {
                    log.pop_front();
                }
                log.push_back(text.clone());
            }
            // Nobody listens any more: read on, so that the program never waits for us.
            let _ = events.send(Event::Line { from: name, text });
        }
        let _ = events.send(Event::Ended { from: name });
    });
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_programs_lines_and_its_end_are_reported_in_order() {
        let (sender, receiver) = mpsc::channel();
        let process = Process::start("it", shell("echo one; echo two >&2"), sender).unwrap();
        let seen: Vec<String> = receiver
            .iter()
            .map(|event| match event {
                Event::Line { text, .. } => text,
                Event::Ended { .. } => "(end)".to_owned(),
                Event::Interrupted => "(interrupted)".to_owned(),
            })
            .collect();
        assert_eq!(seen, ["one", "two", "(end)"]);
        assert_eq!(process.last_lines(1), ["two"]);
    }

    #[test]
    fn a_program_gets_nothing_of_our_environment_but_a_few_names() {
        let (sender, receiver) = mpsc::channel();
        let mut command = shell("env");
        command.env("WANTED", "1");
        let _process = Process::start("it", command, sender).unwrap();
        let names: Vec<String> = receiver
            .iter()
            .filter_map(|event| match event {
                Event::Line { text, .. } => text.split_once('=').map(|(name, _)| name.to_owned()),
                _ => None,
            })
            .collect();
        assert!(names.contains(&"WANTED".to_owned()));
        assert!(!names.iter().any(|name| name.starts_with("CARGO")), "{names:?}");
    }

    #[test]
    fn what_the_caller_sets_comes_before_our_environment() {
        let (sender, receiver) = mpsc::channel();
        let mut command = shell("echo $CARGO_PKG_NAME");
        command.env("CARGO_PKG_NAME", "another");
        let _process = Process::start("it", command, sender).unwrap();
        assert!(receiver.iter().any(|event| matches!(event, Event::Line { text, .. } if text == "another")));
    }

    #[test]
    fn dropping_it_closes_its_standard_input() {
        let (sender, receiver) = mpsc::channel();
        let process = Process::start("it", shell("cat; echo over"), sender).unwrap();
        drop(process);
        assert!(receiver.iter().any(|event| matches!(event, Event::Line { text, .. } if text == "over")));
    }
}
