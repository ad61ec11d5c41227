//! What each crate must not know of the world outside.

use super::Finding;
use super::packages::Package;
use super::tree::Tree;

/// The outside crates that a crate keeps away from.
struct Row {
    name: &'static str,
    banned: Banned,
    why: &'static str,
}

/// A name ending in `*` stands for everything that begins so.
enum Banned {
    /// Anything else than these, under `[dependencies]`.
    AllBut(&'static [&'static str]),
    /// These, under `[dependencies]`.
    Named(&'static [&'static str]),
    /// These, at any distance.
    Linked(&'static [&'static str]),
}

const ROWS: [Row; 10] = [
    Row {
        name: "domain",
        banned: Banned::AllBut(&["thiserror"]),
        why: "the rules about users know no framework and do no I/O",
    },
    Row {
        name: "auth0-verify",
        banned: Banned::Linked(&["actix*", "diesel*", "tokio*"]),
        why: "verification is plain blocking code that any Rust service can use",
    },
    Row {
        name: "auth0-verify-tokio",
        banned: Banned::Linked(&["actix*", "axum*", "diesel*", "http-body*", "tower*"]),
        why: "what guards decide is decided without a framework",
    },
    Row {
        name: "auth0-verify-tower",
        banned: Banned::Linked(&["actix*", "diesel*"]),
        why: "services on axum or tonic link no other framework",
    },
    Row {
        name: "axum-notes",
        banned: Banned::Linked(&["actix*"]),
        why: "it shows that a service on axum links no other framework",
    },
    Row {
        name: "auth0-management",
        banned: Banned::Linked(&["actix*", "diesel*", "jsonwebtoken", "tokio*"]),
        why: "reading profiles is plain blocking code that judges no token",
    },
    Row {
        name: "auth0-http",
        banned: Banned::Linked(&["actix*", "diesel*", "jsonwebtoken", "tokio*"]),
        why: "the HTTP client knows requests to Auth0 and nothing else",
    },
    Row {
        name: "persistence",
        banned: Banned::Linked(&["actix*", "jsonwebtoken", "ureq"]),
        why: "the users table knows neither HTTP nor tokens",
    },
    Row {
        name: "server",
        banned: Banned::Named(&["diesel*", "jsonwebtoken", "r2d2"]),
        why: "the server sees databases and tokens through the domain's traits",
    },
    Row { name: "xtask", banned: Banned::Linked(&["actix*"]), why: "the development commands build fast" },
];

/// Nothing is named that is banned above.
pub(super) fn must_not_name(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in &ROWS {
        for package in tree.packages.iter().filter(|package| package.name == row.name) {
            // For crates of ours there are the arrows.
            let is_outside = |name: &&str| !tree.packages.iter().any(|package| package.name == **name);
            for name in offenders(package, &row.banned).into_iter().filter(is_outside) {
                let what = match row.banned {
                    Banned::Linked(_) => format!("`{}` must not link `{name}`", row.name),
                    _ => format!("`{}` must not depend on `{name}`", row.name),
                };
                findings.push(tree.in_manifest(package, name, what, row.why));
            }
        }
    }
    findings
}

fn offenders<'a>(package: &'a Package, banned: &Banned) -> Vec<&'a str> {
    let (names, patterns, wanted) = match banned {
        Banned::AllBut(patterns) => (&package.named, patterns, true),
        Banned::Named(patterns) => (&package.named, patterns, false),
        Banned::Linked(patterns) => (&package.linked, patterns, false),
    };
    let matches = |name: &str| patterns.iter().any(|pattern| matches(pattern, name));
    names.iter().map(String::as_str).filter(|name| matches(name) != wanted).collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files, package};
    use super::*;

    fn found(name: &str, named: &[&str]) -> Vec<String> {
        let mut tree = files(&[]);
        tree.packages.push(package(name, named, &["tokio"]));
        briefly(&must_not_name(&tree))
    }

    #[test]
    fn the_domain_may_name_thiserror_alone() {
        assert_eq!(found("domain", &["thiserror"]), [""; 0]);
        assert_eq!(
            found("domain", &["serde", "thiserror"]),
            ["crates/domain/Cargo.toml:1: `domain` must not depend on `serde`"]
        );
    }

    #[test]
    fn a_star_stands_for_a_family() {
        assert_eq!(found("auth0-verify", &["ureq", "tokio-util", "actix-web"]).len(), 2);
        assert_eq!(found("server", &["actix-web", "config"]), [""; 0]);
        assert_eq!(found("server", &["diesel_migrations"]).len(), 1);
    }

    #[test]
    fn what_a_dependency_brings_along_counts_where_linking_is_banned() {
        let mut tree = files(&[]);
        let mut persistence = package("persistence", &["diesel"], &[]);
        persistence.linked.insert("ureq".to_owned());
        tree.packages.push(persistence);
        assert_eq!(
            briefly(&must_not_name(&tree)),
            ["crates/persistence/Cargo.toml:1: `persistence` must not link `ureq`"]
        );
    }
}
