//! Takes typed values out of the layers and notes what is wrong with them.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use config::ValueKind;

use super::environment::Environment;
use super::key::Key;
use super::layers::{Given, Layers};
use super::problems::Problems;

/// Reads one key after the other. A method that answers `None` where a value had to be there has noted why.
#[derive(Debug)]
pub(super) struct Reader {
    layers: Layers,
    problems: Problems,
}

impl Reader {
    pub(super) fn new(environment: &Environment) -> Self {
        let mut problems = Problems::default();
        let layers = Layers::read(environment, &mut problems);
        Self { layers, problems }
    }

    /// Ends the reading: the settings, if nothing is wrong with any of them.
    pub(super) fn finish<T>(self, settings: Option<T>) -> Result<T, Problems> {
        settings.filter(|_| self.problems.is_empty()).ok_or(self.problems)
    }

    /// Whether any layer has a value.
    pub(super) fn is_set(&self, key: Key) -> bool {
        self.layers.given(key).is_some()
    }

    /// Notes what is wrong with the value of a key.
    pub(super) fn refuse(&mut self, key: Key, complaint: impl Into<String>) {
        let name = self.layers.given(key).map_or_else(|| key.name(), |given| given.name);
        self.problems.add(name, complaint);
    }

    /// Notes that the key has no value, unless it has one that could not even be read, which is noted already.
    pub(super) fn miss(&mut self, key: Key, expected: &str) {
        let noted = self.problems.names().any(|name| key.variables.contains(&name));
        if !noted {
            self.problems.add(key.name(), format!("expected {expected}; it is not set"));
        }
    }

    /// The value, which must be there and good.
    pub(super) fn required<T, E: Display>(&mut self, key: Key, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let Some(Given { name, kind }) = self.layers.given(key) else {
            self.miss(key, "a value");
            return None;
        };
        parse(&text(kind)).map_err(|complaint| self.problems.add(name, complaint.to_string())).ok()
    }

    /// The value, if there is one; `None` if it is bad.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        key: Key,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        if self.is_set(key) { self.required(key, parse).map(Some) } else { Some(None) }
    }

    /// The values of a list: parts between commas, or a TOML array. Blank parts and repetitions are dropped, so that a
    /// comma too many does no harm. `None` if one of them is bad.
    pub(super) fn list<T: PartialEq, E: Display>(
        &mut self,
        key: Key,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let Some(Given { name, kind }) = self.layers.given(key) else { return Some(Vec::new()) };
        let mut values = Vec::new();
        for part in parts(kind) {
            match parse(&part) {
                Ok(value) if values.contains(&value) => {}
                Ok(value) => values.push(value),
                Err(complaint) => {
                    self.problems.add(name, complaint.to_string());
                    return None;
                }
            }
        }
        Some(values)
    }

    /// The values of a list that must hold one at least.
    pub(super) fn required_list<T: PartialEq, E: Display>(
        &mut self,
        key: Key,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let values = self.list(key, parse)?;
        if values.is_empty() {
            self.miss(key, expected);
            return None;
        }
        Some(values)
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, key: Key, unit: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
        self.required(key, |text| {
            whole_number(text).filter(|number| bounds.contains(number)).ok_or_else(|| match *bounds.end() {
                u64::MAX => format!("expected a whole number of {unit} from {}", bounds.start()),
                end => format!("expected a whole number of {unit} from {} to {end}", bounds.start()),
            })
        })
    }

    /// A time in milliseconds within bounds.
    pub(super) fn milliseconds(&mut self, key: Key, bounds: RangeInclusive<u64>) -> Option<Duration> {
        self.number(key, "milliseconds", bounds).map(Duration::from_millis)
    }

    /// A time in seconds from a lower bound. What is longer than a century counts as one: nobody sees the difference,
    /// and sums of such times cannot overflow.
    pub(super) fn seconds(&mut self, key: Key, from: u64) -> Option<Duration> {
        const CENTURY: u64 = 100 * 366 * 24 * 60 * 60;
        self.number(key, "seconds", from..=u64::MAX).map(|seconds| Duration::from_secs(seconds.min(CENTURY)))
    }
}

/// The value as text. A table or a list in place of one becomes the empty text, which every parser refuses in its own
/// words; a value that is really empty does not get here.
fn text(kind: ValueKind) -> String {
    match kind {
        ValueKind::String(text) => text.trim().to_owned(),
        ValueKind::I64(number) => number.to_string(),
        ValueKind::U64(number) => number.to_string(),
        ValueKind::Boolean(truth) => truth.to_string(),
        _ => String::new(),
    }
}

fn parts(kind: ValueKind) -> Vec<String> {
    match kind {
        ValueKind::Array(items) => items.into_iter().map(|item| text(item.kind)).collect(),
        ValueKind::String(list) => {
            list.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        }
        other => vec![text(other)],
    }
}

/// Digits only, and a number too great to hold counts as the greatest: the bounds decide about it.
fn whole_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}
