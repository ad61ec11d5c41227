//! What the rules look at: the files of the repository, and what cargo says about its packages.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use anyhow::Context;

use super::Finding;
use super::packages::{Package, packages};
use crate::workspace;

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) files: Vec<SourceFile>,
    pub(super) packages: Vec<Package>,
    /// What cargo has against the dependencies.
    pub(super) complaint: Option<String>,
}

/// A file that is, or may become, part of the repository.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// From the root, with `/` between folders.
    pub(super) path: String,
    /// Empty where the file is no text.
    pub(super) text: String,
}

impl Tree {
    /// Reads the repository.
    ///
    /// # Errors
    /// A file or cargo's answer cannot be read.
    pub(super) fn read() -> anyhow::Result<Self> {
        let root = workspace::root();
        let mut files = Vec::new();
        for path in listed_by_git(root).map_or_else(|| walked(root), Ok)? {
            match fs::read(root.join(&path)) {
                Ok(bytes) => files.push(SourceFile { path, text: String::from_utf8(bytes).unwrap_or_default() }),
                // Deleted, and git does not know yet.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).context(path),
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let (packages, complaint) = packages(root)?;
        Ok(Self { files, packages, complaint })
    }

    /// The Rust sources.
    pub(super) fn rust(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The file at a path.
    pub(super) fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// A finding in a package's manifest, at the line that begins with `word`.
    pub(super) fn in_manifest(&self, package: &Package, word: &str, what: String, why: &'static str) -> Finding {
        let at = self.file(&package.manifest).and_then(|file| file.lines().find(|(_, line)| line.starts_with(word)));
        Finding { path: package.manifest.clone(), line: at.map_or(1, |(line, _)| line), what, why }
    }
}

impl SourceFile {
    /// The lines, counted from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(before, line)| (before + 1, line))
    }

    /// The name without folders.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether this file holds nothing but tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.name() == "tests.rs"
    }

    /// The lines that end up in the product: neither comments nor the tests at the end of the file.
    pub(super) fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = self.text.find("#[cfg(test)]\nmod ").unwrap_or(self.text.len());
        let end = self.text.get(..tests).unwrap_or_default().lines().count();
        self.lines().take(end).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// A finding in this file.
    pub(super) fn finding(&self, line: usize, what: impl Into<String>, why: &'static str) -> Finding {
        Finding { path: self.path.clone(), line, what: what.into(), why }
    }
}

/// What git tracks or would track; `None` where there is no git.
fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let answer = git.output().ok().filter(|answer| answer.status.success())?;
    let list = String::from_utf8(answer.stdout).ok()?;
    let mut paths: Vec<String> = list.split_terminator('\0').map(str::to_owned).collect();
    paths.dedup();
    Some(paths)
}

/// Every file but those of builds and runs, for a copy without git.
fn walked(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let name = entry.file_name();
            if entry.file_type()?.is_dir() {
                if ![".dev", ".git", "dist", "node_modules", "target"].iter().any(|skipped| name == *skipped) {
                    folders.push(path);
                }
            } else {
                found.push(path.to_str().context("a file name is not UTF-8")?.replace('\\', "/"));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
pub(super) mod examples {
    //! Small repositories for the tests of the rules.

    use std::collections::BTreeSet;

    use super::*;

    /// A repository of these files, without packages.
    pub(in super::super) fn files(files: &[(&str, &str)]) -> Tree {
        let file = |&(path, text): &(&str, &str)| SourceFile { path: path.to_owned(), text: text.to_owned() };
        Tree { files: files.iter().map(file).collect(), ..Tree::default() }
    }

    /// A package below `crates/` with these dependencies.
    pub(in super::super) fn package(name: &str, named: &[&str], named_for_tests: &[&str]) -> Package {
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<String>>();
        Package {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            named: set(named),
            named_for_tests: set(named_for_tests),
            linked: set(named),
            ..Package::default()
        }
    }

    /// Where the findings are and what they say, without the reason.
    pub(in super::super) fn briefly(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(|finding| format!("{}:{}: {}", finding.path, finding.line, finding.what)).collect()
    }

    #[test]
    fn this_repository_can_be_read() {
        let tree = Tree::read().unwrap();
        assert!(tree.file("xtask/src/tidy/tree.rs").is_some());
        let server = tree.packages.iter().find(|package| package.name == "server").unwrap();
        assert!(server.linked.contains("thiserror-impl"), "dependencies of dependencies are followed");
        assert!(!server.linked.contains("fake-auth0") && server.named_for_tests.contains("fake-auth0"));
    }

    #[test]
    fn a_copy_without_git_is_walked() {
        let walked = walked(workspace::root()).unwrap();
        assert!(walked.iter().any(|path| path == "xtask/src/tidy/tree.rs"));
        assert!(!walked.iter().any(|path| path.starts_with("target/")));
    }

    #[test]
    fn comments_and_closing_tests_are_no_product() {
        let tree =
            files(&[("a.rs", "one\n  // two\n#[cfg(test)]\nuse three;\nfour\n#[cfg(test)]\nmod tests {\nfive\n")]);
        let lines: Vec<usize> = tree.files[0].product_lines().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 3, 4, 5]);
    }
}
