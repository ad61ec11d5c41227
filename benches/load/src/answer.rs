//! As much of HTTP's answers as a load generator needs: the status, where the answer ends, whether the connection does.

use memchr::memmem;

/// A head longer than this is no answer of the servers that are measured.
const LONGEST_HEAD: usize = 16 * 1024;

/// One answer, whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The server ends the connection with it.
    pub(crate) closes: bool,
}

/// What came is no answer that can be read here: HTTP/1.1 with a `Content-Length`, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Garbled;

/// Puts answers together from what arrives.
#[derive(Debug, Default)]
pub(crate) struct AnswerReader {
    head: Vec<u8>,
    body: Option<(Answer, usize)>,
}

impl AnswerReader {
    /// Takes what has arrived; the answer, once it is whole.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Option<Answer>, Garbled> {
        if let Some((answer, missing)) = self.body {
            return self.body_came(answer, missing, bytes.len());
        }
        if self.head.is_empty() {
            if let Some((answer, length, end)) = head(bytes)? {
                return self.body_came(answer, length, bytes.len() - end);
            }
            self.head.extend_from_slice(bytes);
            return Ok(None);
        }
        self.head.extend_from_slice(bytes);
        if let Some((answer, length, end)) = head(&self.head)? {
            let came = self.head.len() - end;
            self.head.clear();
            return self.body_came(answer, length, came);
        }
        if self.head.len() > LONGEST_HEAD { Err(Garbled) } else { Ok(None) }
    }

    /// Whether part of an answer has arrived.
    pub(crate) fn has_begun(&self) -> bool {
        self.body.is_some() || !self.head.is_empty()
    }

    /// Forgets a part.
    pub(crate) fn reset(&mut self) {
        self.head.clear();
        self.body = None;
    }

    fn body_came(&mut self, answer: Answer, missing: usize, came: usize) -> Result<Option<Answer>, Garbled> {
        self.body = None;
        match missing.checked_sub(came) {
            Some(0) => Ok(Some(answer)),
            Some(left) => {
                self.body = Some((answer, left));
                Ok(None)
            }
            None => Err(Garbled),
        }
    }
}

/// The answer, the length of its body and where that begins, if the head is whole.
fn head(bytes: &[u8]) -> Result<Option<(Answer, usize, usize)>, Garbled> {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = bytes.get(..end).unwrap_or_default();
    let status = head.strip_prefix(b"HTTP/1.1 ").and_then(|rest| number(rest.get(..3)?));
    let status = status.and_then(|status| u16::try_from(status).ok()).ok_or(Garbled)?;
    let (mut length, mut closes) = (None, false);
    let mut rest = head;
    while let Some(at) = memchr::memchr(b'\n', rest) {
        rest = rest.get(at + 1..).unwrap_or_default();
        if rest.first().is_some_and(|first| first.eq_ignore_ascii_case(&b'c')) {
            if let Some(value) = value(rest, b"content-length:") {
                length = Some(number(value).ok_or(Garbled)?);
            } else if let Some(value) = value(rest, b"connection:") {
                closes = value.eq_ignore_ascii_case(b"close");
            }
        }
    }
    let length = if matches!(status, 204 | 304) { Some(0) } else { length };
    Ok(Some((Answer { status, closes }, length.ok_or(Garbled)?, end + 4)))
}

/// The value of the header that the line begins with, if it is this one.
fn value<'a>(rest: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (begin, value) = rest.split_at_checked(name.len())?;
    let end = memchr::memchr(b'\r', value).unwrap_or(value.len());
    begin.eq_ignore_ascii_case(name).then(|| value.get(..end).unwrap_or_default().trim_ascii())
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nvary: origin\r\n\r\nok";

    #[test]
    fn an_answer_is_read_wherever_it_is_torn() {
        for at in 0..WHOLE.len() {
            let (one, other) = WHOLE.split_at(at);
            let mut reader = AnswerReader::default();
            if !one.is_empty() {
                assert_eq!(reader.feed(one), Ok(None), "{at}");
                assert!(reader.has_begun());
            }
            assert_eq!(reader.feed(other), Ok(Some(Answer { status: 200, closes: false })), "{at}");
            assert!(!reader.has_begun());
        }
    }

    #[test]
    fn the_end_of_a_connection_is_announced() {
        let bytes = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nConnection: Close\r\n\r\n";
        assert_eq!(AnswerReader::default().feed(bytes), Ok(Some(Answer { status: 503, closes: true })));
    }

    #[test]
    fn an_answer_without_a_body_has_no_length() {
        let bytes = b"HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(AnswerReader::default().feed(bytes), Ok(Some(Answer { status: 204, closes: false })));
    }

    #[test]
    fn what_is_no_answer_is_garbled() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n",
            b"SMTP ready\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nok",
        ] {
            assert_eq!(AnswerReader::default().feed(bytes), Err(Garbled));
        }
    }
}
