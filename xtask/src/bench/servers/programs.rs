//! Everything that takes part, built as it is released.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};

use super::contender::Program;
use crate::arguments::{Arguments, UsageError};
use crate::screen::Screen;
use crate::workspace::{self, PEERS, PEERS_BUILD, executable};

/// Where the programs are.
#[derive(Debug)]
pub(in crate::bench) struct Programs {
    pub(in crate::bench) authsync: PathBuf,
    pub(in crate::bench) load: PathBuf,
    pub(in crate::bench) tenant: PathBuf,
    peers: Vec<(String, PathBuf)>,
}

impl Programs {
    /// Builds them, or takes those of last time with `--as-built`; the server of `--authsync` in place of our own.
    ///
    /// # Errors
    /// Something does not build, or is not there.
    pub(in crate::bench) fn asked_for(arguments: &Arguments, peers: &[&str], screen: Screen) -> anyhow::Result<Self> {
        let found = if arguments.has("--as-built") { Self::as_built(peers)? } else { Self::build(peers, screen)? };
        match arguments.value("--authsync").map(PathBuf::from) {
            None => Ok(found),
            Some(authsync) if authsync.is_file() => Ok(Self { authsync: authsync.canonicalize()?, ..found }),
            Some(authsync) => Err(UsageError::because(format!("`--authsync`: {} is not there", authsync.display()))),
        }
    }

    /// Builds them all; cargo says how far it is. `peers`: those that are wanted.
    ///
    /// # Errors
    /// Something does not build; what the compiler said has been shown.
    fn build(peers: &[&str], screen: Screen) -> anyhow::Result<Self> {
        screen.line(screen.bold("── building"));
        // Alone, so that no other crate's wishes change what it is made of.
        let authsync = built(&["--package", "server", "--bin", "authsync"])?;
        let tools = built(&["--package", "load", "--package", "tenant"])?;
        let mut found = Vec::new();
        if !peers.is_empty() {
            let target = workspace::root().join(PEERS_BUILD).display().to_string();
            let mut arguments = vec!["--manifest-path", PEERS, "--target-dir", &target, "--locked"];
            peers.iter().for_each(|peer| arguments.extend(["--package", peer]));
            let artifacts = built(&arguments)?;
            for &peer in peers {
                found.push((peer.to_owned(), executable(&artifacts, peer)?));
            }
        }
        Ok(Self {
            authsync: executable(&authsync, "authsync")?,
            load: executable(&tools, "load")?,
            tenant: executable(&tools, "tenant")?,
            peers: found,
        })
    }

    /// As they were built last.
    ///
    /// # Errors
    /// One was never built.
    fn as_built(peers: &[&str]) -> anyhow::Result<Self> {
        let found = |folder: &str, name: &str| {
            let path = workspace::root().join(folder).join("release").join(name);
            if path.is_file() { Ok(path) } else { bail!("{} was never built: leave out `--as-built`", path.display()) }
        };
        Ok(Self {
            authsync: found("target", "authsync")?,
            load: found("target", "load")?,
            tenant: found("target", "tenant")?,
            peers: peers
                .iter()
                .map(|&peer| Ok((peer.to_owned(), found(PEERS_BUILD, peer)?)))
                .collect::<Result<_, anyhow::Error>>()?,
        })
    }

    /// Where this one is.
    ///
    /// # Errors
    /// It was not built.
    pub(in crate::bench) fn of(&self, program: Program) -> anyhow::Result<&Path> {
        match program {
            Program::Authsync => Ok(&self.authsync),
            Program::Peer(name) => {
                let found = self.peers.iter().find(|(peer, _)| peer == name);
                found.map(|(_, path)| path.as_path()).with_context(|| format!("{name} was not built"))
            }
        }
    }
}

/// What cargo has made, a line of JSON each.
fn built(arguments: &[&str]) -> anyhow::Result<String> {
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--release", "--message-format=json-render-diagnostics"]).args(arguments);
    let output = cargo.stderr(Stdio::inherit()).output().context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("`cargo build --release {}` says no", arguments.join(" "));
    }
    Ok(String::from_utf8(output.stdout)?)
}
