//! How long a file may be.

use super::Finding;
use super::tree::Tree;

const LONGEST: usize = 300;

/// A Rust file that needs more lines than this holds more than one subject.
pub(super) fn short_files(tree: &Tree) -> Vec<Finding> {
    let long = tree.rust().map(|file| (file, file.lines().count())).filter(|&(_, lines)| lines > LONGEST);
    long.map(|(file, lines)| {
        file.finding(lines, format!("{lines} lines"), "a file has one subject and at most 300 lines")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::examples::{briefly, files};
    use super::*;

    #[test]
    fn three_hundred_lines_pass_and_one_more_does_not() {
        let (short, long) = ("x\n".repeat(300), "x\n".repeat(301));
        let tree = files(&[("a.rs", &short), ("b.rs", &long), ("c.sql", &long)]);
        assert_eq!(briefly(&short_files(&tree)), ["b.rs:301: 301 lines"]);
    }
}
