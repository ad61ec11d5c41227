//! The running binary.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::client::agent;

/// A running program; killed at the end if it has not ended by itself.
pub(crate) struct Program {
    pub(crate) child: Child,
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

    pub(crate) fn get(&self, path: &str) -> Value {
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
