//! Node, npm and Chromium.

use std::path::PathBuf;

use anyhow::Context;

use crate::frontend::{Node, program};
use crate::programs::{self, Needed};
use crate::screen::Screen;

/// Names of the program: Debian's, and upstream's behind it.
const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];
const BY_HAND: &str = "Put Node 20 or later with npm, and Chromium, on the PATH";

/// Where they are.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) node: Node,
    pub(super) chromium: PathBuf,
}

impl Tools {
    /// Finds them, and installs what is missing where that is possible.
    ///
    /// # Errors
    /// Something is missing; the message holds the line that installs it.
    pub(super) fn ensure(screen: Screen) -> anyhow::Result<Self> {
        let chromium = Needed { is_there: || program(CHROMIUM).is_some(), package: "chromium" };
        let [node, npm] = Node::NEEDED;
        programs::ensure(&[node, npm, chromium], BY_HAND, screen)?;
        let tools = Node::find().zip(program(CHROMIUM)).map(|(node, chromium)| Self { node, chromium });
        tools.context("what was installed is not on the PATH")
    }
}
