//! A record as one JSON object on one line, for programs that collect logs.

use std::fmt::Write as _;

use log::Level;

use super::access::Access;
use super::is_deceptive;

/// `{"time":…,"level":…,"target":…,"message":…}` and a line feed. What the message says of a request stands beside it
/// once more, in members of its own: `method`, `route`, `status`, `duration_us`, `reason` and `id`, as far as it does.
pub(super) fn line(time: &str, level: Level, target: &str, message: &str) -> String {
    let mut line = String::with_capacity(128 + message.len());
    line.push('{');
    member(&mut line, "time", time);
    member(&mut line, "level", &level.as_str().to_ascii_lowercase());
    member(&mut line, "target", target);
    member(&mut line, "message", message);
    let Access { request, reason, id } = Access::of(target, message);
    if let Some(request) = request {
        member(&mut line, "method", request.method);
        member(&mut line, "route", request.route);
        // Only a broken `Display` could fail, and a number has none.
        let _ = write!(line, r#","status":{},"duration_us":{}"#, request.status, request.micros);
    }
    for (name, value) in [("reason", reason), ("id", id)] {
        if let Some(value) = value {
            member(&mut line, name, value);
        }
    }
    line.push_str("}\n");
    line
}

fn member(line: &mut String, name: &str, value: &str) {
    if !line.ends_with('{') {
        line.push(',');
    }
    string(line, name);
    line.push(':');
    string(line, value);
}

/// A string of RFC 8259 §7, with everything escaped as well that could end the line, hide a part of it or steer a
/// terminal: somebody may look at it there.
fn string(line: &mut String, text: &str) {
    line.push('"');
    for c in text.chars() {
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            // All of them have four hexadecimal digits at most.
            _ if is_deceptive(c) => {
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            _ => line.push(c),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TIME: &str = "2026-11-22T20:40:00.123Z";

    fn parsed(target: &str, message: &str) -> Value {
        let line = line(TIME, Level::Info, target, message);
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        assert!(!line.trim_end_matches('\n').contains(is_deceptive), "{line:?}");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    #[test]
    fn a_record_has_time_level_target_and_message() {
        assert_eq!(
            line(TIME, Level::Warn, "http", "slow"),
            "{\"time\":\"2026-11-22T20:40:00.123Z\",\"level\":\"warn\",\"target\":\"http\",\"message\":\"slow\"}\n"
        );
    }

    #[test]
    fn an_answered_request_has_its_parts_as_members() {
        let message = "GET /auth/verify 401 120us id=4f1 reason=expired";
        let expected = json!({
            "time": TIME, "level": "info", "target": "access", "message": message, "method": "GET",
            "route": "/auth/verify", "status": 401, "duration_us": 120, "id": "4f1", "reason": "expired",
        });
        assert_eq!(parsed("access", message), expected);
        assert_eq!(parsed("http", "unavailable: no keys id=4f1")["id"], "4f1");
        assert_eq!(parsed("persistence", "GET /auth/verify 401 120us id=4f1").as_object().map(|o| o.len()), Some(4));
    }

    #[test]
    fn whatever_a_message_holds_comes_back_from_one_line() {
        let all: String = ('\0'..='\u{2100}').collect();
        for message in
            ["\",\"level\":\"error", "a\nb\r\n\u{2028}c", "\u{1b}[2J\u{202e}x\0\u{7f}", "\\u0041 \\", &all, "👩‍💻"]
        {
            assert_eq!(parsed("http", message)["message"], message);
            assert_eq!(parsed(message, "x")["target"], message);
        }
    }
}
