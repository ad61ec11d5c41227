//! `docs/token-rules.md`, and what else names tests, and the code say the same.

use std::collections::HashSet;

use super::Finding;
use super::tree::{SourceFile, Tree};

const DOCUMENT: &str = "docs/token-rules.md";
/// Whoever signs these off goes by the tests that they name.
const WITH_TESTS: [&str; 3] = [DOCUMENT, "docs/asvs.md", "docs/threat-model.md"];
const CODE: &str = "crates/domain/src/verifier.rs";

/// Every `Rejection` is named in the document.
pub(super) fn every_rejection_is_documented(tree: &Tree) -> Vec<Finding> {
    let document = tree.file(DOCUMENT).map_or("", |file| file.text.as_str());
    let Some(code) = tree.file(CODE) else { return vec![missing(CODE)] };
    let variants = rejections(code);
    if variants.is_empty() {
        return vec![code.finding(1, "no `rejections! { … }` found", "the document is held against that list")];
    }
    let unknown = variants.into_iter().filter(|(_, name)| {
        !document.contains(&format!("`{name}`")) && !document.contains(&format!("`Rejection::{name}`"))
    });
    unknown
        .map(|(line, name)| {
            code.finding(
                line,
                format!("`{name}` is not in {DOCUMENT}"),
                "each reason to refuse a token is written down",
            )
        })
        .collect()
}

/// Every test that a document names exists.
pub(super) fn every_documented_test_exists(tree: &Tree) -> Vec<Finding> {
    let functions: HashSet<&str> = tree.rust().flat_map(|file| file.text.lines().filter_map(function_name)).collect();
    let mut findings = Vec::new();
    for path in WITH_TESTS {
        let Some(document) = tree.file(path) else {
            findings.push(missing(path));
            continue;
        };
        let named = named_tests(document);
        if named.is_empty() {
            findings.push(document.finding(1, "no table with a column `Test`", "each rule has a test"));
        }
        let unknown = named.into_iter().filter(|(_, name)| !functions.contains(name));
        findings.extend(
            unknown.map(|(line, name)| {
                document.finding(line, format!("there is no test `{name}`"), "each rule has a test")
            }),
        );
    }
    findings
}

fn missing(path: &str) -> Finding {
    Finding {
        path: path.to_owned(),
        line: 1,
        what: "missing".to_owned(),
        why: "code and document are held against each other",
    }
}

/// The variants in the list of the macro `rejections!`, each on a line `Name => "code",`.
fn rejections(code: &SourceFile) -> Vec<(usize, &str)> {
    let list = code.lines().skip_while(|(_, line)| *line != "rejections! {").take_while(|(_, line)| *line != "}");
    list.filter_map(|(at, line)| line.split_once(" => \"").map(|(name, _)| (at, name.trim()))).collect()
}

/// The names in backticks in the columns headed `Test` or `Tests`.
fn named_tests(document: &SourceFile) -> Vec<(usize, &str)> {
    let mut column = None;
    let mut found = Vec::new();
    for (at, line) in document.lines() {
        if !line.starts_with('|') {
            column = None;
            continue;
        }
        let cells: Vec<&str> = cells(line);
        let Some(column) = column else {
            column = cells.iter().position(|cell| ["test", "tests"].contains(&cell.to_lowercase().as_str()));
            continue;
        };
        let cell = cells.get(column).copied().unwrap_or_default();
        let in_backticks = cell.split('`').skip(1).step_by(2);
        found.extend(in_backticks.map(|name| (at, name.rsplit("::").next().unwrap_or(name))));
    }
    found
}

/// A pipe inside of backticks is written `\|` in these tables, so it separates nothing.
fn cells(line: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '|' && before != '\\' {
            cells.push(line.get(start..at).unwrap_or_default().trim());
            start = at + 1;
        }
        before = c;
    }
    cells
}

fn function_name(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("fn ")?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files};
    use super::*;

    const LIST: (&str, &str) = (
        CODE,
        "rejections! {\n    /// No `exp`.\n    MissingExpiry => \"missing_expiry\",\n    Expired => \"expired\",\n}\n",
    );

    #[test]
    fn a_reason_that_is_written_nowhere_is_caught() {
        let tree = files(&[LIST, (DOCUMENT, "| `exp` is there | `MissingExpiry` |")]);
        assert_eq!(
            briefly(&every_rejection_is_documented(&tree)),
            ["crates/domain/src/verifier.rs:4: `Expired` is not in docs/token-rules.md"]
        );
    }

    #[test]
    fn a_list_that_cannot_be_found_is_caught() {
        assert_eq!(every_rejection_is_documented(&files(&[(CODE, "enum Rejection {}")])).len(), 1);
        assert_eq!(every_rejection_is_documented(&files(&[])).len(), 1);
    }

    #[test]
    fn a_test_that_is_gone_is_caught() {
        let table = "\
# Rules

| Rule | Test |
|---|---|
| `a \\| b` | `claims::an_expired_token_is_refused` |
| other | `a_future_token_is_refused`, `a_token_without_exp_is_refused` |

`not_a_test`
";
        let source = "    fn an_expired_token_is_refused() {\n    async fn a_token_without_exp_is_refused() {";
        let mut documents: Vec<_> = WITH_TESTS.into_iter().map(|path| (path, table)).collect();
        documents.push(("crates/a/tests/b.rs", source));
        let expected = WITH_TESTS.map(|path| format!("{path}:6: there is no test `a_future_token_is_refused`"));
        assert_eq!(briefly(&every_documented_test_exists(&files(&documents))), expected);
    }

    #[test]
    fn a_document_that_is_missing_or_has_no_tests_is_caught() {
        let expected = WITH_TESTS.map(|path| format!("{path}:1: missing"));
        assert_eq!(briefly(&every_documented_test_exists(&files(&[]))), expected);
        let without = WITH_TESTS.map(|path| (path, "text"));
        assert_eq!(every_documented_test_exists(&files(&without)).len(), WITH_TESTS.len());
    }
}
