//! Server-sent events (HTML Standard §9.2) out of bytes that come in pieces of any size.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

/// How much of a line, and how much data of one message, is kept; the rest is passed over.
const MAX_BYTES: usize = 512 * 1024;
/// The longest `id` that counts.
const MAX_ID_BYTES: usize = 4 * 1024;
/// U+FEFF in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SseMessage {
    /// Its type; empty where none is given.
    pub(super) event: String,
    /// Its data, with a line feed between the lines.
    pub(super) data: Vec<u8>,
    /// Its id, if it has one of its own.
    pub(super) id: Option<String>,
    /// Whether all of it is here.
    pub(super) is_whole: bool,
}

/// Puts messages together. Its memory is bounded, whatever comes.
#[derive(Debug, Default)]
pub(super) struct SseParser {
    line: Vec<u8>,
    /// Whether the line is longer than what is kept of it.
    line_is_cut: bool,
    /// The last byte was a carriage return: a line feed that follows belongs to it.
    after_return: bool,
    /// Whether the first line is over.
    is_begun: bool,
    event: String,
    data: Vec<u8>,
    has_data: bool,
    id: Option<String>,
    is_cut: bool,
    retry: Option<Duration>,
}

impl SseParser {
    /// Takes in bytes; messages that are complete with them go to `messages`. Unlike in a browser, a message with an id
    /// and without data is one, too: it moves the position.
    pub(super) fn feed(&mut self, mut bytes: &[u8], messages: &mut VecDeque<SseMessage>) {
        if mem::take(&mut self.after_return) {
            self.after_return = bytes.is_empty();
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (part, rest) = bytes.split_at(end);
            self.extend_line(part);
            messages.extend(self.end_line());
            let is_return = rest.first() == Some(&b'\r');
            bytes = rest.get(1..).unwrap_or_default();
            if is_return {
                self.after_return = bytes.is_empty();
                bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            }
        }
        self.extend_line(bytes);
    }

    /// How long the server wants to be left alone before the next connection, if it said so.
    pub(super) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    fn extend_line(&mut self, part: &[u8]) {
        let room = MAX_BYTES.saturating_sub(self.line.len());
        self.line_is_cut |= part.len() > room;
        self.line.extend_from_slice(part.get(..room).unwrap_or(part));
    }

    fn end_line(&mut self) -> Option<SseMessage> {
        let line = mem::take(&mut self.line);
        let is_cut = mem::take(&mut self.line_is_cut);
        let line = if mem::replace(&mut self.is_begun, true) { &line } else { line.strip_prefix(BOM).unwrap_or(&line) };
        if line.is_empty() {
            return self.end_message();
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, rest) = line.split_at(colon);
        let value = rest.get(1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"event" => value_of(value, MAX_ID_BYTES).clone_into(&mut self.event),
            b"data" => {
                self.is_cut |= is_cut;
                self.add_data(value);
            }
            b"id" if !is_cut && value.len() <= MAX_ID_BYTES && !value.contains(&0) => {
                self.id = Some(String::from_utf8_lossy(value).into_owned());
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                self.retry = value_of(value, 20).parse().ok().map(Duration::from_millis).or(self.retry);
            }
            // Comments, whose name is empty, and what later versions may add.
            _ => {}
        }
        None
    }

    fn add_data(&mut self, value: &[u8]) {
        if mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        let room = MAX_BYTES.saturating_sub(self.data.len());
        self.is_cut |= value.len() > room;
        self.data.extend_from_slice(value.get(..room).unwrap_or(value));
        self.data.truncate(MAX_BYTES);
    }

    fn end_message(&mut self) -> Option<SseMessage> {
        let message = SseMessage {
            event: mem::take(&mut self.event),
            data: mem::take(&mut self.data),
            id: mem::take(&mut self.id),
            is_whole: !mem::take(&mut self.is_cut),
        };
        let is_one = mem::take(&mut self.has_data) || message.id.is_some();
        is_one.then_some(message)
    }
}

/// A short value as text.
fn value_of(value: &[u8], most: usize) -> String {
    String::from_utf8_lossy(value.get(..most).unwrap_or(value)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<SseMessage> {
        let (mut parser, mut messages) = (SseParser::default(), VecDeque::new());
        pieces.iter().for_each(|piece| parser.feed(piece, &mut messages));
        messages.into()
    }

    fn message(event: &str, id: Option<&str>, data: &str) -> SseMessage {
        SseMessage {
            event: event.to_owned(),
            data: data.as_bytes().to_vec(),
            id: id.map(str::to_owned),
            is_whole: true,
        }
    }

    const STREAM: &[u8] =
        b"\xef\xbb\xbf:connected\n\nretry: 2000\n\nevent: user.created\r\nid: MTI=\r\ndata: {\"a\":\r\n\
                            data: \"\xc3\xa9\"}\r\n\r\n: heartbeat\r\revent:offset-only\rid:4Lc\rdata:{}\r\rdata\n\n";

    fn expected() -> Vec<SseMessage> {
        vec![
            message("user.created", Some("MTI="), "{\"a\":\n\"é\"}"),
            message("offset-only", Some("4Lc"), "{}"),
            message("", None, ""),
        ]
    }

    #[test]
    fn lines_may_end_in_any_of_three_ways_and_have_comments_between_them() {
        assert_eq!(read(&[STREAM]), expected());
    }

    #[test]
    fn it_does_not_matter_where_the_bytes_are_split() {
        for at in 0..STREAM.len() {
            let (head, tail) = STREAM.split_at(at);
            assert_eq!(read(&[head, tail]), expected(), "split at {at}");
            assert_eq!(read(&[head, b"", tail]), expected(), "split at {at}, with nothing between");
        }
        let bytes: Vec<&[u8]> = STREAM.chunks(1).collect();
        assert_eq!(read(&bytes), expected());
    }

    #[test]
    fn what_is_not_ended_by_an_empty_line_is_no_message() {
        assert_eq!(read(&[b"event: user.created\nid: 1\ndata: {}\n"]), []);
        assert_eq!(read(&[b"event: user.created\n\ndata: x\n\n"]), [message("", None, "x")], "no data, no message");
    }

    #[test]
    fn one_space_belongs_to_the_colon_and_names_are_exact() {
        assert_eq!(read(&[b"data:  x: y\nDATA: z\n data: z\ndat: z\n\n"]), [message("", None, " x: y")]);
    }

    #[test]
    fn an_id_alone_is_a_message_and_one_with_nul_or_of_any_length_counts_for_none() {
        assert_eq!(read(&[b"id: 7\n\n"]), [message("", Some("7"), "")]);
        assert_eq!(read(&[b"id: 7\0\ndata: x\n\n"]), [message("", None, "x")]);
        let long = format!("id: {}\ndata: x\n\n", "7".repeat(MAX_ID_BYTES + 1));
        assert_eq!(read(&[long.as_bytes()]), [message("", None, "x")]);
    }

    #[test]
    fn the_server_may_ask_for_a_pause() {
        let (mut parser, mut messages) = (SseParser::default(), VecDeque::new());
        for (line, millis) in [("retry: 2000\n", 2000), ("retry: soon\n", 2000), ("retry:-1\n", 2000), ("retry:0\n", 0)]
        {
            parser.feed(line.as_bytes(), &mut messages);
            assert_eq!(parser.retry(), Some(Duration::from_millis(millis)), "{line}");
        }
    }

    #[test]
    fn an_endless_line_and_endless_data_are_cut_and_the_next_message_is_whole() {
        let (mut parser, mut messages) = (SseParser::default(), VecDeque::new());
        parser.feed(b"id: 1\ndata: ", &mut messages);
        for _ in 0..40 {
            parser.feed(&[b'x'; 64 * 1024], &mut messages);
            assert!(parser.line.len() <= MAX_BYTES);
        }
        parser.feed(b"\n", &mut messages);
        for _ in 0..100_000 {
            parser.feed(b"data: more and more\n", &mut messages);
        }
        assert!(parser.data.len() <= MAX_BYTES);
        parser.feed(b"\nid: 2\ndata: y\n\n", &mut messages);
        let endless = messages.pop_front().unwrap();
        assert_eq!((endless.id.as_deref(), endless.is_whole, endless.data.len()), (Some("1"), false, MAX_BYTES));
        assert_eq!(messages, [message("", Some("2"), "y")]);
    }
}
