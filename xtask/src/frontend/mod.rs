//! The pages of `examples/`: installed, built and served by Node.

mod packages;
mod page;

use std::path::PathBuf;

pub(crate) use packages::Packages;
pub(crate) use page::{Page, Surroundings};

use crate::apt_get::on_path;
use crate::programs::Needed;

/// Names of Node's program: upstream's, and an old one of Debian's.
const NODE: &[&str] = &["node", "nodejs"];
/// The name of npm's.
const NPM: &[&str] = &["npm"];

/// Node and npm.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) node: PathBuf,
    pub(crate) npm: PathBuf,
}

impl Node {
    /// What has to be installed for both.
    pub(crate) const NEEDED: [Needed; 2] = [
        Needed { is_there: || program(NODE).is_some(), package: "nodejs" },
        Needed { is_there: || program(NPM).is_some(), package: "npm" },
    ];

    /// Both, if they are on the PATH.
    pub(crate) fn find() -> Option<Self> {
        Some(Self { node: program(NODE)?, npm: program(NPM)? })
    }
}

/// The first of these that is on the PATH.
pub(crate) fn program(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| on_path(name))
}
