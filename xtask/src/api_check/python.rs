//! schemathesis, which is written in Python, in an environment of its own below `target/`.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{fs, io};

use anyhow::Context;

use super::output_of;
use crate::apt_get::on_path;
use crate::frontend::Packages;
use crate::programs::Needed;
use crate::screen::Screen;
use crate::workspace;

/// Exit code 0 where an environment can be made that schemathesis runs in.
const PROBE: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";

/// The environment.
#[derive(Debug)]
pub(super) struct Python {
    folder: PathBuf,
}

impl Python {
    /// What has to be installed for it.
    pub(super) const NEEDED: Needed = Needed { is_there: can_make_environments, package: "python3-venv" };

    /// Makes the environment and installs exactly what `requirements.txt` says, unless that was done before.
    ///
    /// # Errors
    /// Python or pip says no.
    pub(super) fn with_schemathesis(screen: Screen) -> anyhow::Result<Self> {
        let python = Self { folder: workspace::root().join("target/api/python") };
        // A copy of the list inside of the environment tells whether it holds what the list names.
        let (wanted, present) = (Packages::IN_API.path("requirements.txt"), python.folder.join("installed.txt"));
        let list = fs::read(&wanted).with_context(|| format!("{} cannot be read", wanted.display()))?;
        match fs::read(&present) {
            Ok(installed) if installed == list => return Ok(python),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        screen.line("installing schemathesis");
        let system = on_path("python3").context("python3 is not on the PATH")?;
        output_of(Command::new(system).args(["-m", "venv", "--clear"]).arg(&python.folder))
            .context("python3 makes no environment")?;
        let mut pip = python.program("python");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
        // By checksum, and nothing whose installation runs a program.
        pip.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(&wanted);
        output_of(&mut pip).context("pip says no")?;
        fs::write(present, list)?;
        Ok(python)
    }

    /// A program of the environment.
    pub(super) fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join("bin").join(name))
    }

    /// A file beside the environment.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.with_file_name(name)
    }
}

fn can_make_environments() -> bool {
    let Some(python) = on_path("python3") else { return false };
    let mut probe = Command::new(python);
    probe.args(["-c", PROBE]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
