//! Migrations: the same steps for both databases, each with a way back.

use std::collections::BTreeSet;

use super::Finding;
use super::tree::Tree;

const DATABASES: [&str; 2] = ["postgres", "sqlite"];

/// Both databases have the same migrations.
pub(super) fn pairs(tree: &Tree) -> Vec<Finding> {
    let [postgres, sqlite] = DATABASES.map(|database| (database, names(tree, database)));
    let mut findings = Vec::new();
    for ((has, these), (lacks, those)) in [(&postgres, &sqlite), (&sqlite, &postgres)] {
        for name in these.difference(those) {
            findings.push(Finding {
                path: format!("migrations/{has}/{name}"),
                line: 1,
                what: format!("there is no migrations/{lacks}/{name}"),
                why: "both databases take the same steps",
            });
        }
    }
    findings
}

/// Each migration has an `up.sql` and a `down.sql`.
pub(super) fn ups_and_downs(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for database in DATABASES {
        for name in names(tree, database) {
            for file in ["up.sql", "down.sql"] {
                let path = format!("migrations/{database}/{name}/{file}");
                if tree.file(&path).is_none_or(|file| file.text.trim().is_empty()) {
                    let what = "missing or empty".to_owned();
                    findings.push(Finding { path, line: 1, what, why: "every step can be undone" });
                }
            }
        }
    }
    findings
}

fn names<'a>(tree: &'a Tree, database: &str) -> BTreeSet<&'a str> {
    let below = format!("migrations/{database}/");
    tree.files.iter().filter_map(|file| file.path.strip_prefix(&below)?.split_once('/')).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files};
    use super::*;

    #[test]
    fn a_step_of_one_database_alone_is_caught() {
        let tree = files(&[
            ("migrations/README.md", ""),
            ("migrations/postgres/1_users/up.sql", "x"),
            ("migrations/sqlite/1_users/up.sql", "x"),
            ("migrations/sqlite/2_picture/up.sql", "x"),
        ]);
        assert_eq!(
            briefly(&pairs(&tree)),
            ["migrations/sqlite/2_picture:1: there is no migrations/postgres/2_picture"]
        );
    }

    #[test]
    fn a_step_without_a_way_back_is_caught() {
        let tree = files(&[
            ("migrations/postgres/1_users/up.sql", "x"),
            ("migrations/postgres/1_users/down.sql", "x"),
            ("migrations/sqlite/1_users/up.sql", "x"),
            ("migrations/sqlite/1_users/down.sql", "\n"),
        ]);
        assert_eq!(briefly(&ups_and_downs(&tree)), ["migrations/sqlite/1_users/down.sql:1: missing or empty"]);
    }
}
