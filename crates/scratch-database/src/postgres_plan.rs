//! What a server of one's own is to be like.

use std::fs::{self, Permissions, set_permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use anyhow::Context;

use crate::account::Account;
use crate::supervisor::{NO_PORT, Supervisor};
use crate::{OwnPostgres, SmallDisk, programs};

/// Nothing here outlives the tests, so nothing is worth waiting for a disk.
const FAST: [(&str, &str); 8] = [
    ("max_connections", "300"),
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("autovacuum", "off"),
    ("log_min_error_statement", "panic"),
];
/// What PostgreSQL does unless told otherwise, and room for standbys.
const DURABLE: [(&str, &str); 4] =
    [("max_connections", "100"), ("wal_level", "replica"), ("max_wal_senders", "10"), ("hot_standby", "on")];

/// How often another port is tried where the first one was taken between the look at it and the server's start.
const OTHER_PORTS: u32 = 3;

/// A server to be. By default as fast as can be, without any durability, on a Unix socket alone.
#[derive(Clone, Debug, Default)]
pub struct PostgresPlan {
    durable: bool,
    port: bool,
    disk: Option<u32>,
    origin: String,
    settings: Vec<(String, String)>,
}

impl PostgresPlan {
    /// With PostgreSQL's own defaults: what is committed survives the end of the server, and of the machine.
    #[must_use]
    pub fn durable(self) -> Self {
        Self { durable: true, ..self }
    }

    /// On a free port of 127.0.0.1, besides its Unix socket. Whoever is on this machine may connect.
    #[must_use]
    pub fn on_a_port(self) -> Self {
        Self { port: true, ..self }
    }

    /// Its data, but not its write-ahead log, on a [`SmallDisk`] of so many megabytes. An empty cluster takes about thirty.
    #[must_use]
    pub fn on_a_disk_of(self, megabytes: u32) -> Self {
        Self { disk: Some(megabytes), ..self }
    }

    /// A standby that streams from `primary`, which must be durable and run.
    #[must_use]
    pub fn copy_of(self, primary: &OwnPostgres) -> Self {
        Self { origin: primary.url(), ..self }
    }

    /// A setting as in `postgresql.conf`; the last one of a name counts.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Makes the cluster and starts it; returns when it takes connections.
    ///
    /// # Errors
    /// PostgreSQL is not there or does not start; the message has what it said.
    pub fn start(self) -> anyhow::Result<OwnPostgres> {
        for _ in 0..OTHER_PORTS {
            match self.attempt() {
                // Free a moment ago, and somebody else's by now.
                Err(error) if self.port && format!("{error:#}").contains(NO_PORT) => {}
                outcome => return outcome,
            }
        }
        self.attempt()
    }

    fn attempt(&self) -> anyhow::Result<OwnPostgres> {
        let programs = programs::directory()?;
        // Not the system's temporary directory: that may be private to us, and its path too long for a socket.
        let directory = tempfile::Builder::new().prefix("authsync-pg-").tempdir_in("/tmp").context("/tmp")?;
        let account = Account::for_server(directory.path())?;
        set_permissions(directory.path(), Permissions::from_mode(0o755))?;
        account.own(directory.path())?;
        let port = self.port.then(free_port).transpose()?;
        let options = self.options(port);
        let data = directory.path().join("data");
        let shell = match self.disk {
            Some(megabytes) => {
                fs::create_dir(&data)?;
                let mut disk = SmallDisk::shell(&data, megabytes, account.ids())?;
                disk.arg("sh");
                disk
            }
            None => account.shell(),
        };
        let supervisor = Supervisor::spawn(shell, directory.path(), &programs, &self.origin, &options)?;
        // From here on the script deletes it.
        let directory = directory.keep();
        let disk = self.disk.map(|_| SmallDisk::seen_by(supervisor.id(), &data));
        OwnPostgres::take_over(directory, port, disk, supervisor)
    }

    fn options(&self, port: Option<u16>) -> Vec<String> {
        let address = if port.is_some() { "127.0.0.1" } else { "" };
        let mut settings = vec![("listen_addresses", address), ("log_min_messages", "log")];
        settings.extend(if self.durable { &DURABLE[..] } else { &FAST });
        settings.extend(self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let port = port.map(|port| format!("port={port}"));
        let settings = settings.into_iter().map(|(name, value)| format!("{name}={value}")).chain(port);
        settings.flat_map(|setting| ["-c".to_owned(), setting]).collect()
    }
}

/// A port that nobody listens on at this moment.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_of_ones_own_comes_last() {
        let options = PostgresPlan::default().durable().set("max_connections", "5").options(Some(4711));
        assert_eq!(options.last().map(String::as_str), Some("port=4711"));
        let connections: Vec<&String> = options.iter().filter(|option| option.starts_with("max_connections")).collect();
        assert_eq!(connections, ["max_connections=100", "max_connections=5"]);
    }
}
