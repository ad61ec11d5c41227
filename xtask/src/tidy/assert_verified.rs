//! Who may state that a token was verified.

use super::Finding;
use super::tree::Tree;

const CALL: &str = "VerifiedToken::assert_verified(";
const HOME: &str = "crates/auth0-verify/src/";
const WHY: &str = "a `VerifiedToken` is proof only while one place makes it";

/// `VerifiedToken::assert_verified` is called in one place outside of tests, and that place is the verifier.
pub(super) fn one_caller(tree: &Tree) -> Vec<Finding> {
    let sources = tree.rust().filter(|file| file.path.starts_with("crates/") && !file.is_test());
    let calls: Vec<_> = sources
        .flat_map(|file| {
            let calls = file.product_lines().filter(|(_, line)| line.contains(CALL));
            calls.map(move |(line, _)| (file, line))
        })
        .collect();
    let (at_home, abroad): (Vec<_>, Vec<_>) = calls.into_iter().partition(|(file, _)| file.path.starts_with(HOME));
    let mut findings: Vec<Finding> =
        abroad.into_iter().map(|(file, line)| file.finding(line, "a call outside of the verifier", WHY)).collect();
    if at_home.is_empty() {
        findings.push(Finding { path: HOME.to_owned(), line: 1, what: format!("nothing calls {CALL}…)"), why: WHY });
    }
    findings.extend(at_home.into_iter().skip(1).map(|(file, line)| file.finding(line, "a second call", WHY)));
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files};
    use super::*;

    const CALLER: (&str, &str) = ("crates/auth0-verify/src/verifier.rs", "VerifiedToken::assert_verified(claims)\n");

    #[test]
    fn one_caller_in_the_verifier_is_right_and_tests_may_call_too() {
        let tree = files(&[
            CALLER,
            ("crates/server/tests/api/main.rs", "VerifiedToken::assert_verified(claims)"),
            ("crates/domain/src/sync.rs", "#[cfg(test)]\nmod tests {\nVerifiedToken::assert_verified(claims)"),
            ("crates/domain/src/lib.rs", "//! VerifiedToken::assert_verified(claims)"),
        ]);
        assert_eq!(briefly(&one_caller(&tree)), [""; 0]);
    }

    #[test]
    fn a_caller_elsewhere_is_caught() {
        let tree = files(&[CALLER, ("crates/server/src/http/caller.rs", "\nVerifiedToken::assert_verified(claims)")]);
        assert_eq!(briefly(&one_caller(&tree)), ["crates/server/src/http/caller.rs:2: a call outside of the verifier"]);
    }

    #[test]
    fn a_second_caller_and_none_at_all_are_caught() {
        let tree = files(&[CALLER, ("crates/auth0-verify/src/shortcut.rs", "VerifiedToken::assert_verified(claims)")]);
        assert_eq!(one_caller(&tree).len(), 1);
        assert_eq!(one_caller(&files(&[])).len(), 1);
    }
}
