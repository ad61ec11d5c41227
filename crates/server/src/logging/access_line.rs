//! The line that every request leaves.

use std::fmt;

/// An answered request. No part of it holds what would have to be escaped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccessLine<'a> {
    pub(crate) method: &'static str,
    /// The label of the route: a client chooses no part of it.
    pub(crate) route: &'static str,
    pub(crate) status: u16,
    pub(crate) micros: u64,
    /// Checked to be letters, digits and a few harmless marks.
    pub(crate) id: &'a str,
    /// Why its token was refused.
    pub(crate) reason: Option<&'static str>,
}

impl AccessLine<'_> {
    /// For people.
    pub(super) fn write_text(&self, out: &mut Vec<u8>, time: &str) {
        out.reserve(128 + self.id.len());
        put(out, &[time, " INFO  access  "]);
        self.write_message(out);
        out.push(b'\n');
    }

    /// For programs: what [`json::line`](super::json::line) makes of it.
    pub(super) fn write_json(&self, out: &mut Vec<u8>, time: &str) {
        out.reserve(256 + 2 * self.id.len());
        put(out, &[r#"{"time":""#, time, r#"","level":"info","target":"access","message":""#]);
        self.write_message(out);
        put(out, &[r#"","method":""#, self.method, r#"","route":""#, self.route, r#"","status":"#]);
        number(out, u64::from(self.status));
        put(out, &[r#","duration_us":"#]);
        number(out, self.micros);
        if let Some(reason) = self.reason {
            put(out, &[r#","reason":""#, reason, r#"""#]);
        }
        put(out, &[r#","id":""#, self.id, "\"}\n"]);
    }

    fn write_message(&self, out: &mut Vec<u8>) {
        put(out, &[self.method, " ", self.route, " "]);
        number(out, u64::from(self.status));
        out.push(b' ');
        number(out, self.micros);
        put(out, &["us id=", self.id]);
        if let Some(reason) = self.reason {
            put(out, &[" reason=", reason]);
        }
    }
}

impl fmt::Display for AccessLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, route, status, micros, id, reason } = self;
        write!(f, "{method} {route} {status} {micros}us id={id}")?;
        reason.map_or(Ok(()), |reason| write!(f, " reason={reason}"))
    }
}

fn put(out: &mut Vec<u8>, parts: &[&str]) {
    parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
}

/// In decimal, without the machinery of formatting.
fn number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut first = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        first = place;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use log::Level;

    use super::super::{json, write_line};
    use super::*;

    const TIME: &str = "2026-11-22T20:40:00.123Z";

    fn lines() -> Vec<(AccessLine<'static>, &'static str)> {
        let line = AccessLine {
            method: "GET",
            route: "/auth/verify",
            status: 200,
            micros: 0,
            id: "req-42_a.b:c/d+e=",
            reason: None,
        };
        vec![
            (line, "GET /auth/verify 200 0us id=req-42_a.b:c/d+e="),
            (
                AccessLine { status: 401, micros: 120, id: "4f1", reason: Some("expired"), ..line },
                "GET /auth/verify 401 120us id=4f1 reason=expired",
            ),
            (
                AccessLine { method: "OTHER", route: "unmatched", status: 404, micros: u64::MAX, id: "7", ..line },
                "OTHER unmatched 404 18446744073709551615us id=7",
            ),
        ]
    }

    #[test]
    fn it_reads_as_any_line_of_the_log_does() {
        for (line, message) in lines() {
            assert_eq!(line.to_string(), message);
            let (mut expected, mut written) = (Vec::new(), Vec::new());
            write_line(&mut expected, TIME, "INFO ", "access", message).expect("written to memory");
            line.write_text(&mut written, TIME);
            assert_eq!(String::from_utf8(written), String::from_utf8(expected));
        }
    }

    #[test]
    fn as_json_it_has_the_members_of_any_record_about_a_request() {
        for (line, message) in lines() {
            let mut written = Vec::new();
            line.write_json(&mut written, TIME);
            assert_eq!(String::from_utf8(written), Ok(json::line(TIME, Level::Info, "access", message)));
        }
    }
}
