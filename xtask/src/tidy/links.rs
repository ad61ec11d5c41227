//! Links between documents.

use super::Finding;
use super::tree::{SourceFile, Tree};

/// Every relative link in a Markdown file leads to a file or folder of the repository.
pub(super) fn links_lead_somewhere(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        for (at, target) in links(file) {
            let (path, _) = target.split_once('#').unwrap_or((target, ""));
            let is_elsewhere = path.is_empty() || path.contains("://") || path.starts_with("mailto:");
            if !is_elsewhere && !exists(tree, &resolved(&file.path, path)) {
                findings.push(file.finding(at, format!("the link to `{target}`"), "nothing is there"));
            }
        }
    }
    findings
}

/// The targets of `[text](target)` and `[name]: target`, outside of code blocks.
fn links(file: &SourceFile) -> Vec<(usize, &str)> {
    let mut in_code = false;
    let mut found = Vec::new();
    for (at, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        found.extend(inline.map(|target| (at, target)));
        if line.starts_with('[')
            && let Some((_, target)) = line.split_once("]: ")
        {
            found.push((at, target.trim()));
        }
    }
    found
}

/// The path from the root to which a link in the document leads.
fn resolved(document: &str, target: &str) -> String {
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { document.split('/').collect() };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn exists(tree: &Tree, path: &str) -> bool {
    let folder = format!("{path}/");
    path.is_empty() || tree.files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files};
    use super::*;

    #[test]
    fn a_link_to_nothing_is_caught() {
        let tree = files(&[
            ("README.md", "[a](docs/a.md) and [b](docs/b.md#part)\n[c]: docs/c.md\n"),
            ("docs/a.md", "[up](../README.md), [gone](gone.md), [here](.)"),
        ]);
        assert_eq!(
            briefly(&links_lead_somewhere(&tree)),
            [
                "README.md:1: the link to `docs/b.md#part`",
                "README.md:2: the link to `docs/c.md`",
                "docs/a.md:1: the link to `gone.md`"
            ]
        );
    }

    #[test]
    fn the_web_anchors_folders_and_code_are_left_alone() {
        let text = "[w](https://example.com/x) [m](mailto:a@b.c) [a](#part) [f](docs/)\n```\n[x](y)\n```\n";
        assert_eq!(briefly(&links_lead_somewhere(&files(&[("a.md", text), ("docs/b.md", "")]))), [""; 0]);
    }
}
