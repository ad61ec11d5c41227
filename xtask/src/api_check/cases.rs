//! schemathesis: requests made up from the OpenAPI document, good and bad ones, and every answer held against it.

use std::fs;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use ureq::http::Method;

use super::output_of;
use super::python::Python;
use crate::e2e::stack::{EVENTS_TOKEN, Service};
use crate::frontend::Packages;
use crate::http::{Client, Question};
use crate::token::token_in;

/// With the `sub` of the document's examples, so that they can be followed.
const SUBJECT: &str = "auth0|123456789";
/// The same cases each time.
const SEED: &str = "1";

/// What the one who asks has to show, and how much is asked.
#[derive(Debug)]
pub(super) struct Round {
    who: Who,
    /// For each operation and phase, at most.
    examples: u16,
}

#[derive(Debug)]
enum Who {
    WithGoodTokens,
    WithBadTokens,
    WithoutToken,
}

/// Most of the time is for the one who gets beyond the token.
pub(super) const ROUNDS: [Round; 3] = [
    Round { who: Who::WithGoodTokens, examples: 150 },
    Round { who: Who::WithBadTokens, examples: 20 },
    Round { who: Who::WithoutToken, examples: 20 },
];

impl Round {
    pub(super) fn title(&self) -> &'static str {
        match self.who {
            Who::WithGoodTokens => "schemathesis with good tokens",
            Who::WithBadTokens => "schemathesis with bad tokens",
            Who::WithoutToken => "schemathesis without a token",
        }
    }

    /// Asks, and counts what was asked. Any finding is an error, with all that schemathesis says of it.
    pub(super) fn play(&self, python: &Python, service: &Service) -> anyhow::Result<String> {
        let (settings, token, events_token) = match self.who {
            Who::WithGoodTokens => ("schemathesis.toml", good_token(service)?, EVENTS_TOKEN),
            Who::WithBadTokens => ("schemathesis.toml", "made.up.token".to_owned(), "made-up"),
            Who::WithoutToken => ("anonymous.toml", String::new(), ""),
        };
        let report = python.beside("report.json");
        let mut schemathesis = python.program("schemathesis");
        schemathesis.current_dir(python.beside("")).env("TOKEN", token).env("EVENTS_TOKEN", events_token);
        // The tenant's origin is always allowed.
        schemathesis.env("ORIGIN", &service.tenant).arg("--config-file").arg(Packages::IN_API.path(settings));
        schemathesis.args(["--no-color", "run"]).arg(format!("{}/openapi.json", service.api));
        schemathesis.args(["--seed", SEED, "--max-examples", &self.examples.to_string()]);
        schemathesis.args(["--report", "json", "--report-json-path"]).arg(&report);
        output_of(&mut schemathesis)?;
        let report = fs::read_to_string(&report).context("schemathesis left no report")?;
        counted(&serde_json::from_str(&report)?)
    }
}

fn good_token(service: &Service) -> anyhow::Result<String> {
    token_in(&Client::new().ask(&Question {
        method: Method::POST,
        url: format!("{}/dev/token", service.tenant),
        bearer: None,
        body: Some(json!({ "sub": SUBJECT }).to_string()),
    })?)
}

/// How many cases there were. An exit code of 0 does not tell whether there were any.
fn counted(report: &Value) -> anyhow::Result<String> {
    let count = |name: &str| report.pointer(&format!("/test_cases/{name}")).and_then(Value::as_u64);
    let (cases, failures) = count("generated").zip(count("with_failures")).context("a report without counts")?;
    let errors = count("errored").unwrap_or(0);
    if report.get("complete") != Some(&Value::Bool(true)) || cases == 0 || failures + errors > 0 {
        bail!("{cases} cases, {failures} failures, {errors} errors: {report}");
    }
    Ok(format!("{cases} cases, {failures} failures"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted() {
        let report = json!({ "complete": true, "test_cases": { "generated": 7, "with_failures": 0, "errored": 0 } });
        assert_eq!(counted(&report).unwrap(), "7 cases, 0 failures");
    }

    #[test]
    fn no_case_a_failure_an_error_and_half_a_run_are_no_success() {
        for (complete, generated, failures, errors) in
            [(true, 0, 0, 0), (true, 7, 1, 0), (true, 7, 0, 1), (false, 7, 0, 0)]
        {
            let cases = json!({ "generated": generated, "with_failures": failures, "errored": errors });
            assert!(counted(&json!({ "complete": complete, "test_cases": cases })).is_err());
        }
        assert!(counted(&json!({ "complete": true })).is_err());
    }
}
