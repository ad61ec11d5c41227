//! The description of the socket's messages, held against a socket: each comes, with the members that are described.

use std::collections::BTreeSet;

use fake_auth0::Endpoint;
use serde_json::Value;

use crate::openapi::resolved;
use crate::spawn::Setup;
use crate::websocket_client::Socket;

/// The description, the messages that have come, and the codes of refusals among them.
struct Described {
    document: Value,
    seen: BTreeSet<String>,
    codes: BTreeSet<String>,
}

impl Described {
    /// The names of the messages of an operation.
    fn names(&self, operation: &str) -> BTreeSet<String> {
        let messages = self.document["operations"][operation]["messages"].as_array().expect("messages");
        messages.iter().map(|message| text(&resolved(&self.document, message)["name"]).to_owned()).collect()
    }

    fn schema(&self, name: &str) -> &Value {
        let messages = self.document["components"]["messages"].as_object().expect("messages");
        let message = messages.values().find(|message| message["name"] == name);
        &message.unwrap_or_else(|| panic!("{name} is not described"))["payload"]
    }

    #[track_caller]
    fn hold(&mut self, message: &Value) {
        let name = text(&message["type"]);
        self.hold_value(message, self.schema(name));
        self.seen.insert(name.to_owned());
        self.codes.extend(message["code"].as_str().map(str::to_owned));
    }

    #[track_caller]
    fn hold_value(&self, value: &Value, schema: &Value) {
        let schema = resolved(&self.document, schema);
        let kind = match value {
            Value::Null => "null",
            Value::String(_) => "string",
            Value::Object(_) => "object",
            Value::Number(number) if number.is_i64() => "integer",
            other => panic!("{other} is in no message"),
        };
        let is_kind =
            schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&kind.into()));
        assert!(is_kind, "{value} is described as {schema}");
        assert!(schema.get("const").is_none_or(|only| only == value), "{value} is described as {schema}");
        assert!(schema["enum"].as_array().is_none_or(|all| all.contains(value)), "{value} is described as {schema}");
        let Some(members) = value.as_object() else { return };
        let described = schema["properties"].as_object().expect("members");
        assert_eq!(members.keys().collect::<BTreeSet<_>>(), described.keys().collect::<BTreeSet<_>>(), "{value}");
        let required = schema["required"].as_array().expect("members");
        assert!(
            described.keys().all(|name| required.contains(&name.as_str().into())),
            "all are always there: {schema}"
        );
        for (name, member) in members {
            self.hold_value(member, &described[name]);
        }
    }

    /// Says something and holds the answer.
    #[track_caller]
    fn ask(&mut self, socket: &mut Socket, text: &str) {
        socket.say(text);
        let answer = socket.next();
        self.hold(&answer);
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn every_message_is_as_described_and_every_described_message_comes() {
    let server = Setup::on_sqlite().start();
    let document = server.get("/asyncapi.json").json();
    let mut described = Described { document, seen: BTreeSet::new(), codes: BTreeSet::new() };
    server.user("ada");
    let eve = server.user("eve");
    let short = server.tenant.token_for("auth0|ada").expires_in(50).mint();
    let mut socket = Socket::open(server.address(), &short);
    for _ in ["ready", "expiring"] {
        let message = socket.next();
        described.hold(&message);
    }
    server.database.execute("UPDATE users SET name = 'Countess' WHERE auth0_id = 'auth0|ada'");
    let news = socket.next();
    described.hold(&news);

    // What a client may say, as the description shows it, with tokens that are good, bad and another's.
    let auth = described.schema("auth").clone();
    assert_eq!(described.names("renew"), BTreeSet::from(["auth".to_owned()]));
    let newer = server.tenant.token("auth0|ada");
    let unknown_key = server.tenant.token_for("auth0|ada").kid("made-up").mint();
    for token in [&newer, "made-up", &eve] {
        let message = serde_json::json!({ "type": "auth", "token": token });
        described.hold_value(&message, &auth);
        described.ask(&mut socket, &message.to_string());
    }
    described.ask(&mut socket, "{}");
    server.tenant.fail(Endpoint::Jwks, 500);
    described.ask(&mut socket, &serde_json::json!({ "type": "auth", "token": unknown_key }).to_string());

    assert_eq!(described.seen, described.names("tell"));
    let codes = described.schema("error")["properties"]["code"]["enum"].as_array().expect("codes");
    assert_eq!(described.codes, codes.iter().map(|code| text(code).to_owned()).collect());
}
