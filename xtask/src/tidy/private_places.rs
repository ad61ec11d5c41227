//! Places that exist on one machine, or that a build should not be tied to.

use super::Finding;
use super::tree::Tree;

const FOLDERS: [&str; 3] = ["/home/", "/root/", "/work/"];
const REGISTRIES: [&str; 6] = ["artifactory", "crates.io", "npmjs.com", "npmjs.org", "pypi.org", "rubygems.org"];
/// The lock files are cargo's, and this file is where the names stand.
const EXEMPT: [&str; 4] = [
    "Cargo.lock",
    "benches/peers/Cargo.lock",
    "crates/auth0-verify/fuzz/Cargo.lock",
    "xtask/src/tidy/private_places.rs",
];

/// No file names a folder of somebody's machine or the host of a package registry.
pub(super) fn no_private_places(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !EXEMPT.contains(&file.path.as_str())) {
        for (at, line) in file.lines() {
            for folder in FOLDERS.iter().filter(|folder| names_folder(line, folder)) {
                findings.push(file.finding(at, format!("the path `{folder}…`"), "it exists on one machine"));
            }
            for host in REGISTRIES.iter().filter(|host| line.contains(*host)) {
                findings.push(file.finding(
                    at,
                    format!("the host `{host}`"),
                    "where packages come from is cargo's setting",
                ));
            }
        }
    }
    findings
}

/// Whether an absolute path begins so; in the middle of a longer path it means something else.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        before.is_none_or(|c| !c.is_alphanumeric() && !['.', '_', '-', '}', '>', '*', '~'].contains(&c))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files};
    use super::*;

    #[test]
    fn absolute_paths_of_one_machine_are_caught() {
        let tree = files(&[("a.md", "see\n`/home/me/x`"), ("b.rs", "\"/root/.cargo\""), ("c.toml", "path=/work/x")]);
        assert_eq!(
            briefly(&no_private_places(&tree)),
            ["a.md:2: the path `/home/…`", "b.rs:1: the path `/root/…`", "c.toml:1: the path `/work/…`"]
        );
    }

    #[test]
    fn the_same_words_inside_of_another_path_are_not() {
        let tree = files(&[("a.md", "https://example.com/home/x, docs/work/b, ${x}/root/c")]);
        assert_eq!(briefly(&no_private_places(&tree)), [""; 0]);
    }

    #[test]
    fn hosts_of_registries_are_caught_but_not_in_the_lock_file() {
        let tree = files(&[("Cargo.lock", "crates.io"), ("a.toml", "index.crates.io")]);
        assert_eq!(briefly(&no_private_places(&tree)), ["a.toml:1: the host `crates.io`"]);
    }
}
