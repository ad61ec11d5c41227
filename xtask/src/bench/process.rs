//! What Linux tells of a process, in `/proc`.

use std::fs;

use anyhow::{Context, bail};

use crate::screen::Screen;

/// For everything that is open besides the sockets.
const OTHER_FILES: usize = 500;

/// The process that this one started, where it is one alone.
///
/// # Errors
/// There is none, or more than one.
pub(super) fn child_of(process: u32) -> anyhow::Result<u32> {
    let list = format!("/proc/{process}/task/{process}/children");
    let children = fs::read_to_string(&list).with_context(|| format!("{list} cannot be read"))?;
    let mut children = children.split_whitespace();
    match (children.next(), children.next()) {
        (Some(child), None) => child.parse().context("a process id is no number"),
        (found, _) => {
            bail!("expected one process below {process}, found {}", if found.is_some() { "more" } else { "none" })
        }
    }
}

/// What a process has in memory at this moment, in bytes.
///
/// # Errors
/// It is gone.
pub(super) fn resident_bytes(process: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("the server is gone")?;
    kibibytes(&status).map(|kibibytes| kibibytes * 1024).context("no VmRSS in /proc")
}

fn kibibytes(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse().ok())
}

/// Makes sure that this process, and with it the server, may open so many sockets.
///
/// # Errors
/// It may not; the message holds the line that changes it.
pub(super) fn may_open(sockets: usize, screen: Screen) -> anyhow::Result<()> {
    let wanted = sockets + OTHER_FILES;
    let limits = fs::read_to_string("/proc/self/limits").context("/proc/self/limits cannot be read")?;
    match soft_limit(&limits) {
        Some(limit) if limit < wanted => bail!(
            "{sockets} sockets need {wanted} open files, of which {limit} are allowed. Type `ulimit -n {wanted}` first"
        ),
        Some(_) => {}
        None => screen.line("no limit on open files"),
    }
    Ok(())
}

fn soft_limit(limits: &str) -> Option<usize> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_memory_is_read() {
        assert_eq!(kibibytes("VmPeak:\t  9 kB\nVmRSS:\t   12345 kB\n"), Some(12_345));
        assert_eq!(kibibytes("VmPeak:\t  9 kB\n"), None);
        assert!(resident_bytes(std::process::id()).unwrap() > 0);
    }

    #[test]
    fn the_soft_limit_counts() {
        let limits =
            "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096        files\n";
        assert_eq!(soft_limit(limits), Some(1024));
        assert_eq!(soft_limit("Max open files  unlimited  unlimited  files"), None);
    }
}
