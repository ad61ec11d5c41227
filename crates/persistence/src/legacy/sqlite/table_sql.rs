//! Changes to a CREATE TABLE statement of SQLite, which can be changed in no other way. All that is not touched stays to
//! the byte: checks, foreign keys, comments.

use std::ops::Range;

/// A statement that could not be read. SQLite itself has read it before, so this is an odd one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// A CREATE TABLE statement and what is to be changed about it.
pub(super) struct TableSql<'a> {
    text: &'a str,
    columns: Vec<Definition>,
    constraints: Vec<Definition>,
    edits: Vec<(Range<usize>, String)>,
}

/// The tokens of one column, or of one constraint of the table.
type Definition = Vec<Token>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    at: Range<usize>,
    /// A name without its quotes, a keyword, or punctuation.
    word: String,
    is_quoted: bool,
    /// How many parentheses are open around it, those of the table itself not counted.
    depth: usize,
}

impl Token {
    fn is(&self, keyword: &str) -> bool {
        !self.is_quoted && self.word.eq_ignore_ascii_case(keyword)
    }
}

impl<'a> TableSql<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Unreadable> {
        let tokens = body(tokens(text)?)?;
        let definitions = tokens.split(|token| token.depth == 0 && token.is(",")).map(<[Token]>::to_vec);
        let (columns, constraints) = definitions.partition(|definition| definition.first().is_some_and(is_a_column));
        Ok(Self { text, columns, constraints, edits: Vec::new() })
    }

    /// Lets a column be NULL.
    pub(super) fn loosen(&mut self, column: &str) -> Result<(), Unreadable> {
        let definition = self.column(column)?;
        let edits: Vec<_> = top(definition)
            .windows(2)
            .enumerate()
            .filter_map(|(at, pair)| match pair {
                [not, null] if not.is("NOT") && null.is("NULL") => Some(clause(&top(definition), at, at + 1)),
                _ => None,
            })
            .collect();
        self.edits.extend(edits.into_iter().map(|range| (range, String::new())));
        Ok(())
    }

    /// Compares a column by a collation.
    pub(super) fn collate(&mut self, column: &str, collation: &str) -> Result<(), Unreadable> {
        let definition = self.column(column)?;
        let tokens = top(definition);
        let stated = tokens.iter().position(|token| token.is("COLLATE")).and_then(|at| tokens.get(at + 1));
        let edit = match (stated, definition.last()) {
            (Some(name), _) => (name.at.clone(), collation.to_owned()),
            (None, Some(last)) => (last.at.end..last.at.end, format!(" COLLATE {collation}")),
            (None, None) => return Err(Unreadable),
        };
        self.edits.push(edit);
        Ok(())
    }

    /// Has a column without a default filled where an INSERT is silent.
    pub(super) fn give_default(&mut self, column: &str, default: &str) -> Result<(), Unreadable> {
        let end = self.column(column)?.last().ok_or(Unreadable)?.at.end;
        self.edits.push((end..end, format!(" DEFAULT {default}")));
        Ok(())
    }

    /// Lets no id be given a second time.
    pub(super) fn never_reuse_ids(&mut self, column: &str) -> Result<(), Unreadable> {
        let definitions = std::iter::once(self.column(column)?).chain(&self.constraints);
        for definition in definitions {
            if definition.iter().any(|token| token.is("AUTOINCREMENT")) {
                return Ok(());
            }
            let Some(key) = definition
                .windows(2)
                .position(|pair| matches!(pair, [first, second] if first.is("PRIMARY") && second.is("KEY")))
            else {
                continue;
            };
            let mut last = definition.get(key + 1).ok_or(Unreadable)?;
            let mut rest = definition.iter().skip(key + 2).peekable();
            if rest.next_if(|token| token.is("(")).is_some() {
                // Of the table: behind the column and its order.
                while let Some(token) = rest.next_if(|token| !token.is(")")) {
                    last = token;
                }
            } else {
                if let Some(order) = rest.next_if(|token| token.is("ASC")) {
                    last = order;
                }
                if rest.next_if(|token| token.is("ON")).is_some() {
                    last = rest.nth(1).ok_or(Unreadable)?;
                }
            }
            let end = last.at.end;
            self.edits.push((end..end, " AUTOINCREMENT".to_owned()));
            return Ok(());
        }
        Err(Unreadable)
    }

    /// Adds columns behind the last one.
    pub(super) fn add(&mut self, definitions: &[String]) -> Result<(), Unreadable> {
        let end = self.columns.last().and_then(|definition| definition.last()).ok_or(Unreadable)?.at.end;
        self.edits.push((end..end, definitions.iter().map(|definition| format!(", {definition}")).collect()));
        Ok(())
    }

    /// The statement with all changes.
    pub(super) fn changed(mut self) -> String {
        let mut text = self.text.to_owned();
        // Stable: what was added at one place stays in its order, so the later one goes in first.
        self.edits.sort_by_key(|(range, _)| range.start);
        for (range, replacement) in self.edits.iter().rev() {
            text.replace_range(range.clone(), replacement);
        }
        text
    }

    fn column(&self, name: &str) -> Result<&Definition, Unreadable> {
        let is_it =
            |definition: &&Definition| definition.first().is_some_and(|token| token.word.eq_ignore_ascii_case(name));
        self.columns.iter().find(is_it).ok_or(Unreadable)
    }
}

fn is_a_column(token: &Token) -> bool {
    !["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|keyword| token.is(keyword))
}

/// The tokens outside of any parentheses.
fn top(definition: &Definition) -> Vec<Token> {
    definition.iter().filter(|token| token.depth == 0).cloned().collect()
}

/// From a constraint's name, if it has one, to what it says about conflicts, if it says anything.
fn clause(tokens: &[Token], first: usize, last: usize) -> Range<usize> {
    let at = |index: usize| tokens.get(index);
    let named = first.checked_sub(2).and_then(at).filter(|token| token.is("CONSTRAINT"));
    let start = named.or_else(|| at(first)).map_or(0, |token| token.at.start);
    let conflict = at(last + 1).filter(|token| token.is("ON")).and_then(|_| at(last + 3));
    let end = conflict.or_else(|| at(last)).map_or(0, |token| token.at.end);
    start..end
}

/// What stands between the outermost parentheses.
fn body(tokens: Vec<Token>) -> Result<Vec<Token>, Unreadable> {
    let open = tokens.iter().position(|token| token.is("(")).ok_or(Unreadable)?;
    let mut depth = 0_usize;
    let mut inside = Vec::new();
    for mut token in tokens.into_iter().skip(open + 1) {
        if token.is(")") {
            if depth == 0 {
                return Ok(inside);
            }
            depth -= 1;
        }
        // Both parentheses count as inside, so that nothing at depth 0 is one.
        token.depth = depth + usize::from(token.is("(") || token.is(")"));
        depth += usize::from(token.is("("));
        inside.push(token);
    }
    Err(Unreadable)
}

fn tokens(text: &str) -> Result<Vec<Token>, Unreadable> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let start = text.len() - rest.len();
        let length = match first {
            c if c.is_whitespace() => c.len_utf8(),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '\'' | '"' | '`' | '[' => quoted_length(rest, if first == '[' { ']' } else { first })?,
            c if is_of_a_word(c) => rest.find(|c| !is_of_a_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at_checked(length).ok_or(Unreadable)?;
        rest = after;
        let is_quoted = ['\'', '"', '`', '['].contains(&first);
        if first.is_whitespace() || token.starts_with("--") || token.starts_with("/*") {
            continue;
        }
        let word = if is_quoted { token.get(1..length - 1).unwrap_or_default() } else { token };
        tokens.push(Token { at: start..start + length, word: word.to_owned(), is_quoted, depth: 0 });
    }
    Ok(tokens)
}

/// Up to and with the closing quote; a doubled one is a part of the name.
fn quoted_length(text: &str, quote: char) -> Result<usize, Unreadable> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if c == quote && (quote == ']' || characters.next_if(|(_, next)| *next == quote).is_none()) {
            return Ok(at + 1);
        }
    }
    Err(Unreadable)
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || c == '.' || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, change: impl FnOnce(&mut TableSql<'_>) -> Result<(), Unreadable>) -> String {
        let mut sql = TableSql::parse(text).expect("a statement");
        change(&mut sql).expect("a change");
        sql.changed()
    }

    const ALCHEMY: &str = "CREATE TABLE users (\n\tid INTEGER NOT NULL, \n\temail VARCHAR(255) NOT NULL, \n\t\
                           hashed_password VARCHAR NOT NULL CHECK (hashed_password IS NOT NULL), \n\t\
                           PRIMARY KEY (id), \n\tUNIQUE (email)\n)";

    #[test]
    fn not_null_goes_and_the_rest_stays() {
        assert_eq!(
            changed(ALCHEMY, |sql| sql.loosen("hashed_password")),
            ALCHEMY.replace("VARCHAR NOT NULL CHECK", "VARCHAR  CHECK")
        );
        let odd = "CREATE TABLE users (\"na\"\"me,\" TEXT /* NOT NULL */ CONSTRAINT [a b] NOT NULL ON CONFLICT FAIL -- x, y\n)";
        assert_eq!(
            changed(odd, |sql| sql.loosen("na\"\"me,")),
            "CREATE TABLE users (\"na\"\"me,\" TEXT /* NOT NULL */  -- x, y\n)"
        );
    }

    #[test]
    fn an_address_is_compared_without_case() {
        let plain = changed(ALCHEMY, |sql| sql.collate("email", "NOCASE"));
        assert_eq!(plain, ALCHEMY.replace("VARCHAR(255) NOT NULL", "VARCHAR(255) NOT NULL COLLATE NOCASE"));
        let stated = "CREATE TABLE users (email TEXT COLLATE RTRIM UNIQUE)";
        assert_eq!(
            changed(stated, |sql| sql.collate("email", "NOCASE")),
            "CREATE TABLE users (email TEXT COLLATE NOCASE UNIQUE)"
        );
    }

    #[test]
    fn ids_are_not_reused_wherever_the_key_stands() {
        for (before, after) in [
            ("(id INTEGER PRIMARY KEY, a)", "(id INTEGER PRIMARY KEY AUTOINCREMENT, a)"),
            (
                "(id INTEGER PRIMARY KEY ASC ON CONFLICT FAIL)",
                "(id INTEGER PRIMARY KEY ASC ON CONFLICT FAIL AUTOINCREMENT)",
            ),
            ("(id INTEGER, a, PRIMARY KEY (id))", "(id INTEGER, a, PRIMARY KEY (id AUTOINCREMENT))"),
            ("(id INTEGER PRIMARY KEY AUTOINCREMENT)", "(id INTEGER PRIMARY KEY AUTOINCREMENT)"),
        ] {
            let text = changed(&format!("CREATE TABLE users {before}"), |sql| sql.never_reuse_ids("id"));
            assert_eq!(text, format!("CREATE TABLE users {after}"));
        }
    }

    #[test]
    fn columns_are_added_before_the_constraints() {
        let text = changed("CREATE TABLE users (id INTEGER, n NUMERIC(1, 2) DEFAULT (1), UNIQUE (n))", |sql| {
            sql.collate("n", "NOCASE")?;
            sql.add(&["a TEXT".to_owned(), "b TEXT".to_owned()])
        });
        assert_eq!(
            text,
            "CREATE TABLE users (id INTEGER, n NUMERIC(1, 2) DEFAULT (1) COLLATE NOCASE, a TEXT, b TEXT, UNIQUE (n))"
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["", "CREATE TABLE users", "CREATE TABLE users (id", "CREATE TABLE users ('id)"] {
            assert!(TableSql::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            TableSql::parse("CREATE TABLE users (id INTEGER)").expect("a table").loosen("email"),
            Err(Unreadable)
        );
    }
}
