//! A program of a drill: its log is a file, and it ends with us.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::wait;

/// Variables that a program keeps from our environment; everything else it gets by name.
const KEPT: [&str; 4] = ["HOME", "PATH", "RUST_BACKTRACE", "TMPDIR"];
/// How long a program may take to end once its standard input is closed.
const FAREWELL: Duration = Duration::from_secs(3);
/// Of a program that is in trouble, this many lines are shown.
const LAST_LINES: usize = 12;

/// A program that ends when its standard input closes, which also happens when we are killed.
#[derive(Debug)]
pub(super) struct Program {
    name: String,
    child: Child,
    lifeline: Option<ChildStdin>,
    log: PathBuf,
    /// Where its words begin in the log.
    from: u64,
}

impl Program {
    /// Starts it, in a process group of its own; whatever it says is added to the file `<name>.log` in `folder`.
    ///
    /// # Errors
    /// It cannot be started.
    pub(super) fn start(name: &str, mut command: Command, folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join(name).with_extension("log");
        let file = File::options().create(true).append(true).open(&log).with_context(|| log.display().to_string())?;
        let from = file.metadata()?.len();
        let set: Vec<_> =
            command.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
        command.env_clear().envs(std::env::vars_os().filter(|(name, _)| KEPT.iter().any(|kept| name == *kept)));
        command.envs(set.into_iter().filter_map(|(name, value)| Some((name, value?))));
        command.stdin(Stdio::piped()).stdout(file.try_clone()?).stderr(file).process_group(0);
        let mut child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { name: name.to_owned(), lifeline: child.stdin.take(), child, log, from })
    }

    /// The process that was started, which may be no more than the guard of another one.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process of this program, which ours guards.
    ///
    /// # Errors
    /// It is gone.
    pub(super) fn id_below(&self, program: &Path) -> anyhow::Result<u32> {
        descendant(self.id(), program)
    }

    /// Waits for a line in which `look` finds something.
    ///
    /// # Errors
    /// There is none in time, or the program ends; the message has its last words.
    pub(super) fn line<T>(&mut self, within: Duration, look: impl Fn(&str) -> Option<T>) -> anyhow::Result<T> {
        let what = format!("{} did not start", self.name);
        let found = wait::until(&what, within, || {
            if let Some(found) = self.said()?.lines().find_map(&look) {
                return Ok(Some(found));
            }
            if self.has_ended() {
                bail!("{} has ended", self.name);
            }
            Ok(None)
        });
        found.with_context(|| self.last_words())
    }

    /// Everything that it has said since it was started.
    pub(super) fn said(&self) -> anyhow::Result<String> {
        let log = fs::read(&self.log).with_context(|| self.log.display().to_string())?;
        let from = usize::try_from(self.from)?;
        Ok(String::from_utf8_lossy(log.get(from..).unwrap_or_default()).into_owned())
    }

    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it is gone.
    ///
    /// # Errors
    /// It is not, within that time.
    pub(super) fn end(&mut self, within: Duration) -> anyhow::Result<()> {
        let what = format!("{} has not ended", self.name);
        wait::until(&what, within, || Ok(self.has_ended().then_some(())))
    }

    /// The code that it has ended with; of a program that runs, or that a signal has ended, there is none.
    pub(super) fn code(&mut self) -> Option<i32> {
        self.child.try_wait().ok().flatten().and_then(|status| status.code())
    }

    fn last_words(&self) -> String {
        let said = self.said().unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
        format!("the last words of {}:\n{}", self.name, last.join("\n"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        if self.end(FAREWELL).is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The beginning of a command line: a guard that ends the program when we do.
///
/// # Errors
/// We do not know where we are.
pub(super) fn guarded(program: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("this program does not know where it is")?);
    command.arg("guard").arg(program);
    Ok(command)
}

/// Whether we are root.
pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Sends a signal to a process that we have started.
///
/// # Errors
/// It is gone.
pub(super) fn signal(process: u32, signal: Signal) -> anyhow::Result<()> {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw).context("no process id")?;
    kill_process(process, signal).context("the process is gone")
}

/// The process below `ancestor` that runs this program; between the two there may be guards.
///
/// # Errors
/// There is none.
pub(super) fn descendant(ancestor: u32, program: &Path) -> anyhow::Result<u32> {
    let program = program.canonicalize()?;
    let mut process = ancestor;
    loop {
        let list = format!("/proc/{process}/task/{process}/children");
        let children = fs::read_to_string(&list).with_context(|| format!("{list} cannot be read"))?;
        let child = children.split_whitespace().next().with_context(|| format!("nobody below {process}"))?;
        process = child.parse().context("a process id is no number")?;
        if fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|exe| exe == program) {
            return Ok(process);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_lines_are_found_in_its_log_and_its_end_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let mut program = Program::start("it", shell("echo address=1; cat"), folder.path()).unwrap();
        let address = |line: &str| line.strip_prefix("address=").map(str::to_owned);
        assert_eq!(program.line(Duration::from_secs(60), address).unwrap(), "1");
        drop(program);
        let mut second = Program::start("it", shell("echo why"), folder.path()).unwrap();
        let story = format!("{:#}", second.line(Duration::from_secs(60), address).unwrap_err());
        assert_eq!(story, "the last words of it:\nwhy: it has ended");
    }

    #[test]
    fn a_process_behind_another_one_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "cat; exit 0"]);
        let program = Program::start("it", command, folder.path()).unwrap();
        let cat = crate::apt_get::on_path("cat").unwrap();
        let found = wait::until("cat", Duration::from_secs(60), || Ok(descendant(program.id(), &cat).ok())).unwrap();
        assert!(found != program.id());
    }
}
