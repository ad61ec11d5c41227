//! `cargo xtask token`: a fresh token of the running dev tenant, and nothing else on standard output.

use std::io::Write;

use anyhow::{Context, bail};
use serde_json::{Map, Value};
use ureq::http::{Method, StatusCode};

use crate::arguments::{Arguments, UsageError};
use crate::http::{Answer, Client, Question};
use crate::tenant_file::DevTenant;

/// Who signs in when nobody is named.
pub(crate) const SUBJECT: &str = "auth0|ada";
/// The address of that person.
pub(crate) const EMAIL: &str = "ada@example.com";

/// What a token may be asked to be.
const OPTIONS: [&str; 7] = ["--sub", "--email", "--expires-in", "--scope*", "--permission*", "--org", "--kind"];

/// What to ask the tenant for. What is absent is left to the tenant.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) sub: String,
    pub(crate) email: String,
    pub(crate) expires_in: Option<i64>,
    pub(crate) scope: Option<String>,
    pub(crate) permissions: Vec<String>,
    pub(crate) organization: Option<String>,
    pub(crate) kind: Option<String>,
}

impl Wish {
    /// The person who signs in when nobody is named, with a token as the tenant makes them.
    pub(crate) fn ordinary() -> Self {
        Self {
            sub: SUBJECT.to_owned(),
            email: EMAIL.to_owned(),
            expires_in: None,
            scope: None,
            permissions: Vec::new(),
            organization: None,
            kind: None,
        }
    }

    /// The request that asks the tenant for it.
    pub(crate) fn question(&self, tenant: &str) -> Question {
        let mut body = Map::new();
        body.insert("sub".to_owned(), Value::from(self.sub.as_str()));
        body.insert("email".to_owned(), Value::from(self.email.as_str()));
        if let Some(seconds) = self.expires_in {
            body.insert("expires_in".to_owned(), Value::from(seconds));
        }
        if !self.permissions.is_empty() {
            body.insert("permissions".to_owned(), Value::from(self.permissions.as_slice()));
        }
        let texts = [("scope", &self.scope), ("org_id", &self.organization), ("kind", &self.kind)];
        for (name, value) in texts {
            if let Some(value) = value {
                body.insert(name.to_owned(), Value::from(value.as_str()));
            }
        }
        Question {
            method: Method::POST,
            url: format!("{tenant}/dev/token"),
            bearer: None,
            body: Some(Value::Object(body).to_string()),
        }
    }
}

/// Prints the token that the arguments ask for.
///
/// # Errors
/// No tenant runs, or it cannot make such a token.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let wish = wish(&Arguments::parse(arguments, &[], &OPTIONS, 0)?)?;
    let running = DevTenant::read()?;
    let answer = Client::new()
        .ask(&wish.question(&running.tenant))
        .context("the dev tenant has ended: start one with `cargo xtask dev`")?;
    writeln!(std::io::stdout(), "{}", token_in(&answer)?)?;
    Ok(())
}

/// The token in the tenant's answer.
///
/// # Errors
/// The tenant refused, or its answer holds none.
pub(crate) fn token_in(answer: &Answer) -> anyhow::Result<String> {
    if answer.status != StatusCode::OK {
        bail!("the tenant answered {}: {}", answer.status, answer.body.trim());
    }
    let body: Value = serde_json::from_str(&answer.body).context("the tenant's answer is not JSON")?;
    let token = body.get("access_token").and_then(Value::as_str).context("the tenant's answer holds no token")?;
    Ok(token.to_owned())
}

fn wish(arguments: &Arguments) -> anyhow::Result<Wish> {
    let expires_in = arguments.value("--expires-in").map(|seconds| {
        seconds
            .parse()
            .map_err(|_| UsageError::because("`--expires-in` is a whole number of seconds, negative for the past"))
    });
    let ordinary = Wish::ordinary();
    Ok(Wish {
        sub: arguments.value("--sub").map_or(ordinary.sub, str::to_owned),
        email: arguments.value("--email").map_or(ordinary.email, str::to_owned),
        expires_in: expires_in.transpose()?,
        scope: Some(arguments.values("--scope").join(" ")).filter(|scope| !scope.is_empty()),
        permissions: arguments.values("--permission").to_vec(),
        organization: arguments.value("--org").map(str::to_owned),
        kind: arguments.value("--kind").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn body_for(words: &[&str]) -> anyhow::Result<String> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let arguments = Arguments::parse(&words, &[], &OPTIONS, 0)?;
        Ok(wish(&arguments)?.question("http://tenant").body.unwrap())
    }

    fn answer(status: StatusCode, body: &str) -> Answer {
        Answer { status, body: body.to_owned(), took: Duration::ZERO }
    }

    #[test]
    fn only_what_was_asked_for_is_asked_of_the_tenant() {
        assert_eq!(body_for(&[]).unwrap(), r#"{"email":"ada@example.com","sub":"auth0|ada"}"#);
        assert_eq!(
            body_for(&["--sub", "auth0|b", "--email=b@c.d", "--expires-in=-60", "--kind", "expired"]).unwrap(),
            r#"{"email":"b@c.d","expires_in":-60,"kind":"expired","sub":"auth0|b"}"#
        );
    }

    #[test]
    fn scopes_permissions_and_an_organization_can_be_asked_for() {
        let words = ["--scope=openid read:a", "--scope=b", "--permission", "x:y", "--permission=z", "--org", "org_1"];
        let body = body_for(&words).unwrap();
        assert!(body.contains(r#""org_id":"org_1","permissions":["x:y","z"],"scope":"openid read:a b""#), "{body}");
    }

    #[test]
    fn a_lifetime_that_is_no_number_is_a_usage_error() {
        assert!(body_for(&["--expires-in", "soon"]).unwrap_err().is::<UsageError>());
    }

    #[test]
    fn a_refusal_of_the_tenant_is_repeated() {
        let error = token_in(&answer(StatusCode::BAD_REQUEST, "no such kind\n")).unwrap_err();
        assert_eq!(error.to_string(), "the tenant answered 400 Bad Request: no such kind");
        assert!(token_in(&answer(StatusCode::OK, "{}")).is_err());
        assert_eq!(token_in(&answer(StatusCode::OK, r#"{"access_token":"a.b.c"}"#)).unwrap(), "a.b.c");
    }
}
