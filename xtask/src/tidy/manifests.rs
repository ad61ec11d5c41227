//! What every `Cargo.toml` says.

use super::Finding;
use super::tree::Tree;

/// The package is called as its folder, so that any crate is found without a map.
pub(super) fn names_of_folders(tree: &Tree) -> Vec<Finding> {
    let misnamed =
        tree.packages.iter().filter(|package| package.manifest.rsplit('/').nth(1) != Some(package.name.as_str()));
    misnamed
        .map(|package| {
            let what = format!("the package `{}` is not called as its folder", package.name);
            tree.in_manifest(package, "name", what, "a crate is found by its name")
        })
        .collect()
}

/// No package can be published by mistake.
pub(super) fn never_published(tree: &Tree) -> Vec<Finding> {
    let loose = tree.packages.iter().filter(|package| package.may_be_published);
    loose
        .map(|package| {
            let what = "`publish = false` is missing".to_owned();
            tree.in_manifest(package, "publish", what, "these crates are for this repository")
        })
        .collect()
}

/// The lints of the workspace hold everywhere.
pub(super) fn lints_of_the_workspace(tree: &Tree) -> Vec<Finding> {
    let without = tree.packages.iter().filter(|package| {
        let text = tree.file(&package.manifest).map_or("", |file| file.text.as_str());
        !text.contains("[lints]\nworkspace = true") && !text.lines().any(|line| line == "lints.workspace = true")
    });
    without
        .map(|package| {
            let what = "`[lints] workspace = true` is missing".to_owned();
            tree.in_manifest(package, "[lints]", what, "one set of lints holds everywhere")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{files, package};
    use super::*;

    fn one_package(manifest: &str) -> Tree {
        let mut tree = files(&[("crates/domain/Cargo.toml", manifest)]);
        tree.packages.push(package("domain", &[], &[]));
        tree
    }

    #[test]
    fn a_package_with_another_name_than_its_folder_is_caught() {
        let mut tree = one_package("");
        assert!(names_of_folders(&tree).is_empty());
        tree.packages[0].name = "core".to_owned();
        assert_eq!(names_of_folders(&tree).len(), 1);
    }

    #[test]
    fn a_package_that_could_be_published_is_caught() {
        let mut tree = one_package("");
        assert!(never_published(&tree).is_empty());
        tree.packages[0].may_be_published = true;
        assert_eq!(never_published(&tree).len(), 1);
    }

    #[test]
    fn a_package_with_lints_of_its_own_is_caught() {
        assert!(lints_of_the_workspace(&one_package("a = 1\n\n[lints]\nworkspace = true\n")).is_empty());
        assert!(lints_of_the_workspace(&one_package("lints.workspace = true\n")).is_empty());
        assert_eq!(lints_of_the_workspace(&one_package("[lints.rust]\nunsafe_code = \"allow\"\n")).len(), 1);
    }
}
