//! The program while it works at a step, to be killed at a point that its own words tell.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::program::Ended;

/// A run of the program. Killed when dropped, if it still runs.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// What it has said so far.
    said: String,
}

impl Running {
    pub(crate) fn start(directory: &Path, variables: &[(String, String)], arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_authsync"));
        command.env_clear().envs(variables.iter().map(|(name, value)| (name, value))).current_dir(directory);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        Self { child, stderr, said: String::new() }
    }

    /// Waits for a line with these words.
    #[track_caller]
    pub(crate) fn until(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.stderr.read_line(&mut line).expect("text");
            assert!(length > 0, "it ended and never said {words:?}: {}", self.said);
            self.said += &line;
            if line.contains(words) {
                return line;
            }
        }
    }

    /// SIGKILL. `false`: it was faster, and had ended by itself.
    pub(crate) fn kill(mut self) -> bool {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child").code().is_none()
    }

    /// Waits for its end, however long that takes.
    pub(crate) fn end(mut self) -> Ended {
        self.stderr.read_to_string(&mut self.said).expect("text");
        // Reports are short enough for a pipe.
        let mut stdout = String::new();
        self.child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("text");
        let code = self.child.wait().expect("a child").code();
        Ended { code, stdout, stderr: std::mem::take(&mut self.said) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}
