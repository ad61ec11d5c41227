//! Dead letters on paper.

use std::io::{self, Write};

use domain::{DeadLetter, EventId, Subject, UnixTime};
use serde::Serialize;

use crate::command::Format;

/// Writes letters one after the other, so that any number of them takes no memory.
pub(super) struct LetterList<'w> {
    out: &'w mut dyn Write,
    format: Format,
    count: usize,
}

/// A letter as JSON shows it. These members are documented and stay.
#[derive(Serialize)]
struct Row<'a> {
    id: i32,
    event_id: Option<&'a str>,
    auth0_id: Option<&'a str>,
    source: &'a str,
    reason: &'a str,
    attempts: u32,
    parked_at: String,
    body: &'a str,
}

impl<'w> LetterList<'w> {
    pub(super) fn begin(out: &'w mut dyn Write, format: Format) -> io::Result<Self> {
        match format {
            Format::Table => {}
            Format::Json => out.write_all(b"{\"dead_letters\":[")?,
        }
        Ok(Self { out, format, count: 0 })
    }

    pub(super) fn add(&mut self, letter: &DeadLetter) -> io::Result<()> {
        match self.format {
            Format::Table => self.add_line(letter)?,
            Format::Json => {
                let separator: &[u8] = if self.count == 0 { b"\n" } else { b",\n" };
                self.out.write_all(separator)?;
                serde_json::to_writer(&mut *self.out, &Row::of(letter))?;
            }
        }
        self.count += 1;
        Ok(())
    }

    pub(super) fn end(self) -> io::Result<()> {
        match self.format {
            Format::Table if self.count == 0 => self.out.write_all(b"no dead letters\n")?,
            Format::Table => {}
            Format::Json => self.out.write_all(if self.count == 0 { b"]}\n" } else { b"\n]}\n" })?,
        }
        self.out.flush()
    }

    /// The reason stands last because it is the longest; the body is for the other format.
    fn add_line(&mut self, letter: &DeadLetter) -> io::Result<()> {
        if self.count == 0 {
            self.line("ID", "PARKED AT", "TRIES", "SOURCE", "EVENT", "USER", "REASON")?;
        }
        let row = Row::of(letter);
        self.line(
            &row.id.to_string(),
            &row.parked_at,
            &row.attempts.to_string(),
            row.source,
            row.event_id.unwrap_or("-"),
            row.auth0_id.unwrap_or("-"),
            row.reason,
        )
    }

    #[expect(clippy::too_many_arguments, reason = "a line has these columns")]
    fn line(
        &mut self,
        id: &str,
        parked_at: &str,
        tries: &str,
        source: &str,
        event: &str,
        user: &str,
        reason: &str,
    ) -> io::Result<()> {
        let line = format!("{id:>6}  {parked_at:<24}  {tries:>5}  {source:<8}  {event:<26}  {user:<30}  {reason}");
        // Somebody else may have written to the table.
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        writeln!(self.out, "{}", line.trim_end())
    }
}

impl<'a> Row<'a> {
    fn of(letter: &'a DeadLetter) -> Self {
        let DeadLetter { id, letter, parked_at, attempts } = letter;
        Self {
            id: id.get(),
            event_id: letter.event.as_ref().map(EventId::as_str),
            auth0_id: letter.subject.as_ref().map(Subject::as_str),
            source: &letter.source,
            reason: &letter.reason,
            attempts: *attempts,
            parked_at: moment(*parked_at),
            body: letter.body.as_str(),
        }
    }
}

/// RFC 3339 in UTC.
fn moment(time: UnixTime) -> String {
    jiff::Timestamp::from_millisecond(time.as_millis()).map_or_else(|_| "-".to_owned(), |moment| format!("{moment:.3}"))
}

#[cfg(test)]
mod tests {
    use domain::{Letter, LetterBody, LetterId};
    use serde_json::{Value, json};

    use super::*;

    fn letter(id: i32, event: Option<&str>, reason: &str) -> DeadLetter {
        let letter = Letter {
            source: "push".to_owned(),
            event: event.map(|event| EventId::parse(event).expect("an id")),
            subject: event.map(|_| Subject::parse("auth0|ada").expect("a subject")),
            reason: reason.to_owned(),
            body: LetterBody::keep(b"{\"a\":\"\xc3\xa9\"}"),
        };
        DeadLetter { id: LetterId::new(id), letter, parked_at: UnixTime::from_millis(1_769_860_800_120), attempts: 2 }
    }

    fn written(format: Format, letters: &[DeadLetter]) -> String {
        let mut out = Vec::new();
        let mut list = LetterList::begin(&mut out, format).expect("written");
        letters.iter().for_each(|letter| list.add(letter).expect("written"));
        list.end().expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_table_has_a_line_for_each_letter_and_no_body() {
        let text =
            written(Format::Table, &[letter(7, Some("evt_1"), "one\nreason\u{1b}[31m"), letter(8, None, "other")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("    ID  PARKED AT") && lines[0].ends_with("REASON"), "{text}");
        assert!(lines[1].starts_with("     7  2026-01-31T12:00:00.120Z      2  push      evt_1 "), "{text}");
        assert!(lines[1].ends_with("auth0|ada                       one reason [31m"), "{text}");
        assert!(lines[2].ends_with("-                               other"), "{text}");
    }

    #[test]
    fn json_is_one_document_with_everything() {
        let read =
            |letters: &[DeadLetter]| serde_json::from_str::<Value>(&written(Format::Json, letters)).expect("JSON");
        assert_eq!(read(&[]), json!({ "dead_letters": [] }));
        let both = read(&[letter(7, Some("evt_1"), "a reason"), letter(8, None, "other")]);
        assert_eq!(
            both["dead_letters"][0],
            json!({
                "id": 7, "event_id": "evt_1", "auth0_id": "auth0|ada", "source": "push", "reason": "a reason",
                "attempts": 2, "parked_at": "2026-01-31T12:00:00.120Z", "body": "{\"a\":\"é\"}",
            })
        );
        assert_eq!(both["dead_letters"][1]["event_id"], Value::Null);
    }

    #[test]
    fn an_empty_table_says_so() {
        assert_eq!(written(Format::Table, &[]), "no dead letters\n");
    }
}
