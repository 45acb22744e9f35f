//! The characters of a TOML text, with the sentences about what may not stand where.

use crate::golang::quote::{quote, quote_rune};
use crate::golang::unicode::is_letter;

/// What is wrong and in which line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Complaint {
    pub(super) message: String,
    pub(super) line: usize,
}

/// What a number or date looks like before it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Integer,
    Float,
    Datetime,
}

/// A cursor over the text.
#[derive(Clone)]
pub(super) struct Lexer<'t> {
    text: &'t [u8],
    pos: usize,
    pub(super) line: usize,
    /// Whether the end has been read, not only seen.
    at_end: bool,
}

type Lexed<T> = Result<T, Complaint>;

/// A character as Go's `%q` shows it; 0 for the end.
fn shown(found: Option<char>) -> String {
    quote_rune(found.map_or(0, u64::from))
}

fn or_end(found: Option<char>) -> String {
    found.map_or("end of file".to_owned(), |found| format!("'{found}'"))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub(super) fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Lexer { text, pos: 0, line: 1, at_end: false }
    }

    /// A complaint at the present place; about the last line when the end has been read.
    fn complain<T>(&self, message: impl Into<String>) -> Lexed<T> {
        let after_newline = self.pos > 0 && self.text[self.pos - 1] == b'\n';
        let line = self.line - usize::from(self.at_end && after_newline);
        Err(Complaint { message: message.into(), line })
    }

    /// A complaint about the line that a newline has just ended.
    fn complain_before<T>(&self, message: impl Into<String>) -> Lexed<T> {
        Err(Complaint { message: message.into(), line: self.line - 1 })
    }

    /// Reads a character; none at the end.
    pub(super) fn next(&mut self) -> Lexed<Option<char>> {
        let Some(&byte) = self.text.get(self.pos) else {
            self.at_end = true;
            return Ok(None);
        };
        if byte == b'\n' {
            self.line += 1;
        }
        let fault = |message: String| Err(Complaint { message, line: self.line });
        let head = &self.text[self.pos..self.text.len().min(self.pos + 4)];
        let found = head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
        let Some(found) = found else {
            return fault(format!("invalid UTF-8 byte: 0x{byte:02x}"));
        };
        let lone_return = byte == b'\r' && self.text.get(self.pos + 1) != Some(&b'\n');
        let control = matches!(byte, 0..0x20 | 0x7f) && !matches!(byte, b'\t' | b'\r' | b'\n');
        if control || lone_return {
            return fault(format!("TOML files cannot contain control characters: '0x{byte:02x}'"));
        }
        self.pos += found.len_utf8();
        Ok(Some(found))
    }

    /// Looks at the next character.
    pub(super) fn peek(&self) -> Lexed<Option<char>> {
        self.clone().next()
    }

    /// Reads the next character if it is the one.
    fn accept(&mut self, wanted: char) -> Lexed<bool> {
        let found = self.peek()? == Some(wanted);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) -> Lexed<()> {
        while self.peek()?.is_some_and(&wanted) {
            self.next()?;
        }
        Ok(())
    }

    pub(super) fn skip_blanks(&mut self) -> Lexed<()> {
        self.skip_while(is_blank)
    }

    fn since(&self, start: usize) -> &'t str {
        std::str::from_utf8(&self.text[start..self.pos]).expect("characters were checked")
    }

    /// Skips a comment up to the end of its line.
    fn comment(&mut self) -> Lexed<()> {
        self.skip_while(|c| !is_newline(c))
    }

    /// Skips blanks, newlines and comments.
    pub(super) fn skip_space(&mut self) -> Lexed<()> {
        loop {
            self.skip_while(|c| is_blank(c) || is_newline(c))?;
            if !self.accept('#')? {
                return Ok(());
            }
            self.comment()?;
        }
    }

    /// Goes to the next line behind a table name or an entry.
    pub(super) fn end_line(&mut self) -> Lexed<()> {
        loop {
            match self.next()? {
                Some(c) if is_blank(c) => {}
                Some('#') => return self.comment(),
                Some('\n' | '\r') | None => return Ok(()),
                found => {
                    return self.complain(format!(
                        "expected a top-level item to end with a newline, comment, or EOF, but \
                         got {} instead",
                        shown(found)
                    ));
                }
            }
        }
    }

    /// What comes first in an item of the top level: `[[`, `[`, a key, or nothing more.
    pub(super) fn top_item(&mut self) -> Lexed<Option<&'static str>> {
        self.skip_space()?;
        if self.peek()?.is_none() {
            return Ok(None);
        }
        if !self.accept('[')? {
            return Ok(Some("key"));
        }
        Ok(Some(if self.accept('[')? { "[[" } else { "[" }))
    }

    /// Checks that a part of a table's name begins here; whether it is quoted.
    pub(super) fn table_part(&mut self) -> Lexed<bool> {
        self.skip_blanks()?;
        match self.peek()? {
            Some(']') | None => {
                self.complain("unexpected end of table name (table names cannot be empty)")
            }
            Some('.') => self.complain("unexpected table separator (table names cannot be empty)"),
            found => Ok(matches!(found, Some('"' | '\''))),
        }
    }

    /// Reads what follows a part of a table's name; whether another part does.
    pub(super) fn table_part_end(&mut self) -> Lexed<bool> {
        self.skip_blanks()?;
        match self.next()? {
            Some('.') => Ok(true),
            Some(']') => Ok(false),
            found => self.complain(format!(
                "expected '.' or ']' to end table name, but got {} instead",
                shown(found)
            )),
        }
    }

    /// Reads the second bracket behind the name of an array of tables.
    pub(super) fn array_name_end(&mut self) -> Lexed<()> {
        match self.next()? {
            Some(']') => Ok(()),
            found => self.complain(format!(
                "expected end of table array name delimiter ']', but got {} instead",
                shown(found)
            )),
        }
    }

    /// Checks that a key begins here.
    pub(super) fn key_start(&mut self) -> Lexed<()> {
        self.skip_blanks()?;
        match self.peek()? {
            Some('=') | None => self.complain("unexpected '=': key name appears blank"),
            Some('.') => self.complain("unexpected '.': keys cannot start with a '.'"),
            Some(_) => Ok(()),
        }
    }

    /// Checks that a part of a key begins here; whether it is quoted.
    pub(super) fn key_part(&mut self) -> Lexed<bool> {
        self.skip_blanks()?;
        match self.peek()? {
            Some('"' | '\'') => Ok(true),
            Some('=') | None => self.complain("unexpected '='"),
            Some('.') => self.complain("unexpected '.'"),
            Some(_) => Ok(false),
        }
    }

    /// Reads what follows a part of a key; whether another part does.
    pub(super) fn key_part_end(&mut self) -> Lexed<bool> {
        self.skip_blanks()?;
        match self.next()? {
            Some('.') => Ok(true),
            Some('=') => Ok(false),
            None => self.complain("unexpected EOF; expected key separator '='"),
            found => {
                let message = format!("expected '.' or '=', but got {} instead", shown(found));
                if found == Some('\n') {
                    self.complain_before(message)
                } else {
                    self.complain(message)
                }
            }
        }
    }

    /// A name without quotes; may be empty.
    pub(super) fn bare_name(&mut self) -> Lexed<&'t str> {
        let start = self.pos;
        self.skip_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))?;
        Ok(self.since(start))
    }

    /// Reads what follows an item of an array; whether the array goes on.
    pub(super) fn array_item_end(&mut self) -> Lexed<bool> {
        self.skip_space()?;
        match self.next()? {
            Some(',') => Ok(true),
            Some(']') => Ok(false),
            found => self.complain(format!(
                "expected a comma (',') or array terminator (']'), but got {}",
                or_end(found)
            )),
        }
    }

    /// Whether the bracket that ends an array or inline table stands here; a comma may not.
    pub(super) fn closes(&mut self, bracket: char) -> Lexed<bool> {
        self.skip_space()?;
        if self.accept(',')? {
            return self.complain("unexpected comma");
        }
        self.accept(bracket)
    }

    /// Reads what follows an entry of an inline table; whether the table goes on.
    pub(super) fn inline_entry_end(&mut self) -> Lexed<bool> {
        loop {
            self.skip_space()?;
            match self.next()? {
                Some(',') => {
                    self.skip_blanks()?;
                    if self.peek()? != Some('}') {
                        return Ok(true);
                    }
                }
                Some('}') => return Ok(false),
                found => {
                    return self.complain(format!(
                        "expected a comma or an inline table terminator '}}', but got {} instead",
                        or_end(found)
                    ));
                }
            }
        }
    }

    /// Reads a quote, or three of them; none when no string begins here.
    pub(super) fn open_string(&mut self, triples: bool) -> Lexed<Option<(char, bool)>> {
        let Some(quote @ ('"' | '\'')) = self.peek()? else { return Ok(None) };
        self.next()?;
        let mut ahead = self.clone();
        if triples && ahead.accept(quote)? && ahead.accept(quote)? {
            *self = ahead;
            return Ok(Some((quote, true)));
        }
        Ok(Some((quote, false)))
    }

    /// The text of a string behind its opening quotes, escapes as they are.
    pub(super) fn string(&mut self, quote: char, triple: bool) -> Lexed<&'t str> {
        if triple { self.long_string(quote) } else { self.short_string(quote) }
    }

    fn short_string(&mut self, quote: char) -> Lexed<&'t str> {
        let start = self.pos;
        loop {
            match self.next()? {
                None => {
                    let expected = if quote == '"' { "'\"'" } else { "\"'\"" };
                    return self.complain(format!("unexpected EOF; expected {expected}"));
                }
                Some('\n' | '\r') => {
                    return self.complain_before("strings cannot contain newlines");
                }
                Some('\\') if quote == '"' => self.escape(start)?,
                Some(found) if found == quote => {
                    let text = self.since(start);
                    return Ok(&text[..text.len() - 1]);
                }
                Some(_) => {}
            }
        }
    }

    fn long_string(&mut self, quote: char) -> Lexed<&'t str> {
        let start = self.pos;
        let around = if quote == '"' { '\'' } else { '"' };
        let quotes = |count: usize| format!("{around}{}{around}", quote.to_string().repeat(count));
        loop {
            match self.next()? {
                None => return self.complain(format!("unexpected EOF; expected {}", quotes(3))),
                Some('\\') if quote == '"' => {
                    if self.peek()?.is_some_and(is_newline) {
                        self.next()?;
                    } else {
                        self.escape(start)?;
                    }
                }
                Some(found) if found == quote => {
                    let first = self.clone();
                    if !self.accept(quote)? || !self.accept(quote)? {
                        *self = first;
                        // One or two quotes are part of the string.
                        self.accept(quote)?;
                        continue;
                    }
                    let text = self.since(start);
                    if self.peek()? == Some(quote) {
                        let five = quote.to_string().repeat(5);
                        let escaped = quote == '"' && text.ends_with("\\\"\"\"\"\"");
                        if text.ends_with(&five) && !escaped {
                            return self.complain(format!("unexpected {}", quotes(6)));
                        }
                        *self = first;
                        continue;
                    }
                    return Ok(&text[..text.len() - 3]);
                }
                Some(_) => {}
            }
        }
    }

    /// The rest of an escape in the string that began at `start`.
    fn escape(&mut self, start: usize) -> Lexed<()> {
        let found = self.next()?;
        let (digits, count, letter) = match found {
            Some('e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\') => return Ok(()),
            Some('x') => (2, "two", 'x'),
            Some('u') => (4, "four", 'u'),
            Some('U') => (8, "eight", 'U'),
            None | Some('\n' | '\r') => {
                let message = "unexpected end of line after '\\'".to_owned();
                return Err(Complaint { message, line: self.line });
            }
            Some(found) => {
                let message = format!("invalid escape in string '\\{found}'");
                return Err(Complaint { message, line: self.line });
            }
        };
        for _ in 0..digits {
            if !self.next()?.is_some_and(|c| c.is_ascii_hexdigit()) {
                return self.complain(format!(
                    "expected {count} hexadecimal digits after '\\{letter}', but got {} instead",
                    quote(self.since(start).as_bytes())
                ));
            }
        }
        Ok(())
    }

    /// A number, date, or word such as `true`: its shape (none for words) and its text.
    pub(super) fn word(&mut self) -> Lexed<(Option<Shape>, &'t str)> {
        let start = self.pos;
        let found = self.next()?;
        let shape = match found {
            Some('0') => self.based_number()?,
            Some('1'..='9') => self.number_or_date()?,
            Some('-' | '+') => self.signed_number(start)?,
            Some('.') => return self.complain("floats must start with a digit, not '.'"),
            None => return self.complain("unexpected EOF; expected value"),
            Some(letter) if is_letter(letter) => {
                let named = matches!(letter, 'i' | 'n')
                    && (self.accept('n')? && self.accept('f')?
                        || self.accept('a')? && self.accept('n')?);
                if named {
                    return Ok((Some(Shape::Float), self.since(start)));
                }
                // The last letter that was read counts again.
                let first = start + letter.len_utf8();
                let start = if self.pos > first { self.pos - 1 } else { start };
                self.skip_while(is_letter)?;
                let word = self.since(start);
                if !matches!(word, "true" | "false") {
                    let word = quote(word.as_bytes());
                    return self.complain(format!("expected value but found {word} instead"));
                }
                return Ok((None, word));
            }
            found => {
                let message = format!("expected value but found {} instead", shown(found));
                return if found == Some('\n') {
                    self.complain_before(message)
                } else {
                    self.complain(message)
                };
            }
        };
        Ok((Some(shape), self.since(start)))
    }

    fn number_or_date(&mut self) -> Lexed<Shape> {
        self.skip_while(|c| c.is_ascii_digit())?;
        match self.peek()? {
            Some('-' | ':') => {
                let part = |c: char| {
                    c.is_ascii_digit()
                        || matches!(c, '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+')
                };
                self.skip_while(part)?;
                Ok(Shape::Datetime)
            }
            Some('_') => self.decimal(),
            Some('.' | 'e' | 'E') => self.float(),
            _ => Ok(Shape::Integer),
        }
    }

    fn decimal(&mut self) -> Lexed<Shape> {
        self.skip_while(|c| c.is_ascii_digit() || c == '_')?;
        match self.peek()? {
            Some('.' | 'e' | 'E') => self.float(),
            _ => Ok(Shape::Integer),
        }
    }

    fn float(&mut self) -> Lexed<Shape> {
        let part = |c: char| c.is_ascii_digit() || matches!(c, '_' | '.' | '-' | '+' | 'e' | 'E');
        self.skip_while(part)?;
        Ok(Shape::Float)
    }

    /// A number behind its first digit, a zero.
    fn based_number(&mut self) -> Lexed<Shape> {
        let Some(base) = self.peek()? else { return Ok(Shape::Integer) };
        let (fits, name): (fn(char) -> bool, _) = match base {
            '0'..='9' => {
                self.next()?;
                return self.number_or_date();
            }
            '_' => return self.decimal(),
            '.' | 'e' | 'E' => return self.float(),
            'b' => (|c| matches!(c, '0' | '1'), "a binary"),
            'o' => (|c| matches!(c, '0'..='7'), "an octal"),
            'x' => (|c| c.is_ascii_hexdigit(), "a hexadecimal"),
            _ => return Ok(Shape::Integer),
        };
        self.next()?;
        let first = self.peek()?;
        if !first.is_some_and(fits) {
            let first = first.unwrap_or('\0');
            return self.complain(format!("not {name} number: '0{base}{first}'"));
        }
        self.skip_while(|c| fits(c) || c == '_')?;
        Ok(Shape::Integer)
    }

    fn signed_number(&mut self, start: usize) -> Lexed<Shape> {
        let found = self.next()?;
        for (first, rest) in [('i', ['n', 'f']), ('n', ['a', 'n'])] {
            if found == Some(first) {
                if self.accept(rest[0])? && self.accept(rest[1])? {
                    return Ok(Shape::Float);
                }
                return self.complain(format!("invalid float: '{}'", self.since(start)));
            }
        }
        match found {
            Some('0') if matches!(self.peek()?, Some('b' | 'o' | 'x')) => {
                let base = self.peek()?.unwrap_or_default();
                self.complain(format!(
                    "cannot use sign with non-decimal numbers: '{}{base}'",
                    self.since(start)
                ))
            }
            Some('0'..='9') => self.decimal(),
            Some('.') => self.complain("floats must start with a digit, not '.'"),
            found => self.complain(format!("expected a digit but got {}", shown(found))),
        }
    }
}
