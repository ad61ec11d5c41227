//! What processes have used, as Linux tells it in `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::Context;

/// `/proc` counts in hundredths of a second on every machine that Linux runs on (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// The memory of a process, in bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Memory {
    /// At this moment.
    pub(in crate::bench) resident: u64,
    /// The most so far.
    pub(in crate::bench) peak: u64,
}

impl Memory {
    /// In mebibytes.
    pub(in crate::bench) fn resident_mib(self) -> f64 {
        mebibytes(self.resident)
    }

    /// In mebibytes.
    pub(in crate::bench) fn peak_mib(self) -> f64 {
        mebibytes(self.peak)
    }
}

/// Processor time of a process and all of its threads, the ended ones among them.
///
/// # Errors
/// It is gone.
pub(in crate::bench) fn cpu_of(process: u32) -> anyhow::Result<Duration> {
    let [own, _] = times(&stat(process)?).context("/proc is not understood")?;
    Ok(own)
}

/// Processor time of a process and of everything that it has started, whether it still runs or has ended.
///
/// # Errors
/// It is gone.
pub(in crate::bench) fn cpu_of_family(process: u32) -> anyhow::Result<Duration> {
    let [own, of_ended] = times(&stat(process)?).context("/proc is not understood")?;
    let list = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    let children = list.split_whitespace().filter_map(|child| child.parse().ok());
    // One that ended a moment ago is missed here and counted among the ended the next time.
    let running: Duration = children.filter_map(|child| cpu_of_family(child).ok()).sum();
    Ok(own + of_ended + running)
}

/// The memory of a process.
///
/// # Errors
/// It is gone.
pub(in crate::bench) fn memory_of(process: u32) -> anyhow::Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("the server is gone")?;
    let bytes = |name| kibibytes(&status, name).map(|kibibytes| kibibytes * 1024).context("/proc is not understood");
    Ok(Memory { resident: bytes("VmRSS:")?, peak: bytes("VmHWM:")? })
}

fn stat(process: u32) -> anyhow::Result<String> {
    fs::read_to_string(format!("/proc/{process}/stat")).context("the process is gone")
}

/// Its own time, and that of the children that it has waited for (proc(5): fields 14 to 17).
fn times(stat: &str) -> Option<[Duration; 2]> {
    // The name stands in brackets and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(11).map(|field| field.parse::<u32>().ok());
    let mut pair = || Some(TICK * (ticks.next()?? + ticks.next()??));
    Some([pair()?, pair()?])
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix("kB")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_time_and_that_of_ended_children_are_told_apart() {
        let stat = "1 (a) b) S 2 3 4 5 6 7 8 9 10 11 100 20 3 4 20 0";
        assert_eq!(times(stat), Some([Duration::from_millis(1200), Duration::from_millis(70)]));
        assert_eq!(times("1 (a) S 2"), None);
    }

    #[test]
    fn this_process_can_be_read() {
        let memory = memory_of(std::process::id()).unwrap();
        assert!(memory.resident > 0 && memory.peak >= memory.resident);
        assert!(cpu_of_family(std::process::id()).unwrap() >= cpu_of(std::process::id()).unwrap());
    }
}
