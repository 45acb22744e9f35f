//! Tags and the directives in front of a document.

use super::scan::{Kind, Problem, Scanner, Token};
use super::text::is_word;

impl<'t> Scanner<'t> {
    pub(super) fn fetch_tag(&mut self) -> Result<(), Problem> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.pos;
        let (handle, suffix) = if self.cursor.at(1) == b'<' {
            self.cursor.skip(2);
            let suffix = self.take_tag_uri("")?;
            if self.cursor.byte() != b'>' {
                return self.fail("did not find the expected '>'");
            }
            self.cursor.skip(1);
            ("", suffix)
        } else {
            let handle = self.take_tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.take_tag_uri("")?)
            } else {
                let suffix = self.take_tag_uri(handle)?;
                if suffix.is_empty() { ("", handle.into()) } else { ("!", suffix) }
            }
        };
        if !self.cursor.is_blankz(0) {
            return self.fail("did not find expected whitespace or line break");
        }
        self.push(Kind::Tag { handle, suffix }, start, self.cursor.line);
        Ok(())
    }

    fn take_tag_handle(&mut self, directive: bool) -> Result<&'t str, Problem> {
        let start = self.cursor.pos;
        if self.cursor.byte() != b'!' {
            return self.fail("did not find expected '!'");
        }
        self.cursor.skip(1);
        self.take_word();
        if self.cursor.byte() == b'!' {
            self.cursor.skip(1);
        } else if directive && self.cursor.pos - start > 1 {
            return self.fail("did not find expected '!'");
        }
        Ok(self.cursor.slice(start, self.cursor.pos))
    }

    /// The rest of a tag; `head` is what was taken for a handle and turned out not to be one.
    fn take_tag_uri(&mut self, head: &str) -> Result<Vec<u8>, Problem> {
        let mut uri = head.as_bytes().get(1..).unwrap_or_default().to_vec();
        let mut found = !head.is_empty();
        loop {
            let byte = self.cursor.byte();
            if byte == b'%' {
                self.take_uri_escape(&mut uri)?;
            } else if byte != 0 && (is_word(byte) || b";/?:@&=+$,.!~*'()[]".contains(&byte)) {
                uri.push(byte);
                self.cursor.skip(1);
            } else {
                break;
            }
            found = true;
        }
        if found { Ok(uri) } else { self.fail("did not find expected tag URI") }
    }

    /// One percent-encoded UTF-8 character.
    fn take_uri_escape(&mut self, uri: &mut Vec<u8>) -> Result<(), Problem> {
        let mut left = 1;
        let mut first = true;
        while left > 0 {
            let digits =
                [self.cursor.at(1), self.cursor.at(2)].map(|byte| char::from(byte).to_digit(16));
            let (b'%', [Some(high), Some(low)]) = (self.cursor.byte(), digits) else {
                return self.fail("did not find URI escaped octet");
            };
            let octet = (high << 4 | low) as u8;
            if first {
                left = match octet {
                    0..0x80 => 1,
                    0xc0..0xe0 => 2,
                    0xe0..0xf0 => 3,
                    0xf0..0xf8 => 4,
                    _ => return self.fail("found an incorrect leading UTF-8 octet"),
                };
                first = false;
            } else if octet & 0xc0 != 0x80 {
                return self.fail("found an incorrect trailing UTF-8 octet");
            }
            uri.push(octet);
            self.cursor.skip(3);
            left -= 1;
        }
        Ok(())
    }

    pub(super) fn fetch_directive(&mut self) -> Result<(), Problem> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let (start, line) = (self.cursor.pos, self.cursor.line);
        self.cursor.skip(1);
        let name = self.take_word();
        if name.is_empty() {
            return self.fail("could not find expected directive name");
        }
        if !self.cursor.is_blankz(0) {
            return self.fail("found unexpected non-alphabetical character");
        }
        let kind = match name {
            "YAML" => self.scan_version()?,
            "TAG" => self.scan_tag_directive()?,
            _ => return self.fail("found unknown directive name"),
        };
        let end = self.cursor.pos;
        self.end_line()?;
        self.queue.push_back(Token { kind, start, end, line });
        Ok(())
    }

    /// Blanks and a comment up to the end of the line.
    pub(super) fn end_line(&mut self) -> Result<(), Problem> {
        self.cursor.skip_blanks();
        if self.cursor.byte() == b'#' {
            self.cursor.skip_to_break();
        }
        if !self.cursor.is_breakz(0) {
            return self.fail("did not find expected comment or line break");
        }
        self.cursor.take_break();
        Ok(())
    }

    fn scan_version(&mut self) -> Result<Kind<'t>, Problem> {
        self.cursor.skip_blanks();
        let major = self.take_version_number()?;
        if self.cursor.byte() != b'.' {
            return self.fail("did not find expected digit or '.' character");
        }
        self.cursor.skip(1);
        Ok(Kind::Version(major, self.take_version_number()?))
    }

    fn take_version_number(&mut self) -> Result<u8, Problem> {
        let mut number = 0;
        let start = self.cursor.pos;
        while self.cursor.byte().is_ascii_digit() {
            if self.cursor.pos - start == 2 {
                return self.fail("found extremely long version number");
            }
            number = number * 10 + (self.cursor.byte() - b'0');
            self.cursor.skip(1);
        }
        if self.cursor.pos == start {
            return self.fail("did not find expected version number");
        }
        Ok(number)
    }

    fn scan_tag_directive(&mut self) -> Result<Kind<'t>, Problem> {
        self.cursor.skip_blanks();
        let handle = self.take_tag_handle(true)?;
        if !matches!(self.cursor.byte(), b' ' | b'\t') {
            return self.fail("did not find expected whitespace");
        }
        self.cursor.skip_blanks();
        let prefix = self.take_tag_uri("")?;
        if !self.cursor.is_blankz(0) {
            return self.fail("did not find expected whitespace or line break");
        }
        Ok(Kind::TagDirective { handle, prefix })
    }
}
