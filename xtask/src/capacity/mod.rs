//! `cargo xtask capacity`: from what a request costs to nodes, cores and connections, and what ends first.

mod costs;
mod formulae;
mod limits;
mod mix;
mod plan;
mod table;

use std::path::Path;

use anyhow::{Context, bail};

use self::costs::MEASURED;
use self::mix::{DEPLOYMENT, Deployment, MIX};
use crate::arguments::{Arguments, UsageError};
use crate::screen::Screen;

const OPTIONS: [&str; 5] = ["--requests-per-second", "--nodes", "--cores-per-node", "--remembered", "--check"];

/// The command: the tables of `docs/scaling.md`, or the plan for one load.
///
/// # Errors
/// The arguments are wrong, or the document says something else.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<()> {
    let arguments = Arguments::parse(arguments, &["--same-node"], &OPTIONS, 0)?;
    if let Some(document) = arguments.value("--check") {
        check(Path::new(document))?;
        screen.line(format_args!("{document} says the same"));
        return Ok(());
    }
    let Some(requests) = number(&arguments, "--requests-per-second")? else {
        screen.line(table::document().trim_end());
        return Ok(());
    };
    let deployment = Deployment {
        nodes: number(&arguments, "--nodes")?,
        cores_per_node: number(&arguments, "--cores-per-node")?.unwrap_or(DEPLOYMENT.cores_per_node),
        remembered: number(&arguments, "--remembered")?.or(DEPLOYMENT.remembered),
        same_node: arguments.has("--same-node"),
        ..DEPLOYMENT
    };
    let plan = plan::plan(requests, &MIX, &deployment, &MEASURED);
    screen.line(table::comparison(&[plan]).trim_end());
    let busy = requests * plan.server_us / 1e6 / plan.nodes / deployment.cores_per_node;
    screen.line(format_args!("\nthe cores of the nodes are busy for {:.0} % of the time", busy * 100.0));
    for limit in limits::LIMITS.iter().filter(|limit| (limit.used)(&plan) > limit.most) {
        screen.line(format_args!("not enough: {} ({} of {})", limit.name, (limit.used)(&plan).ceil(), limit.most));
    }
    Ok(())
}

fn number(arguments: &Arguments, option: &str) -> anyhow::Result<Option<f64>> {
    let Some(text) = arguments.value(option) else { return Ok(None) };
    let number = text.parse::<u32>().ok().filter(|number| *number > 0).map(f64::from);
    number.map(Some).ok_or_else(|| UsageError::because(format!("`{option}` needs a whole number from 1")))
}

/// Whether the document has the tables that this program prints.
fn check(document: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(document).with_context(|| document.display().to_string())?;
    let Some(within) = table::within(&text) else {
        bail!("{} has no tables between the marks of `cargo xtask capacity`", document.display());
    };
    if within != table::document() {
        bail!("{} has other tables than `cargo xtask capacity` prints: put these in", document.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_the_tables_that_the_program_prints() {
        check(&crate::workspace::root().join("docs/scaling.md")).unwrap();
    }

    #[test]
    fn a_number_is_whole_and_more_than_nothing() {
        let given = |word: &str| {
            let words = [format!("--nodes={word}")];
            number(&Arguments::parse(&words, &[], &OPTIONS, 0).unwrap(), "--nodes")
        };
        assert_eq!(given("3").unwrap(), Some(3.0));
        for word in ["0", "-1", "1.5", "many", ""] {
            assert!(given(word).unwrap_err().is::<UsageError>(), "{word}");
        }
    }
}
