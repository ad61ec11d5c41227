//! Which crate may depend on which: `docs/architecture.md` draws the arrows, this file holds them.

use super::Finding;
use super::tree::Tree;

/// A crate of this workspace and the others that it may name.
struct Row {
    name: &'static str,
    may_use: &'static [&'static str],
    /// In `[dev-dependencies]`, beyond the above and itself.
    may_use_in_tests: &'static [&'static str],
}

const ROWS: &[Row] = &[
    Row { name: "domain", may_use: &[], may_use_in_tests: &[] },
    Row { name: "auth0-http", may_use: &[], may_use_in_tests: &["fake-auth0"] },
    Row { name: "auth0-management", may_use: &["auth0-http", "domain"], may_use_in_tests: &["fake-auth0"] },
    Row { name: "second-sight", may_use: &[], may_use_in_tests: &[] },
    Row { name: "auth0-verify", may_use: &["auth0-http", "domain", "second-sight"], may_use_in_tests: &["fake-auth0"] },
    Row { name: "auth0-verify-tokio", may_use: &["auth0-verify", "domain"], may_use_in_tests: &[] },
    Row {
        name: "auth0-verify-actix",
        may_use: &["auth0-verify", "auth0-verify-tokio", "domain"],
        may_use_in_tests: &["fake-auth0"],
    },
    // The fake tenant links actix-web, which has no place in this tree even for tests.
    Row {
        name: "auth0-verify-tower",
        may_use: &["auth0-verify", "auth0-verify-tokio", "domain"],
        may_use_in_tests: &[],
    },
    Row { name: "persistence", may_use: &["domain"], may_use_in_tests: &["scratch-database"] },
    Row {
        name: "server",
        may_use: &[
            "auth0-management",
            "auth0-verify",
            "auth0-verify-actix",
            "auth0-verify-tokio",
            "domain",
            "persistence",
            "second-sight",
        ],
        may_use_in_tests: &["fake-auth0", "scratch-database"],
    },
    Row { name: "fake-auth0", may_use: &[], may_use_in_tests: &[] },
    Row { name: "load", may_use: &[], may_use_in_tests: &[] },
    Row { name: "tenant", may_use: &["fake-auth0"], may_use_in_tests: &[] },
    Row { name: "scratch-database", may_use: &[], may_use_in_tests: &[] },
    Row {
        name: "actix-notes",
        may_use: &["auth0-verify", "auth0-verify-actix", "domain", "persistence"],
        may_use_in_tests: &["fake-auth0"],
    },
    Row {
        name: "axum-notes",
        may_use: &["auth0-verify", "auth0-verify-tower", "domain", "persistence"],
        may_use_in_tests: &["fake-auth0"],
    },
    Row { name: "xtask", may_use: &["persistence", "scratch-database"], may_use_in_tests: &[] },
];

const WHY: &str = "data flows one way: server → auth0-verify, auth0-management, persistence → domain";

/// Between crates of the workspace there are the arrows above and no others.
pub(super) fn only_allowed_arrows(tree: &Tree) -> Vec<Finding> {
    let members: Vec<&str> = tree.packages.iter().map(|package| package.name.as_str()).collect();
    let mut findings = Vec::new();
    for package in &tree.packages {
        let Some(row) = ROWS.iter().find(|row| row.name == package.name) else {
            let what = format!("`{}` has no row in xtask/src/tidy/arrows.rs", package.name);
            findings.push(tree.in_manifest(package, "name", what, WHY));
            continue;
        };
        let is_ours = |name: &&String| members.contains(&name.as_str());
        for name in package.named.iter().filter(is_ours) {
            if !row.may_use.contains(&name.as_str()) {
                let what = format!("`{}` must not depend on `{name}`", package.name);
                findings.push(tree.in_manifest(package, name, what, WHY));
            }
        }
        for name in package.named_for_tests.iter().filter(is_ours) {
            let allowed = row.may_use.iter().chain(row.may_use_in_tests).any(|one| one == name);
            if !allowed && *name != package.name {
                let what = format!("the tests of `{}` must not depend on `{name}`", package.name);
                findings.push(tree.in_manifest(package, name, what, WHY));
            }
        }
    }
    findings
}

/// Cargo can follow the arrows: there is no circle among them.
pub(super) fn arrows_can_be_followed(tree: &Tree) -> Vec<Finding> {
    let complaint = tree.complaint.iter();
    complaint
        .map(|complaint| {
            let what = complaint.lines().next().unwrap_or_default().trim_end_matches(':').to_owned();
            Finding { path: "Cargo.toml".to_owned(), line: 1, what, why: "cargo says so" }
        })
        .collect()
}

/// The tenant that signs any token you like is linked into nothing that ships, at any distance.
pub(super) fn the_fake_tenant_stays_out_of_the_server(tree: &Tree) -> Vec<Finding> {
    let server = tree.packages.iter().filter(|package| package.name == "server");
    server
        .filter(|package| package.linked.contains("fake-auth0"))
        .map(|package| {
            let what = "`fake-auth0` is linked into the server".to_owned();
            tree.in_manifest(package, "fake-auth0", what, "it signs tokens for anybody")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files, package};
    use super::*;

    fn workspace() -> Tree {
        let mut tree = files(&[(
            "crates/domain/Cargo.toml",
            "[package]\nname = \"domain\"\n\n[dependencies]\npersistence.workspace = true\n",
        )]);
        tree.packages = vec![
            package("domain", &["thiserror"], &["domain"]),
            package("auth0-verify", &["domain", "ureq"], &["fake-auth0"]),
            package("persistence", &["domain", "diesel"], &["domain", "scratch-database"]),
            package("server", &["auth0-verify", "domain", "persistence"], &["domain", "fake-auth0"]),
            package("fake-auth0", &["actix-web"], &["ureq"]),
        ];
        tree
    }

    #[test]
    fn the_arrows_of_the_drawing_are_allowed() {
        assert_eq!(briefly(&only_allowed_arrows(&workspace())), [""; 0]);
    }

    #[test]
    fn a_reversed_arrow_is_caught_where_it_is_written() {
        let mut tree = workspace();
        tree.packages[0].named.insert("persistence".to_owned());
        assert_eq!(
            briefly(&only_allowed_arrows(&tree)),
            ["crates/domain/Cargo.toml:5: `domain` must not depend on `persistence`"]
        );
    }

    #[test]
    fn an_arrow_between_neighbours_is_caught() {
        let mut tree = workspace();
        tree.packages[1].named.insert("persistence".to_owned());
        tree.packages[1].named_for_tests.insert("server".to_owned());
        assert_eq!(only_allowed_arrows(&tree).len(), 2);
    }

    #[test]
    fn what_tests_may_use_the_product_may_not() {
        let mut tree = workspace();
        tree.packages[1].named.insert("fake-auth0".to_owned());
        assert_eq!(only_allowed_arrows(&tree).len(), 1);
    }

    #[test]
    fn a_crate_that_is_in_no_drawing_is_caught() {
        let mut tree = workspace();
        tree.packages.push(package("newcomer", &[], &[]));
        assert_eq!(only_allowed_arrows(&tree).len(), 1);
    }

    #[test]
    fn what_cargo_has_against_the_arrows_is_passed_on() {
        let mut tree = workspace();
        assert!(arrows_can_be_followed(&tree).is_empty());
        tree.complaint = Some("cyclic package dependency:\n  package `domain`".to_owned());
        assert_eq!(briefly(&arrows_can_be_followed(&tree)), ["Cargo.toml:1: cyclic package dependency"]);
    }

    #[test]
    fn the_fake_tenant_is_caught_at_any_distance() {
        let mut tree = workspace();
        assert!(the_fake_tenant_stays_out_of_the_server(&tree).is_empty());
        tree.packages[3].linked.insert("fake-auth0".to_owned());
        assert_eq!(the_fake_tenant_stays_out_of_the_server(&tree).len(), 1);
    }
}
