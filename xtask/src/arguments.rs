//! The words after a command's name.

use std::collections::HashMap;
use std::fmt;

/// The command line cannot be understood: the answer is the usage, and exit code 2.
#[derive(Debug)]
pub(crate) struct UsageError(String);

impl UsageError {
    /// As an error to return.
    pub(crate) fn because(message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self(message.into()))
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// The words, sorted into switches, options with a value, and the rest.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    switches: Vec<String>,
    values: HashMap<String, Vec<String>>,
    words: Vec<String>,
}

impl Arguments {
    /// Reads `--switch`, `--option value`, `--option=value` and at most `words` plain words. An option named with a star
    /// behind it, `--option*`, may be given any number of times.
    ///
    /// # Errors
    /// [`UsageError`] for anything else.
    pub(crate) fn parse(given: &[String], switches: &[&str], options: &[&str], words: usize) -> anyhow::Result<Self> {
        let mut parsed = Self::default();
        let mut rest = given.iter();
        while let Some(word) = rest.next() {
            let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            if switches.contains(&word.as_str()) {
                parsed.switches.push(word.clone());
            } else if let Some(option) = options.iter().find(|option| option.trim_end_matches('*') == name) {
                let value = match value {
                    Some(value) => value.to_owned(),
                    None => rest.next().ok_or_else(|| UsageError::because(format!("`{name}` needs a value")))?.clone(),
                };
                let values = parsed.values.entry(name.to_owned()).or_default();
                values.push(value);
                if values.len() > 1 && !option.ends_with('*') {
                    return Err(UsageError::because(format!("`{name}` is given twice")));
                }
            } else if word.starts_with('-') || parsed.words.len() == words {
                return Err(UsageError::because(format!("{} is not understood here", repeatable(word))));
            } else {
                parsed.words.push(word.clone());
            }
        }
        Ok(parsed)
    }

    /// Whether the switch is there.
    pub(crate) fn has(&self, switch: &str) -> bool {
        self.switches.iter().any(|given| given == switch)
    }

    /// The value of an option.
    pub(crate) fn value(&self, option: &str) -> Option<&str> {
        self.values(option).first().map(String::as_str)
    }

    /// The values of an option that may be given any number of times.
    pub(crate) fn values(&self, option: &str) -> &[String] {
        self.values.get(option).map_or(&[], Vec::as_slice)
    }

    /// The first plain word.
    pub(crate) fn word(&self) -> Option<&str> {
        self.words.first().map(String::as_str)
    }
}

/// The argument as far as an error may repeat it: what is no plain word may hold a password.
fn repeatable(argument: &str) -> String {
    let name = argument.split('=').next().unwrap_or_default();
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if is_plain { format!("`{name}`") } else { "one of the arguments".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> anyhow::Result<Arguments> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Arguments::parse(&words, &["--once"], &["--sub"], 1)
    }

    #[test]
    fn a_value_may_follow_as_a_word_or_behind_an_equals_sign() {
        assert_eq!(parse("--sub auth0|1").unwrap().value("--sub"), Some("auth0|1"));
        assert_eq!(parse("--sub=a=b").unwrap().value("--sub"), Some("a=b"));
    }

    #[test]
    fn switches_and_words_are_told_apart() {
        let arguments = parse("up --once").unwrap();
        assert_eq!(arguments.word(), Some("up"));
        assert!(arguments.has("--once"));
        assert!(!parse("up").unwrap().has("--once"));
    }

    #[test]
    fn an_option_with_a_star_may_be_given_any_number_of_times() {
        let words = ["--scope", "a", "--scope=b"].map(str::to_owned);
        let arguments = Arguments::parse(&words, &[], &["--scope*"], 0).unwrap();
        assert_eq!(arguments.values("--scope"), ["a", "b"]);
        assert!(arguments.values("--other").is_empty());
        assert!(Arguments::parse(&["--scope*=a".to_owned()], &[], &["--scope*"], 0).is_err());
    }

    #[test]
    fn what_is_not_understood_is_a_usage_error() {
        for line in ["--onse", "--once=yes", "--sub", "up down", "-x", "--sub a --sub b"] {
            assert!(parse(line).unwrap_err().is::<UsageError>(), "{line}");
        }
    }

    #[test]
    fn an_error_repeats_no_password() {
        for line in ["up postgres://user:secret@host/db", "--database-ur=postgres://user:secret@host/db"] {
            let message = parse(line).unwrap_err().to_string();
            assert!(message.ends_with("is not understood here") && !message.contains("secret"), "{message}");
        }
    }
}
