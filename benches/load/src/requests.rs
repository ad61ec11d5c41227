//! The requests, as bytes that need only be sent.

use std::fs::File;
use std::io::{BufRead, BufReader};

use anyhow::{Context, bail};

use crate::arguments::Arguments;

/// All of them, one behind the other.
#[derive(Debug)]
pub(crate) struct Requests {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// The number of the first one.
    first: usize,
}

impl Requests {
    /// Builds what the arguments ask for.
    ///
    /// # Errors
    /// The file cannot be read, or has not as many lines.
    pub(crate) fn read(arguments: &Arguments) -> anyhow::Result<Self> {
        let mut requests = Self { bytes: Vec::new(), ends: Vec::new(), first: arguments.first };
        match &arguments.tokens {
            None => {
                for number in arguments.first..arguments.first + arguments.take.unwrap_or(1) {
                    requests.add(arguments, number, None);
                }
            }
            Some(path) => {
                let file = File::open(path).with_context(|| path.display().to_string())?;
                let lines = BufReader::new(file).lines().enumerate().skip(arguments.first);
                for (number, token) in lines.take(arguments.take.unwrap_or(usize::MAX)) {
                    requests.add(arguments, number, Some(&token.with_context(|| path.display().to_string())?));
                }
                if arguments.take.is_some_and(|wanted| requests.len() < wanted) || requests.len() == 0 {
                    bail!("{} holds only {} tokens from line {} on", path.display(), requests.len(), arguments.first);
                }
            }
        }
        Ok(requests)
    }

    /// How many there are; one at least.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of the one at this place, from 0, over and over.
    pub(crate) fn at(&self, place: usize) -> &[u8] {
        let place = place % self.len().max(1);
        let begin = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(place).copied().unwrap_or(begin);
        self.bytes.get(begin..end).unwrap_or_default()
    }

    /// The number of the line that it is of.
    pub(crate) fn number(&self, place: usize) -> usize {
        self.first + place % self.len().max(1)
    }

    fn add(&mut self, arguments: &Arguments, number: usize, token: Option<&str>) {
        let number_text = number.to_string();
        let path = arguments.path.replace("{n}", &number_text);
        let mut head = format!("{} {path} HTTP/1.1\r\nhost: {}\r\n", arguments.method, arguments.target);
        if let Some(token) = token {
            head.push_str("authorization: Bearer ");
            if arguments.forged {
                push_forged(&mut head, token)
            } else {
                head.push_str(token)
            }
            head.push_str("\r\n");
        }
        for header in &arguments.headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        let body = arguments.body.as_ref().map(|body| body.replace("{n}", &number_text)).unwrap_or_default();
        if arguments.body.is_some() {
            head.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes.extend_from_slice(body.as_bytes());
        self.ends.push(self.bytes.len());
    }
}

/// The token with another character in the middle of its signature, which stays base64.
fn push_forged(text: &mut String, token: &str) {
    let signature = token.rfind('.').map_or(0, |dot| dot + 1);
    let at = signature + (token.len() - signature) / 2;
    for (position, character) in token.char_indices() {
        text.push(match character {
            'A' if position == at => 'B',
            _ if position == at => 'A',
            _ => character,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn requests(words: &[&str]) -> anyhow::Result<Requests> {
        let words = ["--target", "127.0.0.1:80"].iter().chain(words).map(OsString::from);
        Requests::read(&Arguments::parse(words).unwrap().unwrap())
    }

    fn text(requests: &Requests, place: usize) -> &str {
        std::str::from_utf8(requests.at(place)).unwrap()
    }

    #[test]
    fn a_request_without_anything_is_bare() {
        let requests = requests(&["--path", "/healthz"]).unwrap();
        assert_eq!(text(&requests, 0), "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:80\r\n\r\n");
    }

    #[test]
    fn numbers_go_into_path_and_body() {
        let words = ["--method=POST", "--path=/u/{n}", "--body={\"n\":{n}}", "--first=9", "--take=2", "--header=x: y"];
        let requests = requests(&words).unwrap();
        let expected = "POST /u/10 HTTP/1.1\r\nhost: 127.0.0.1:80\r\nx: y\r\ncontent-type: application/json\r\n\
                        content-length: 8\r\n\r\n{\"n\":10}";
        assert_eq!((text(&requests, 1), text(&requests, 3)), (expected, expected));
        assert_eq!((requests.number(0), requests.number(1), requests.number(2)), (9, 10, 9));
    }

    #[test]
    fn a_forged_token_differs_in_one_character_of_its_signature() {
        let mut forged = String::new();
        push_forged(&mut forged, "AAA.AAA.AAAA");
        assert_eq!(forged, "AAA.AAA.AABA");
    }

    #[test]
    fn too_few_tokens_are_a_mistake() {
        assert!(requests(&["--tokens", "Cargo.toml", "--take", "100000"]).is_err());
        assert!(requests(&["--tokens", "is/not/there"]).is_err());
    }
}
