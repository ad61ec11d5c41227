//! The account that PostgreSQL runs under: it refuses to run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

/// Who runs the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Account {
    /// Whoever runs the tests.
    Ours,
    /// Another one, because we are root.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// The account for a server whose files are below `directory`, which we have just made.
    pub(crate) fn for_server(directory: &Path) -> anyhow::Result<Self> {
        // The owner of what we make is who we are; the standard library has no shorter way to ask.
        if fs::metadata(directory)?.uid() != 0 {
            return Ok(Self::Ours);
        }
        let accounts = fs::read_to_string("/etc/passwd").context("/etc/passwd")?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| accounts.lines().find_map(|line| ids_of(name, line)))
            .map(|(uid, gid)| Self::Other { uid, gid })
            .context("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
    }

    /// Gives the directory to the account.
    pub(crate) fn own(self, directory: &Path) -> anyhow::Result<()> {
        match self {
            Self::Ours => Ok(()),
            Self::Other { uid, gid } => Ok(chown(directory, Some(uid), Some(gid))?),
        }
    }

    /// A shell that runs under the account.
    pub(crate) fn shell(self) -> Command {
        let mut command = Command::new("sh");
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// User and group, where they are not ours.
    pub(crate) fn ids(self) -> Option<(u32, u32)> {
        match self {
            Self::Ours => None,
            Self::Other { uid, gid } => Some((uid, gid)),
        }
    }
}

/// User and group of a line of `/etc/passwd`, if it is the line of `name`.
fn ids_of(name: &str, line: &str) -> Option<(u32, u32)> {
    let mut fields = line.split(':');
    if fields.next() != Some(name) {
        return None;
    }
    Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_the_line_of_that_very_name() {
        let line = "postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash";
        assert_eq!(ids_of("postgres", line), Some((101, 104)));
        assert_eq!(ids_of("post", line), None);
    }
}
