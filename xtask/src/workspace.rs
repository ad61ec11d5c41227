//! Where the workspace is, how cargo is called from a program that cargo started, and what it has made.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

/// What authsync is measured beside: a workspace of its own.
pub(crate) const PEERS: &str = "benches/peers/Cargo.toml";
/// Where that is built, apart from the builds of the repository's own crates.
pub(crate) const PEERS_BUILD: &str = "target/peers";

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// The same cargo that runs this program, in the workspace, with standard input closed.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).stdin(std::process::Stdio::null());
    // `cargo run` describes this package in the environment; build scripts of others must not see that.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// The program of that name among what cargo says it has made: a line of JSON each, by `--message-format=json`.
///
/// # Errors
/// There is none.
pub(crate) fn executable(artifacts: &str, name: &str) -> anyhow::Result<PathBuf> {
    let found = artifacts.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        let is_it = message.pointer("/target/name").and_then(Value::as_str) == Some(name);
        message.get("executable").and_then(Value::as_str).filter(|_| is_it).map(PathBuf::from)
    });
    found.with_context(|| format!("cargo built no program called {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"authsync"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"authsync"},"executable":"/t/authsync"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages, "authsync").unwrap(), PathBuf::from("/t/authsync"));
        assert!(executable(messages, "fake-auth0").is_err());
    }

    #[test]
    fn a_program_is_found_among_libraries_of_its_name() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"load"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"load"},"executable":"/t/load"}"#,
        );
        assert_eq!(executable(messages, "load").unwrap(), PathBuf::from("/t/load"));
        assert!(executable(messages, "tenant").is_err());
    }
}
