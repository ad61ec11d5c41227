//! Where a drill takes place.

use std::fmt::Display;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::node::{Node, NodePlan};
use super::report::Report;
use super::tenant::Tenant;
use crate::dev::build::Programs;
use crate::screen::{Screen, duration};
use crate::workspace;

/// The programs, a folder, and the report.
pub(super) struct Ground<'a> {
    programs: &'a Programs,
    short: bool,
    screen: Screen,
    folder: PathBuf,
    begin: Instant,
    pub(super) report: Report,
}

impl<'a> Ground<'a> {
    /// An empty folder for this drill.
    ///
    /// # Errors
    /// It cannot be emptied or made.
    pub(super) fn new(name: &str, programs: &'a Programs, short: bool, screen: Screen) -> anyhow::Result<Self> {
        let folder = workspace::root().join("target/drill").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self { programs, short, screen, folder, begin: Instant::now(), report: Report::new(screen) })
    }

    /// For logs, and files that the drill needs.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn screen(&self) -> Screen {
        self.screen
    }

    /// Whether this is the short form.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    /// How long something lasts, in seconds: in the short form, and else.
    pub(super) fn span(&self, short: f64, long: f64) -> Duration {
        Duration::from_secs_f64(if self.short { short } else { long })
    }

    /// How many there are of something: in the short form, and else.
    pub(super) fn count(&self, short: usize, long: usize) -> usize {
        if self.short { short } else { long }
    }

    /// A bound on a time: four times as much in the short form, because machines that build do much else at the same time.
    pub(super) fn leeway(&self, bound: f64) -> f64 {
        if self.short { 4.0 * bound } else { bound }
    }

    /// A step of the drill.
    pub(super) fn step(&self, what: impl Display) {
        let line = format!("  {:>7}  {what}", duration(self.begin.elapsed()));
        self.screen.line(self.screen.dim(line));
    }

    /// The issuer, on a free port.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn tenant(&self) -> anyhow::Result<Tenant> {
        Tenant::start(&self.programs.fake_auth0, &self.folder)
    }

    /// The issuer behind a gate.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn tenant_known_as(&self, gate: SocketAddr) -> anyhow::Result<Tenant> {
        Tenant::start_behind(gate, &self.programs.fake_auth0, &self.folder)
    }

    /// A node of authsync; returns when it is ready. PostgreSQL is migrated if it is not yet.
    ///
    /// # Errors
    /// It does not start or does not become ready.
    pub(super) fn node(&self, plan: NodePlan) -> anyhow::Result<Node> {
        let mut node = Node::new(plan, &self.programs.authsync, &self.folder)?;
        node.migrate()?;
        node.start_again()?;
        node.wait_until_ready(Duration::from_secs(30))?;
        Ok(node)
    }

    /// The load generator of the benchmarks, beside the other programs; built if they were.
    ///
    /// # Errors
    /// It is not there, or does not build.
    pub(super) fn load_generator(&self) -> anyhow::Result<PathBuf> {
        let place = self.programs.authsync.with_file_name("load");
        if !place.exists() {
            self.step("the load generator is built");
            let is_release = self.programs.authsync.components().any(|folder| folder.as_os_str() == "release");
            let what = if is_release { ["--package", "load", "--release"] } else { ["--workspace", "--bin", "load"] };
            let built = workspace::cargo().arg("build").args(what).status()?;
            anyhow::ensure!(built.success() && place.exists(), "{} is not there", place.display());
        }
        Ok(place)
    }

    /// The URL of a SQLite file in the folder.
    pub(super) fn sqlite(&self) -> String {
        format!("sqlite://{}", self.folder.join("users.db").display())
    }
}
