//! The three layers of the configuration: defaults, the environment's file, variables.

use std::collections::BTreeMap;

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use super::environment::Environment;
use super::key::{self, Key};
use super::problems::Problems;

const DEFAULT_TOML: &str = include_str!("../../../../config/default.toml");

/// The values of every layer laid over each other, and the variable that each came from.
#[derive(Debug)]
pub(super) struct Layers {
    values: Map<String, Value>,
    variables: BTreeMap<&'static str, &'static str>,
}

/// A value and what a problem with it is called.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) name: &'static str,
    pub(super) kind: ValueKind,
}

/// The known and filled keys of one file, by their paths.
#[derive(Clone, Debug, Default)]
struct Layer(Map<String, Value>);

impl Layers {
    /// Reads all three layers. What is wrong with one does not hide what is wrong with another.
    pub(super) fn read(environment: &Environment, problems: &mut Problems) -> Self {
        let mut builder = Config::builder()
            .add_source(Layer::parse(DEFAULT_TOML, "config/default.toml", key::ENV_VARIABLE, problems))
            .add_source(environment_file(environment, problems));
        let mut variables = BTreeMap::new();
        for key in key::ALL {
            let Some((variable, text)) = strongest(*key, environment, problems) else { continue };
            variables.insert(key.path, variable);
            match builder.clone().set_override(key.path, text) {
                Ok(overridden) => builder = overridden,
                Err(_) => problems.add(variable, "expected a value that can be laid over the configuration files"),
            }
        }
        let values = builder.build().and_then(|config| config.collect()).unwrap_or_else(|_| {
            problems.add(key::ENV_VARIABLE, "expected configuration files that fit together");
            Map::new()
        });
        Self { values, variables }
    }

    /// The value of the strongest layer that has one.
    pub(super) fn given(&self, key: Key) -> Option<Given> {
        let (group, name) = key.path.split_once('.')?;
        let ValueKind::Table(table) = &self.values.get(group)?.kind else { return None };
        let kind = table.get(name)?.kind.clone();
        Some(Given { name: self.variables.get(key.path).copied().unwrap_or_else(|| key.name()), kind })
    }
}

impl Layer {
    fn parse(toml: &str, file: &str, owner: &str, problems: &mut Problems) -> Self {
        let groups = match File::from_str(toml, FileFormat::Toml).collect() {
            Ok(groups) => groups,
            Err(error) => {
                problems.add(owner, format!("expected valid TOML in {file}{}", position(&error)));
                return Self::default();
            }
        };
        let mut known = Map::new();
        let mut unknown = Vec::new();
        for (group, value) in groups {
            match value.kind {
                ValueKind::Table(table) if Key::is_group(&group) => {
                    for (name, value) in table {
                        let path = format!("{group}.{name}");
                        match Key::at(&path) {
                            Some(_) if is_blank(&value.kind) => {}
                            Some(_) => drop(known.insert(path, value)),
                            None => unknown.push(path),
                        }
                    }
                }
                _ => unknown.push(group),
            }
        }
        // A table has no order, and a report must not change from run to run.
        unknown.sort();
        for path in unknown {
            problems.add(&path, format!("expected only the keys of config/default.toml in {file}"));
        }
        Self(known)
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

fn environment_file(environment: &Environment, problems: &mut Problems) -> Layer {
    let name = match environment.text(key::ENV_VARIABLE) {
        Ok(None) => return Layer::default(),
        Ok(Some(name)) if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') => name,
        _ => {
            problems.add(
                key::ENV_VARIABLE,
                "expected the name of a file in config/ without its ending: letters, digits, - and _ only",
            );
            return Layer::default();
        }
    };
    let file = format!("config/{name}.toml");
    if let Ok(toml) = std::fs::read_to_string(environment.directory().join(&file)) {
        Layer::parse(&toml, "the file of AUTHSYNC_ENV", key::ENV_VARIABLE, problems)
    } else {
        problems.add(
            key::ENV_VARIABLE,
            "expected the name of a readable file config/<AUTHSYNC_ENV>.toml, found from the working directory",
        );
        Layer::default()
    }
}

/// The first of the key's variables that is set.
fn strongest<'e>(key: Key, environment: &'e Environment, problems: &mut Problems) -> Option<(&'static str, &'e str)> {
    for variable in key.variables {
        match environment.text(variable) {
            Ok(Some(text)) => return Some((variable, text)),
            Ok(None) => {}
            Err(_) => {
                problems.add(variable, "expected text in UTF-8");
                return None;
            }
        }
    }
    None
}

fn is_blank(value: &ValueKind) -> bool {
    match value {
        ValueKind::Nil => true,
        ValueKind::String(text) => text.trim().is_empty(),
        ValueKind::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Where the parser stopped. The rest of its message quotes the file, and with it perhaps a secret.
fn position(error: &ConfigError) -> String {
    let ConfigError::FileParse { cause, .. } = error else { return String::new() };
    let message = cause.to_string();
    let line = message
        .split_once("at line ")
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .filter(|digits| !digits.is_empty());
    line.map_or_else(String::new, |line| format!(" (line {line} is not)"))
}
