//! Names that say nothing.

use super::Finding;
use super::tree::Tree;

const EMPTY_NAMES: [&str; 10] =
    ["common", "helper", "helpers", "manager", "misc", "shared", "types", "util", "utils", "utilities"];

/// No Rust file or folder of Rust files has a name under which anything could be put.
pub(super) fn telling_names(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let parts = file.path.trim_end_matches(".rs").split('/');
        for name in parts.filter(|part| EMPTY_NAMES.contains(part)) {
            findings.push(file.finding(1, format!("the name `{name}`"), "a file is named for what it holds"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files};
    use super::*;

    #[test]
    fn names_under_which_anything_fits_are_caught() {
        let tree =
            files(&[("crates/a/src/utils.rs", ""), ("crates/a/tests/common/mod.rs", ""), ("a/src/email.rs", "")]);
        assert_eq!(
            briefly(&telling_names(&tree)),
            ["crates/a/src/utils.rs:1: the name `utils`", "crates/a/tests/common/mod.rs:1: the name `common`"]
        );
    }
}
