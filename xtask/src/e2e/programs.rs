//! Node, npm and Chromium.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::apt_get::{self, on_path};
use crate::screen::Screen;

/// Each with Debian's package for it. Upstream's names for Chromium come behind Debian's.
const NODE: (&[&str], &str) = (&["node", "nodejs"], "nodejs");
const NPM: (&[&str], &str) = (&["npm"], "npm");
const CHROMIUM: (&[&str], &str) = (&["chromium", "chromium-browser", "google-chrome"], "chromium");

/// Where they are.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) node: PathBuf,
    pub(super) npm: PathBuf,
    pub(super) chromium: PathBuf,
}

impl Tools {
    /// Finds them, and installs what is missing where that is possible.
    ///
    /// # Errors
    /// Something is missing; the message holds the line that installs it.
    pub(super) fn ensure(screen: Screen) -> anyhow::Result<Self> {
        let wanted = [NODE, NPM, CHROMIUM];
        let missing: Vec<&str> =
            wanted.iter().filter(|(names, _)| find(names).is_none()).map(|(_, package)| *package).collect();
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
        let found = |(names, package): (&[&str], &str)| {
            find(names).with_context(|| format!("{package} was installed, but its program is not on the PATH"))
        };
        Ok(Self { node: found(NODE)?, npm: found(NPM)?, chromium: found(CHROMIUM)? })
    }
}

fn find(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| on_path(name))
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
