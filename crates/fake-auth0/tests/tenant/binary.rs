//! The program, as another program runs it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use fake_auth0::BadToken;
use serde_json::{Value, json};

use crate::client::{agent, claims, kids, verifies};

/// A running program; killed at the end if it has not ended by itself.
pub(crate) struct Program {
    child: Child,
    facts: HashMap<String, String>,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fake-auth0"))
            .args(["--bind", "127.0.0.1:0", "--stdin-guard"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut facts = HashMap::new();
        for line in lines {
            let (name, value) = line.split_once('=').unwrap();
            facts.insert(name.to_owned(), value.to_owned());
            if name == "ready" {
                break;
            }
        }
        Self { child, facts }
    }

    pub(crate) fn fact(&self, name: &str) -> &str {
        &self.facts[name]
    }

    fn get(&self, path: &str) -> Value {
        agent().get(format!("{}{path}", self.fact("issuer"))).call().unwrap().body_mut().read_json().unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let mut answer = agent().post(format!("{}{path}", self.fact("issuer"))).send_json(body).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refusal(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_fake-auth0")).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn it_tells_where_it_is_and_ends_with_its_standard_input() {
    let mut program = Program::start(&["--audience", "https://mine.example.test", "--client-id", "abc"]);
    assert_eq!(format!("{}/", program.fact("domain")), program.fact("issuer"));
    assert_eq!(program.fact("audience"), "https://mine.example.test");
    assert_eq!(program.fact("client_id"), "abc");
    assert_eq!(kids(&program.get(".well-known/jwks.json")).len(), 2);
    drop(program.child.stdin.take());
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn it_ends_on_sigterm_and_on_sigint() {
    for signal in ["-TERM", "-INT"] {
        let mut program = Program::start(&[]);
        let sent = Command::new("kill").args([signal, &program.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(program.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn it_refuses_to_face_a_network() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let (code, text) = refusal(&["--bind", address]);
        assert_eq!(code, Some(2), "{address}");
        assert!(text.contains("is not a loopback address; fake-auth0 must never face a network"), "{text}");
    }
    assert_eq!(refusal(&["--nonsense"]).0, Some(2));
}

#[test]
fn it_writes_its_authority_where_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let program = Program::start(&["--https", "--ca-file", path.to_str().unwrap()]);
    assert!(program.fact("domain").starts_with("localhost:"));
    assert_eq!(program.fact("ca_file"), path.to_str().unwrap());
    assert!(std::fs::read_to_string(path).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn a_developer_orders_tokens() {
    let program = Program::start(&[]);
    let keys = program.get(".well-known/jwks.json");
    let order = |body: Value| program.post("dev/token", body);
    let token = |body: Value| order(body).1["access_token"].as_str().unwrap().to_owned();

    let good = token(json!({ "sub": "auth0|me", "email": "me@example.test", "expires_in": 60 }));
    assert!(verifies(&good, &keys));
    let said = claims(&good);
    assert_eq!((&said["sub"], &said["email"]), (&json!("auth0|me"), &json!("me@example.test")));
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 60);
    assert_eq!(claims(&token(json!({})))["sub"], "auth0|ada");
    assert_eq!(claims(&token(json!({ "kind": "machine" })))["gty"], "client-credentials");
    for bad in BadToken::ALL {
        assert_eq!(order(json!({ "kind": bad.name() })).0, 200, "{}", bad.name());
    }
    assert_eq!(order(json!({ "kind": "nonsense" })).0, 400);
    assert_eq!(order(json!({ "subject": "misspelt" })).0, 400);
}

#[test]
fn a_developer_rotates_breaks_and_counts() {
    let program = Program::start(&[]);
    let listed = || kids(&program.get(".well-known/jwks.json"));
    let first = listed();
    assert_eq!(program.post("dev/rotate", json!({})).1["kid"], first[1]);
    assert!(!first.contains(&program.post("dev/rotate-suddenly", json!({})).1["kid"].as_str().unwrap().to_owned()));
    let (_, withdrawn) = program.post("dev/withdraw-previous", json!({}));
    assert_eq!(withdrawn["withdrawn"].as_array().unwrap().len(), 2);
    assert!(!listed().contains(&first[0]));
    assert_eq!(program.get("dev/requests")["jwks"], 2);

    assert_eq!(program.post("dev/fault", json!({ "endpoint": "jwks", "fault": "status", "status": 418 })).0, 204);
    let status = || agent().get(program.fact("jwks")).call().unwrap().status().as_u16();
    assert_eq!(status(), 418);
    assert_eq!(program.post("dev/restore", json!({})).0, 204);
    assert_eq!(status(), 200);
    assert_eq!(program.post("dev/fault", json!({ "endpoint": "jwks", "fault": "nonsense" })).0, 400);
    let names: Vec<Value> = program.get("dev/users").as_array().unwrap().iter().map(|u| u["name"].clone()).collect();
    assert!(names.contains(&json!("Ada Lovelace")) && names.contains(&json!("Grace Hopper")));
}

#[test]
fn help_is_no_error() {
    let mut child =
        Command::new(env!("CARGO_BIN_EXE_fake-auth0")).arg("--help").stdout(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(text.contains("--stdin-guard"));
}
