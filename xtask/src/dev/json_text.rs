//! JSON for reading: indented, in the order in which it came, long strings cut.

/// Strings longer than this are cut: tokens, above all.
const LONGEST: usize = 72;
/// What is left of them.
const KEPT: usize = 24;

/// The text indented by two spaces per level behind `margin`; text that is no JSON stays as it is.
pub(super) fn for_reading(text: &str, margin: &str) -> String {
    let mut page = Page { margin, depth: 0, text: margin.to_owned() };
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        page.text.push_str(text.trim());
        return page.text;
    }
    let mut rest = text.trim().chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                let mut string = String::new();
                while let Some(c) = rest.next_if(|&c| c != '"') {
                    string.push(c);
                    if c == '\\' {
                        string.extend(rest.next());
                    }
                }
                rest.next();
                page.string(&string);
            }
            '{' | '[' => {
                page.text.push(c);
                while rest.next_if(|c| c.is_whitespace()).is_some() {}
                if let Some(close) = rest.next_if(|c| matches!(c, '}' | ']')) {
                    page.text.push(close);
                } else {
                    page.depth += 1;
                    page.new_line();
                }
            }
            '}' | ']' => {
                page.depth = page.depth.saturating_sub(1);
                page.new_line();
                page.text.push(c);
            }
            ',' => {
                page.text.push(c);
                page.new_line();
            }
            ':' => page.text.push_str(": "),
            c if c.is_whitespace() => {}
            c => page.text.push(c),
        }
    }
    page.text
}

/// The beginning of a secret or long text, and how long it was.
pub(super) fn shortened(text: &str) -> String {
    let characters = text.chars().count();
    if characters <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(KEPT).collect();
    format!("{start}… ({characters} characters)")
}

struct Page<'a> {
    margin: &'a str,
    depth: usize,
    text: String,
}

impl Page<'_> {
    fn new_line(&mut self) {
        self.text.push('\n');
        self.text.push_str(self.margin);
        self.text.push_str(&"  ".repeat(self.depth));
    }

    fn string(&mut self, content: &str) {
        self.text.push('"');
        self.text.push_str(&shortened(content));
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_members_stays() {
        let text = r#"{"valid":true,"user":{"id":1,"name":"a \"b\" {,}"},"list":[1,null],"empty":{},"none":[ ]}"#;
        let expected = r#"
            |{
            |  "valid": true,
            |  "user": {
            |    "id": 1,
            |    "name": "a \"b\" {,}"
            |  },
            |  "list": [
            |    1,
            |    null
            |  ],
            |  "empty": {},
            |  "none": []
            |}"#;
        let expected: Vec<&str> =
            expected.lines().filter_map(|line| line.split_once('|').map(|(_, text)| text)).collect();
        assert_eq!(for_reading(text, ""), expected.join("\n"));
    }

    #[test]
    fn a_long_string_is_cut() {
        let read = for_reading(&format!(r#"{{"token":"{}"}}"#, "x".repeat(100)), "");
        assert_eq!(read, format!("{{\n  \"token\": \"{}… (100 characters)\"\n}}", "x".repeat(24)));
    }

    #[test]
    fn text_that_is_no_json_stays() {
        assert_eq!(for_reading("not { json\n", "  "), "  not { json");
    }
}
