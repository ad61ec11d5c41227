//! What is measured, and for how long.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::contender::{self, Contender};
use super::part::Part;
use crate::arguments::{Arguments, UsageError};

/// Options and switches of the comparison.
pub(in crate::bench) const OPTIONS: [&str; 7] =
    ["--only", "--servers", "--rounds", "--seconds", "--unique", "--authsync", "--note"];
pub(in crate::bench) const SWITCHES: [&str; 3] = ["--short", "--as-built", "--write"];

/// What was asked for.
#[derive(Debug)]
pub(in crate::bench) struct Options {
    pub(in crate::bench) parts: Vec<Part>,
    pub(in crate::bench) contenders: Vec<Contender>,
    pub(in crate::bench) rounds: usize,
    /// Of each measurement.
    pub(in crate::bench) time: Duration,
    /// Before each measurement.
    pub(in crate::bench) warm_up: Duration,
    /// Tokens, each of a user of its own.
    pub(in crate::bench) unique: usize,
    /// What the document says of the circumstances.
    pub(in crate::bench) note: Option<String>,
    /// The figures go into the documentation.
    pub(in crate::bench) write: bool,
}

impl Options {
    /// Reads them.
    ///
    /// # Errors
    /// A number is none, or a name is unknown.
    pub(in crate::bench) fn read(arguments: &Arguments) -> anyhow::Result<Self> {
        let short = arguments.has("--short");
        let (rounds, seconds, unique) = if short { (2, 0.7, 20_000) } else { (5, 4.0, 100_000) };
        let time = Duration::from_secs_f64(number(arguments, "--seconds", 0.1..=600.0)?.unwrap_or(seconds));
        let options = Self {
            parts: chosen(arguments, "--only", &Part::ALL, |one| one.name())?,
            contenders: match arguments.value("--servers") {
                None if short => contender::ALL.into_iter().filter(|one| one.in_short).collect(),
                _ => chosen(arguments, "--servers", &contender::ALL, |one| one.name)?,
            },
            rounds: whole(arguments, "--rounds", 1..=100)?.unwrap_or(rounds),
            time,
            warm_up: (time / 4).min(Duration::from_secs(1)),
            unique: whole(arguments, "--unique", 5_000..=10_000_000)?.unwrap_or(unique),
            note: arguments.value("--note").map(str::to_owned),
            write: arguments.has("--write"),
        };
        if options.write && (short || arguments.value("--only").is_some() || arguments.value("--servers").is_some()) {
            return Err(UsageError::because("`--write` publishes the whole comparison, not part of one"));
        }
        Ok(options)
    }
}

/// Those that a list of names chooses; all without one.
fn chosen<T: Copy>(
    arguments: &Arguments,
    option: &str,
    all: &[T],
    name: impl Fn(&T) -> &'static str,
) -> anyhow::Result<Vec<T>> {
    let Some(list) = arguments.value(option) else { return Ok(all.to_vec()) };
    let found = list.split(',').map(|wanted| {
        all.iter().copied().find(|one| name(one) == wanted.trim()).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(&name).collect();
            UsageError::because(format!("`{option}` is a list of {}", names.join(", ")))
        })
    });
    found.collect()
}

/// The whole number of an option, within its bounds.
///
/// # Errors
/// It is none, or beyond them.
pub(super) fn whole(
    arguments: &Arguments,
    option: &str,
    range: RangeInclusive<usize>,
) -> anyhow::Result<Option<usize>> {
    parsed(arguments, option, &range)
}

/// The same with fractions.
///
/// # Errors
/// As [`whole`].
pub(super) fn number(arguments: &Arguments, option: &str, range: RangeInclusive<f64>) -> anyhow::Result<Option<f64>> {
    parsed(arguments, option, &range)
}

fn parsed<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
    arguments: &Arguments,
    option: &str,
    range: &RangeInclusive<T>,
) -> anyhow::Result<Option<T>> {
    let Some(text) = arguments.value(option) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| range.contains(number));
    let problem = || UsageError::because(format!("`{option}` is from {} to {}", range.start(), range.end()));
    number.map(Some).ok_or_else(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> anyhow::Result<Options> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::read(&Arguments::parse(&words, &SWITCHES, &OPTIONS, 0)?)
    }

    #[test]
    fn scenarios_and_servers_are_chosen_by_name() {
        let options = read("--only verify-hot,sync-new --servers bare-actix").unwrap();
        assert_eq!(options.parts.iter().map(|part| part.name()).collect::<Vec<_>>(), ["verify-hot", "sync-new"]);
        assert_eq!(options.contenders.len(), 1);
        assert!(read("--only verify-cold").unwrap_err().is::<UsageError>());
    }

    #[test]
    fn part_of_a_comparison_is_not_published() {
        assert!(read("--write").unwrap().write);
        for line in ["--write --short", "--write --only verify-hot", "--write --servers authsync"] {
            assert!(read(line).unwrap_err().is::<UsageError>(), "{line}");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!(read("--seconds 1.5").unwrap().time, Duration::from_millis(1500));
        for line in ["--seconds 0", "--rounds 0", "--unique 1", "--rounds many"] {
            assert!(read(line).unwrap_err().is::<UsageError>(), "{line}");
        }
    }
}
