//! `cargo xtask migrate`: the same code as `authsync migrate`, for a machine with cargo.

use anyhow::Context;
use persistence::{DatabaseUrl, Migrator};

use crate::arguments::{Arguments, UsageError};
use crate::screen::Screen;

/// Applies, reverts or lists migrations, one line each.
///
/// # Errors
/// The arguments are wrong, or the database refuses.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<()> {
    let arguments = Arguments::parse(arguments, &[], &["--database-url"], 1)?;
    let direction = arguments.word().ok_or_else(|| UsageError::because("`migrate` needs `up`, `down` or `status`"))?;
    if !["up", "down", "status"].contains(&direction) {
        return Err(UsageError::because(format!("`migrate` knows `up`, `down` and `status`, not `{direction}`")));
    }
    let migrator = Migrator::new(database_url(arguments.value("--database-url"))?);
    let lines: Vec<String> = match direction {
        "up" => migrator.up().context("not migrated")?.into_iter().map(|name| format!("applied   {name}")).collect(),
        "down" => {
            migrator.down().context("not reverted")?.into_iter().map(|name| format!("reverted  {name}")).collect()
        }
        _ => migrator
            .status()
            .context("the state is unknown")?
            .into_iter()
            .map(|one| format!("{:<9} {}", if one.applied { "applied" } else { "pending" }, one.name))
            .collect(),
    };
    if lines.is_empty() {
        screen.line("nothing to do");
    }
    for line in lines {
        screen.line(line);
    }
    Ok(())
}

fn database_url(argument: Option<&str>) -> anyhow::Result<DatabaseUrl> {
    let (source, url) = match (argument, std::env::var_os("DATABASE_URL")) {
        (Some(url), _) => ("--database-url", url.to_owned()),
        (None, Some(url)) => ("DATABASE_URL", url.to_string_lossy().into_owned()),
        (None, None) => ("the default", "sqlite://authsync.db".to_owned()),
    };
    DatabaseUrl::parse(&url).with_context(|| format!("{source} is no database URL"))
}
