//! Where and with what it was measured.

use std::fs;
use std::process::Command;

use anyhow::Context;

use super::ground::Ground;
use crate::workspace;

/// The facts that figures depend on.
#[derive(Debug)]
pub(in crate::bench) struct Machine {
    processor: String,
    cores: usize,
    memory_gib: f64,
    kernel: String,
    system: String,
    rustc: String,
    postgres: String,
    commit: String,
    date: String,
    load: String,
}

impl Machine {
    /// Asks the system.
    ///
    /// # Errors
    /// Something does not answer.
    pub(in crate::bench) fn look(ground: &Ground) -> anyhow::Result<Self> {
        let read = |path: &str| fs::read_to_string(path).with_context(|| path.to_owned());
        let (cpu, memory, release) = (read("/proc/cpuinfo")?, read("/proc/meminfo")?, read("/etc/os-release")?);
        let kibibytes: f64 = valued(&memory, "MemTotal:").trim_end_matches("kB").trim().parse().unwrap_or(0.0);
        Ok(Self {
            processor: valued(&cpu, "model name").trim_start_matches([' ', '\t', ':']).to_owned(),
            cores: std::thread::available_parallelism()?.get(),
            memory_gib: kibibytes / f64::from(1 << 20),
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            system: valued(&release, "PRETTY_NAME=").trim_matches('"').to_owned(),
            rustc: said("rustc", &["--version"])?,
            postgres: ground.postgres_version()?,
            commit: said("git", &["describe", "--always", "--dirty"])?,
            date: said("date", &["-u", "+%-d %B %Y, %H:%M UTC"])?,
            load: read("/proc/loadavg")?.split(' ').take(3).collect::<Vec<_>>().join(" "),
        })
    }

    /// A paragraph; `note` is its last words.
    pub(in crate::bench) fn described(&self, note: Option<&str>) -> String {
        let note = note.map(|note| format!(" {note}")).unwrap_or_default();
        format!(
            "{}, {} cores, {:.0} GiB, {}, Linux {}; {}; PostgreSQL {}; revision {}; {}. Load average before it began: {}.{note}\n",
            self.processor,
            self.cores,
            self.memory_gib,
            self.system,
            self.kernel,
            self.rustc,
            self.postgres,
            self.commit,
            self.date,
            self.load,
        )
    }
}

/// What follows the name in the first line that begins with it.
fn valued<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim()
}

fn said(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(arguments).current_dir(workspace::root()).output();
    let output = output.with_context(|| format!("{program} cannot be started"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_behind_its_name() {
        let text = "cpu\t: x\nmodel name\t: Some Processor\n";
        assert_eq!(valued(text, "model name"), ": Some Processor");
        assert_eq!(valued(text, "MemTotal:"), "");
    }
}
