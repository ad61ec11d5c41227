//! `cargo xtask tidy`: the written rules of this repository, as far as a program can read them.
//!
//! A rule is a function from what was read (a [`Tree`]) to its findings, in a file of its own.

mod arrows;
mod assert_verified;
mod file_length;
mod file_names;
mod leftovers;
mod links;
mod manifests;
mod migrations;
mod outside_names;
mod packages;
mod private_places;
mod token_rules;
mod tree;

use std::fmt;
use std::process::ExitCode;

use anyhow::bail;

use self::tree::Tree;
use crate::arguments::Arguments;
use crate::screen::Screen;

/// Looks at the repository and says what is not as it should be.
type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: [Rule; 17] = [
    arrows::arrows_can_be_followed,
    arrows::only_allowed_arrows,
    arrows::the_fake_tenant_stays_out_of_the_server,
    assert_verified::one_caller,
    file_length::short_files,
    file_names::telling_names,
    leftovers::nothing_left_behind,
    links::links_lead_somewhere,
    manifests::lints_of_the_workspace,
    manifests::names_of_folders,
    manifests::never_published,
    migrations::pairs,
    migrations::ups_and_downs,
    outside_names::must_not_name,
    private_places::no_private_places,
    token_rules::every_rejection_is_documented,
    token_rules::every_documented_test_exists,
];

/// Something that breaks a rule. Displayed as `path:line: what (why)`.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// From 1.
    line: usize,
    what: String,
    why: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} ({})", self.path, self.line, self.what, self.why)
    }
}

/// The command.
///
/// # Errors
/// The arguments are wrong, or the repository cannot be read.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    Arguments::parse(arguments, &[], &[], 0)?;
    check(screen)?;
    Ok(ExitCode::SUCCESS)
}

/// Holds the repository against every rule and shows what it finds.
///
/// # Errors
/// There are findings, or the repository cannot be read.
pub(crate) fn check(screen: Screen) -> anyhow::Result<()> {
    let tree = Tree::read()?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    for finding in &findings {
        screen.line(finding);
    }
    match findings.len() {
        0 => screen.line(format_args!("tidy: {} rules, no findings", RULES.len())),
        1 => bail!("tidy has one finding"),
        many => bail!("tidy has {many} findings"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_shown_as_an_editor_can_jump_to_it() {
        let finding = Finding { path: "a/b.rs".to_owned(), line: 3, what: "too long".to_owned(), why: "why not" };
        assert_eq!(finding.to_string(), "a/b.rs:3: too long (why not)");
    }
}
