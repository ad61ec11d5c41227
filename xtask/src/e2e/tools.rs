//! Node, npm and Chromium.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::apt_get;
use crate::frontend::{NODE, NPM, Node, program};
use crate::screen::Screen;

/// Names of the program: Debian's, and upstream's behind it.
const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome"];
/// Programs with Debian's package for each.
const WANTED: [(&[&str], &str); 3] = [(NODE, "nodejs"), (NPM, "npm"), (CHROMIUM, "chromium")];

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
        let missing = WANTED.iter().filter(|(names, _)| program(names).is_none()).map(|(_, package)| *package);
        let missing: Vec<&str> = missing.collect();
        if !missing.is_empty() {
            let line = format!("apt-get install -y {}", missing.join(" "));
            if !apt_get::may_install() {
                bail!("{}", advice(&missing, &line));
            }
            screen.line(format_args!("{} not found; installing: {line}", missing.join(", ")));
            if !apt_get::install(&missing)? {
                bail!("{}", advice(&missing, &line));
            }
        }
        let tools = Node::find().zip(program(CHROMIUM)).map(|(node, chromium)| Self { node, chromium });
        tools.context("what was installed is not on the PATH")
    }
}

fn advice(missing: &[&str], line: &str) -> String {
    let what = missing.join(", ");
    if apt_get::exists() {
        format!("missing: {what}. Type `sudo {line}`")
    } else {
        format!("missing: {what}. Put Node 20 or later with npm, and Chromium, on the PATH")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_a_line_to_type() {
        let advice = advice(&["npm", "chromium"], "apt-get install -y npm chromium");
        let line = if apt_get::exists() { "`sudo apt-get install -y npm chromium`" } else { "on the PATH" };
        assert!(advice.starts_with("missing: npm, chromium. ") && advice.ends_with(line), "{advice}");
    }
}
