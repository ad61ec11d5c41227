//! The description of the API, against which answers are held.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::Answer;
use crate::openapi::resolved;
use crate::spawn::TestServer;

/// What an answer may have without a word in the description: RFC 9110's framing, what the text at the top says of all
/// answers, and what belongs to CORS and to the handshake of RFC 6455.
const UNSAID: [&str; 10] = [
    "access-control-expose-headers",
    "connection",
    "content-length",
    "content-type",
    "date",
    "sec-websocket-accept",
    "transfer-encoding",
    "upgrade",
    "vary",
    "x-content-type-options",
];

/// Method, path, status, and the example's name; the name is empty where an answer has no example.
pub(crate) type Example = (String, String, u16, String);

/// The description, and which of its examples have come.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) document: Value,
    pub(crate) seen: BTreeSet<Example>,
}

impl Described {
    pub(crate) fn by(server: &TestServer) -> Self {
        Self { document: server.get("/openapi.json").json(), seen: BTreeSet::new() }
    }

    /// Every example there is; an answer without one counts as an example without a name.
    pub(crate) fn examples(&self) -> BTreeSet<Example> {
        let mut all = BTreeSet::new();
        for (path, methods) in self.document["paths"].as_object().expect("paths") {
            for (method, operation) in methods.as_object().expect("methods") {
                for (status, answer) in operation["responses"].as_object().expect("responses") {
                    let status: u16 = status.parse().expect("a status");
                    for name in names(resolved(&self.document, answer)) {
                        all.insert((method.clone(), path.clone(), status, name));
                    }
                }
            }
        }
        all
    }

    #[track_caller]
    pub(crate) fn hold(&mut self, method: &str, path: &str, answer: &Answer) {
        let said = &self.document["paths"][path][method]["responses"][answer.status.to_string()];
        assert!(said.is_object(), "{method} {path} {} is not described: {answer:?}", answer.status);
        let said = resolved(&self.document, said);
        self.hold_headers(said, answer);
        let names = match said["content"].as_object() {
            Some(content) => {
                let (kind, media) = content.iter().next().expect("a type");
                assert_eq!(answer.header("content-type"), Some(kind.as_str()), "{method} {path}: {answer:?}");
                matching(media, answer)
            }
            None => {
                assert_eq!(answer.body, "", "{method} {path}: {answer:?}");
                vec![String::new()]
            }
        };
        assert!(!names.is_empty(), "{method} {path}: no example is {answer:?}");
        for name in names {
            self.seen.insert((method.to_owned(), path.to_owned(), answer.status, name));
        }
    }

    #[track_caller]
    fn hold_headers(&self, said: &Value, answer: &Answer) {
        let described = said["headers"].as_object().expect("headers");
        for (name, header) in described {
            let header = resolved(&self.document, header);
            let is_needed = header["required"] == true;
            match answer.header(name) {
                Some(value) => assert!(fits(value, &header["schema"]), "{name} is described as {header}: {answer:?}"),
                None => assert!(!is_needed, "{name} is missing: {answer:?}"),
            }
        }
        for (name, _) in &answer.headers {
            let is_described = described.keys().any(|described| described.eq_ignore_ascii_case(name));
            assert!(is_described || UNSAID.contains(&name.as_str()), "{name} is not described: {answer:?}");
        }
    }
}

fn names(answer: &Value) -> Vec<String> {
    let media = answer["content"].as_object().and_then(|content| content.values().next());
    match media.and_then(|media| media["examples"].as_object()) {
        Some(examples) => examples.keys().cloned().collect(),
        None => vec![String::new()],
    }
}

/// The names of the examples that the body is, up to what is different each time.
fn matching(media: &Value, answer: &Answer) -> Vec<String> {
    let Some(examples) = media["examples"].as_object() else { return vec![String::new()] };
    let is_it = |example: &Value| match example.as_str() {
        // A part of a text, of which the numbers are different each time.
        Some(text) => text.lines().all(|line| {
            let series = line.rsplit_once(' ').map_or(line, |(series, _)| series);
            answer.body.lines().any(|line| line.starts_with(series))
        }),
        None => usual(&answer.json()) == *example,
    };
    examples.iter().filter(|(_, example)| is_it(&example["value"])).map(|(name, _)| name.clone()).collect()
}

/// The same with the values of the examples in place of those that are different each time.
fn usual(body: &Value) -> Value {
    let members = |members: &serde_json::Map<String, Value>| {
        let usual = members.iter().map(|(name, value)| {
            let value = match name.as_str() {
                "age_seconds" if value.is_number() => json!(42),
                "pending" if value.as_u64().is_some_and(|steps| steps > 0) => json!(3),
                "issuer" => json!("https://acme.eu.auth0.com/"),
                "authorization_servers" => json!(["https://acme.eu.auth0.com/"]),
                "resource" => json!("https://api.acme.com"),
                _ => usual(value),
            };
            (name.clone(), value)
        });
        Value::Object(usual.collect())
    };
    match body {
        Value::Object(object) => members(object),
        Value::Array(items) => items.iter().map(usual).collect(),
        other => other.clone(),
    }
}

/// Whether a header's value is one that its schema allows.
fn fits(value: &str, schema: &Value) -> bool {
    let is_const = schema.get("const").is_none_or(|only| only == value);
    let is_listed = schema["enum"].as_array().is_none_or(|all| all.iter().any(|one| one == value));
    let is_number = schema["type"] != "integer" || value.parse::<u64>().is_ok_and(|number| number >= 1);
    is_const && is_listed && is_number && !value.is_empty()
}
