//! The lines of an export, as they come.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;

/// The longest line that is given whole. A profile with the fields that are asked for takes about 1 KiB.
pub const MAX_EXPORT_LINE_BYTES: usize = 256 * 1024;

/// RFC 1952 §2.3.1.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The lines of an export's file (NDJSON), read as they arrive: memory does not grow with the number of users.
///
/// The file of a job has its lines in the same order each time. After an error there is nothing more.
pub struct ExportLines {
    text: BufReader<Box<dyn Read + Send>>,
    count: u64,
    is_over: bool,
}

/// A line of an export.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportLine {
    /// Which one, counted from 1. Lines that are empty count, though they are not given.
    pub number: u64,
    /// The line without its end. It ought to be a JSON object in UTF-8, and need not be.
    pub text: Result<Vec<u8>, LineTooLong>,
}

/// The line is longer than [`MAX_EXPORT_LINE_BYTES`] and was passed over. Those behind it are not affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the line is longer than {MAX_EXPORT_LINE_BYTES} bytes")]
pub struct LineTooLong;

/// The file ended too soon: the connection broke off, stalled, or the data is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the export broke off after {lines} lines")]
pub struct ExportBroken {
    /// How many lines came whole. As many can be passed over when it is fetched again.
    pub lines: u64,
    /// What happened.
    pub source: io::Error,
}

impl ExportLines {
    /// Reads lines of a file, be it gzip'd or plain.
    pub(super) fn new(mut file: Box<dyn Read + Send>) -> Result<Self, ExportBroken> {
        let mut start = Vec::with_capacity(GZIP_MAGIC.len());
        let read = file.by_ref().take(2).read_to_end(&mut start);
        read.map_err(|source| ExportBroken { lines: 0, source })?;
        let is_gzip = start == GZIP_MAGIC;
        let whole = io::Cursor::new(start).chain(file);
        let text: Box<dyn Read + Send> = if is_gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) };
        Ok(Self { text: BufReader::with_capacity(64 * 1024, text), count: 0, is_over: false })
    }

    /// How many lines have been read whole.
    #[must_use]
    pub fn lines_read(&self) -> u64 {
        self.count
    }

    /// Passes over lines until this many have been read, or the file ends.
    ///
    /// # Errors
    /// As reading them.
    pub(super) fn pass_over(&mut self, lines: u64) -> Result<(), ExportBroken> {
        while self.count < lines && !self.is_over {
            self.read_line()?;
        }
        Ok(())
    }

    /// The next line, empty ones too; none at the end.
    fn read_line(&mut self) -> Result<Option<Result<Vec<u8>, LineTooLong>>, ExportBroken> {
        let mut line = Ok(Vec::new());
        let mut is_begun = false;
        loop {
            let available = match self.text.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => {
                    self.is_over = true;
                    return Err(ExportBroken { lines: self.count, source });
                }
            };
            if available.is_empty() {
                self.is_over = true;
                self.count += u64::from(is_begun);
                return Ok(is_begun.then_some(line));
            }
            is_begun = true;
            let end = available.iter().position(|byte| *byte == b'\n');
            let (part, used) = match end {
                Some(end) => (available.get(..end).unwrap_or_default(), end + 1),
                None => (available, available.len()),
            };
            line = line.and_then(|mut line: Vec<u8>| {
                if line.len() + part.len() > MAX_EXPORT_LINE_BYTES {
                    return Err(LineTooLong);
                }
                line.extend_from_slice(part);
                Ok(line)
            });
            self.text.consume(used);
            if end.is_some() {
                self.count += 1;
                return Ok(Some(line));
            }
        }
    }
}

impl Iterator for ExportLines {
    type Item = Result<ExportLine, ExportBroken>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            match self.read_line() {
                Err(error) => return Some(Err(error)),
                Ok(None) => return None,
                Ok(Some(Ok(line))) if line.trim_ascii().is_empty() => {}
                Ok(Some(text)) => {
                    let text = text.map(|mut line| {
                        line.truncate(line.trim_ascii_end().len());
                        line
                    });
                    return Some(Ok(ExportLine { number: self.count, text }));
                }
            }
        }
        None
    }
}

impl fmt::Debug for ExportLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportLines")
            .field("count", &self.count)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ExportLine {
    /// Without the text: it is somebody's profile.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.text.as_ref().map(Vec::len);
        f.debug_struct("ExportLine").field("number", &self.number).field("bytes", &bytes).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// What a line is, or where the file broke off.
    #[derive(Debug, PartialEq)]
    enum Seen {
        Line(u64, String),
        TooLong(u64),
        Broken(u64),
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn seen(file: Vec<u8>) -> Vec<Seen> {
        let lines = match ExportLines::new(Box::new(io::Cursor::new(file))) {
            Ok(lines) => lines,
            Err(error) => return vec![Seen::Broken(error.lines)],
        };
        lines
            .map(|line| match line {
                Ok(ExportLine { number, text: Ok(text) }) => Seen::Line(number, String::from_utf8_lossy(&text).into()),
                Ok(ExportLine { number, text: Err(LineTooLong) }) => Seen::TooLong(number),
                Err(error) => Seen::Broken(error.lines),
            })
            .collect()
    }

    fn line(number: u64, text: &str) -> Seen {
        Seen::Line(number, text.to_owned())
    }

    #[test]
    fn lines_are_numbered_and_empty_ones_passed_over() {
        let text = b"{\"a\":1}\r\n\n  \n{\"b\":2}\nnot json\nlast";
        let expected = [line(1, "{\"a\":1}"), line(4, "{\"b\":2}"), line(5, "not json"), line(6, "last")];
        assert_eq!(seen(gzip(text)), expected);
        assert_eq!(seen(text.to_vec()), expected);
        let (head, tail) = text.split_at(10);
        assert_eq!(seen([gzip(head), gzip(tail)].concat()), expected);
    }

    #[test]
    fn a_file_without_users_has_no_lines() {
        assert_eq!(seen(gzip(b"")), []);
        assert_eq!(seen(Vec::new()), []);
        assert_eq!(seen(b"\n".to_vec()), []);
    }

    #[test]
    fn a_file_that_is_cut_off_gives_its_whole_lines_and_then_an_error() {
        let text: String = (0..2000).map(|number| format!("{{\"user_id\":\"auth0|{number}\"}}\n")).collect();
        let whole = gzip(text.as_bytes());
        for end in [3, 10, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
            let mut seen = seen(whole[..end].to_vec());
            let last = seen.pop();
            assert_eq!(last, Some(Seen::Broken(seen.len() as u64)), "{end}");
            for (index, one) in seen.iter().enumerate() {
                assert_eq!(*one, line(index as u64 + 1, &format!("{{\"user_id\":\"auth0|{index}\"}}")));
            }
        }
    }

    #[test]
    fn a_file_that_was_changed_on_its_way_is_noticed() {
        let mut file = gzip(b"{\"user_id\":\"auth0|1\"}\n");
        let at = file.len() - 6;
        file[at] ^= 1;
        assert!(matches!(seen(file).last(), Some(Seen::Broken(_))));
    }

    #[test]
    fn a_line_of_any_length_takes_bounded_memory_and_the_next_is_read() {
        let longest = "x".repeat(MAX_EXPORT_LINE_BYTES);
        let text = format!("a\n{longest}\n{longest}y\n{}\nz\n", "w".repeat(20_000_000));
        assert_eq!(
            seen(gzip(text.as_bytes())),
            [line(1, "a"), line(2, &longest), Seen::TooLong(3), Seen::TooLong(4), line(5, "z")]
        );
    }

    #[test]
    fn lines_that_are_done_are_passed_over() {
        let mut lines = ExportLines::new(Box::new(io::Cursor::new(gzip(b"a\n\nb\nc\n")))).unwrap();
        lines.pass_over(2).unwrap();
        assert_eq!(lines.next().unwrap().unwrap().number, 3);
        lines.pass_over(1_000_000).unwrap();
        assert!(lines.next().is_none());
        assert_eq!(lines.lines_read(), 4);
    }
}
