//! Work that somebody meant to come back to.

use super::Finding;
use super::tree::Tree;

const MARKS: [&str; 3] = ["todo!", "FIXME", "#[ignore"];
/// This file is where the marks stand.
const EXEMPT: &str = "xtask/src/tidy/leftovers.rs";

/// No Rust file holds a placeholder or a test that does not run.
pub(super) fn nothing_left_behind(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path != EXEMPT) {
        for (at, line) in file.lines() {
            for mark in MARKS.iter().filter(|mark| line.contains(*mark)) {
                findings.push(file.finding(at, format!("`{mark}`"), "what is here works, and every test runs"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files};
    use super::*;

    #[test]
    fn placeholders_and_tests_that_do_not_run_are_caught() {
        let tree =
            files(&[("a.rs", "fn a() {\n    todo!()\n}\n// FIXME later\n#[ignore = \"slow\"]\n"), ("b.md", "FIXME")]);
        assert_eq!(briefly(&nothing_left_behind(&tree)), ["a.rs:2: `todo!`", "a.rs:4: `FIXME`", "a.rs:5: `#[ignore`"]);
    }
}
